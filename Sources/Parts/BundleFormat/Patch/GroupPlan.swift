import MirrorTypes
import SystemPackage

/// A new file, and the old ones that it may resemble.
package struct NewFile: Sendable, Hashable {
  /// A path that it has, its object and its size.
  package var file: Extent
  /// Old files, the likeliest first.
  package var bases: [Extent]

  /// A new file.
  package init(_ file: Extent, bases: [Extent]) {
    self.file = file
    self.bases = bases
  }
}

/// Puts new files into groups: neighbours in the tree together, since they resemble each other too.
package struct GroupPlan {
  /// How much a group may have, in bytes: so much memory each thread needs, a few times over.
  package struct Limits: Sendable, Hashable {
    /// Bytes of new files.
    package var content: Int64 = 4 << 20
    /// Bytes of old files.
    package var bases: Int64 = 8 << 20
    /// Bytes of a file that is compressed piece by piece if it has more.
    package var piece: Int64 = 8 << 20

    /// The limits for volumes of a size: a group has to fit one, even if it cannot be compressed at all.
    package init(volumeSize: Int64 = .max) {
      let room = volumeSize / 2
      content = min(content, room)
      piece = min(piece, room)
    }
  }

  private let limits: Limits
  private let objectPath: (ObjectDigest) -> FilePath
  private var open = PatchGroup(bases: [], objects: [])
  private var known = Set<ObjectDigest>()
  private var baseBytes = ByteCount.zero
  private var contentBytes = ByteCount.zero

  /// The groups that are complete.
  package private(set) var groups: [PatchGroup] = []

  /// A plan without groups.
  ///
  /// - Parameter objectPath: where an object lies; large files are looked into.
  package init(limits: Limits = Limits(), objectPath: @escaping (ObjectDigest) -> FilePath) {
    self.limits = limits
    self.objectPath = objectPath
  }

  /// Adds a new file. Files come in the order of their paths.
  package mutating func add(_ file: NewFile) throws(BundleError) {
    guard file.file.size <= limits.piece else { return try addLarge(file) }
    let bases = file.bases.filter { $0.size <= limits.bases && !known.contains($0.object) }
    let added = bases.totalBytes(\.size)
    if (contentBytes + file.file.size).value > limits.content || (baseBytes + added).value > limits.bases
      || open.objects.count + 1 >= PatchGroup.maximumFiles
      || open.bases.count + bases.count >= PatchGroup.maximumFiles
    {
      close()
    }
    for base in file.bases where base.size <= limits.bases && known.insert(base.object).inserted {
      open.bases.append(base)
      baseBytes.add(base.size)
    }
    open.objects.append(file.file)
    contentBytes.add(file.file.size)
  }

  /// Ends the last group.
  package mutating func close() {
    if !open.objects.isEmpty { groups.append(open) }
    open = PatchGroup(bases: [], objects: [])
    known = []
    (baseBytes, contentBytes) = (.zero, .zero)
  }

  /// Cuts a large file into pieces, each with the stretch of the old file that it resembles most.
  private mutating func addLarge(_ file: NewFile) throws(BundleError) {
    close()
    let old = file.bases.first { $0.size > 0 }
    let matching = try old.map { (old) throws(BundleError) in try StretchMatching(objectPath(old.object), old.size) }
    let new = file.file
    let starts = stride(from: 0, to: new.size, by: Int(limits.piece))
    let pieces = starts.map { $0..<min($0 + limits.piece, new.size) }
    let windows = try matching?.windows(
      for: pieces,
      of: objectPath(new.object),
      new.object,
      length: limits.bases * 2
    )
    for (index, piece) in pieces.enumerated() {
      var bases: [Extent] = []
      if let old, let window = windows?[index] {
        bases = [Extent(old.path, old.object, size: old.size, offset: window.lowerBound, length: Int64(window.count))]
      }
      let part = Extent(new.path, new.object, size: new.size, offset: piece.lowerBound, length: Int64(piece.count))
      groups.append(PatchGroup(bases: bases, objects: [part]))
    }
  }
}
