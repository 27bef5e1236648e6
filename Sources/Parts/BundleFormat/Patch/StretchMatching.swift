import Crypto
import MirrorTypes
import SystemPackage

/// Finds which stretch of a large old file a piece of a new one resembles, wherever insertions have moved it.
///
/// Places that both files have (``ContentPlaces``) vote for where a piece came from.
struct StretchMatching {
  private let oldSize: Int64
  /// Offsets in the old file by the hash of the bytes before them.
  private var offsets: [UInt64: Int64] = [:]
  private let places: ContentPlaces

  /// Reads the old file.
  init(_ path: FilePath, _ size: Int64) throws(BundleError) {
    oldSize = size
    places = ContentPlaces(bits: Self.bits(for: size))
    var offsets: [UInt64: Int64] = [:]
    try places.scan(path) { hash, offset in
      if offsets.count < Self.mostPlaces { offsets[hash] = offset }
    }
    self.offsets = offsets
  }

  private static let mostPlaces = 1 << 18

  /// One place in some 4 KiB, and fewer in very large files.
  private static func bits(for size: Int64) -> Int {
    var bits = 12
    while size >> bits > Int64(mostPlaces / 2) { bits += 1 }
    return bits
  }

  /// For each piece of the new file, the stretch of the old one, at most `length` bytes, that most of its places lie in;
  /// `nil` for a piece that resembles nothing.
  ///
  /// - Throws: ``BundleError/objectMismatch(_:_:)`` when the new file's bytes are not those of `object`.
  func windows(
    for pieces: [Range<Int64>],
    of path: FilePath,
    _ object: ObjectDigest,
    length: Int64
  ) throws(BundleError) -> [Range<Int64>?] {
    var found = pieces.map { _ in [Int64]() }
    var hasher = SHA256()
    var index = 0
    try places.scan(path, { hasher.update(bufferPointer: $0) }) { hash, offset in
      while index < pieces.count, offset >= pieces[index].upperBound { index += 1 }
      if index < pieces.count, let place = offsets[hash] { found[index].append(place) }
    }
    guard ObjectDigest(hasher.finalize()) == object else { throw .objectMismatch(object, path) }
    return found.map { best($0.sorted(), length) }
  }

  /// The stretch that has most of the places, with some room on both sides.
  private func best(_ places: [Int64], _ length: Int64) -> Range<Int64>? {
    let length = min(length, oldSize)
    var best = (count: 0, first: 0, last: 0)
    var first = 0
    for last in places.indices {
      while places[last] - places[first] > length * 7 / 8 { first += 1 }
      if last - first + 1 > best.count { best = (last - first + 1, first, last) }
    }
    guard best.count > 0 else { return nil }
    let margin = (length - (places[best.last] - places[best.first])) / 2
    let start = min(max(0, places[best.first] - margin), oldSize - length)
    return start..<(start + length)
  }
}
