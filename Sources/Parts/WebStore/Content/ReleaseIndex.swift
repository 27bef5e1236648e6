import MirrorTypes

/// The paths of a release with what has to be known to serve them, in memory: some 150 bytes a file, and found in about
/// a microsecond, without a lock or a disk.
package struct ReleaseIndex: Sendable {
  /// What is kept of a file.
  package struct Entry: Hashable, Sendable {
    /// The SHA-256 of its bytes.
    package let digest: Digest256
    /// Its size in bytes.
    package let size: Int64
    /// When its path got this content here.
    package let changed: UTCTime
  }

  /// The release's number.
  package let number: Int

  /// All paths, concatenated.
  private var text: [UInt8] = []
  /// Where each path ends in ``text``.
  private var ends: [Int] = []
  private var entries: [Entry] = []
  /// The positions of paths in the order of their lower-case forms, for those below ``foldedFolder``.
  private var folded: [Int32] = []

  /// The folder below which letters of either case are as good as the other: the vendor's names differ in case from
  /// what its indexes say.
  package static let foldedFolder = "updates/"

  /// An empty release.
  package init(number: Int) { self.number = number }

  /// How many files there are.
  package var count: Int { entries.count }

  /// Adds a file. Paths come in the order of their bytes.
  package mutating func append(_ path: some StringProtocol, digest: Digest256, size: Int64, changed: UTCTime) {
    text.append(contentsOf: path.utf8)
    precondition(
      entries.isEmpty || self.path(at: entries.count - 1).lexicographicallyPrecedes(text[(ends.last ?? 0)...]),
      "the paths of a release are not in order"
    )
    ends.append(text.count)
    entries.append(Entry(digest: digest, size: size, changed: changed))
  }

  /// Makes the look-up of paths in another case possible. To be called when all files are there.
  package mutating func finish() {
    let prefix = Array(Self.foldedFolder.utf8)
    let candidates = (0..<entries.count).filter { path(at: $0).starts(with: prefix) }
    folded = candidates.map(Int32.init).sorted { Self.foldedOrder(path(at: Int($0)), path(at: Int($1))) < 0 }
  }

  /// The file of exactly this path.
  package func entry(_ path: String) -> Entry? {
    var wanted = path
    return wanted.withUTF8 { wanted in
      guard
        let position = search(entries.count, { Self.order(wanted, self.path(at: $0)) })
      else { return nil }
      return entries[position]
    }
  }

  /// The file whose path is this one but for the case of its (ASCII) letters, with that path. If there are several, the
  /// first by its bytes.
  package func entryIgnoringCase(_ path: String) -> (path: String, entry: Entry)? {
    var wanted = path
    return wanted.withUTF8 { wanted in
      guard
        var position = search(folded.count, { Self.foldedOrder(wanted, self.path(at: Int(folded[$0]))) })
      else { return nil }
      while position > 0, Self.foldedOrder(wanted, self.path(at: Int(folded[position - 1]))) == 0 { position -= 1 }
      let found = Int(folded[position])
      return (String(decoding: self.path(at: found), as: UTF8.self), entries[found])
    }
  }

  /// All paths that begin so, in order, at most `limit`.
  package func paths(below folder: String, atMost limit: Int) -> [(path: String, entry: Entry)] {
    let prefix = Array(folder.utf8)
    var found: [(String, Entry)] = []
    for position in 0..<entries.count where found.count < limit && path(at: position).starts(with: prefix) {
      found.append((String(decoding: path(at: position), as: UTF8.self), entries[position]))
    }
    return found
  }

  /// How many paths begin so.
  package func count(below folder: String) -> Int {
    let prefix = Array(folder.utf8)
    return (0..<entries.count).count { path(at: $0).starts(with: prefix) }
  }

  private func path(at position: Int) -> ArraySlice<UInt8> {
    text[(position == 0 ? 0 : ends[position - 1])..<ends[position]]
  }

  /// The position at which `compare` says 0, of positions that are in order.
  private func search(_ count: Int, _ compare: (Int) -> Int) -> Int? {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      let order = compare(middle)
      if order == 0 { return middle }
      if order < 0 { high = middle } else { low = middle + 1 }
    }
    return nil
  }

  /// Less than, equal to or more than 0, as `left` comes before, is, or comes after `right`.
  private static func order(_ left: UnsafeBufferPointer<UInt8>, _ right: ArraySlice<UInt8>) -> Int {
    right.withUnsafeBufferPointer { right in
      let count = min(left.count, right.count)
      for position in 0..<count where left[position] != right[position] {
        return Int(left[position]) - Int(right[position])
      }
      return left.count - right.count
    }
  }

  private static func foldedOrder(_ left: some Collection<UInt8>, _ right: ArraySlice<UInt8>) -> Int {
    var (left, right) = (left.makeIterator(), right.makeIterator())
    while true {
      switch (left.next(), right.next()) {
      case (nil, nil): return 0
      case (nil, _): return -1
      case (_, nil): return 1
      case (let first?, let second?):
        let difference = Int(lowered(first)) - Int(lowered(second))
        if difference != 0 { return difference }
      }
    }
  }

  private static func lowered(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
}
