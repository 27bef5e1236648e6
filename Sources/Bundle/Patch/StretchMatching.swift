import Crypto
import FileSystem
import MirrorTypes
import SystemPackage

/// Finds which stretch of a large old file a piece of a new one resembles, wherever insertions have moved it.
///
/// Both files are cut at places that their content chooses (a gear hash over the last 64 bytes); places that both have
/// vote for where a piece came from.
struct StretchMatching {
  private let oldSize: Int64
  /// Offsets in the old file by the hash of the bytes before them.
  private var places: [UInt64: Int64] = [:]
  private let mask: UInt64

  /// Reads the old file.
  init(_ path: FilePath, _ size: Int64) throws(BundleError) {
    oldSize = size
    mask = Self.mask(for: size)
    var places: [UInt64: Int64] = [:]
    try Self.scan(path, mask) { hash, offset in
      if places.count < Self.mostPlaces { places[hash] = offset }
    }
    self.places = places
  }

  private static let mostPlaces = 1 << 18

  /// So many high bits are zero at one place of some 4 KiB, and fewer places in very large files.
  private static func mask(for size: Int64) -> UInt64 {
    var bits = 12
    while size >> bits > Int64(mostPlaces / 2) { bits += 1 }
    return ~(UInt64.max >> UInt64(bits))
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
    try Self.scan(path, mask, { hasher.update(bufferPointer: $0) }) { hash, offset in
      while index < pieces.count, offset >= pieces[index].upperBound { index += 1 }
      if index < pieces.count, let place = places[hash] { found[index].append(place) }
    }
    guard ObjectDigest(bytes: hasher.finalize()) == object else { throw .objectMismatch(object, path) }
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

  /// Reads a file and calls `found` at each place that its content chooses.
  private static func scan(
    _ path: FilePath,
    _ mask: UInt64,
    _ each: (UnsafeRawBufferPointer) -> Void = { _ in },
    _ found: (_ hash: UInt64, _ offset: Int64) -> Void
  ) throws(BundleError) {
    do throws(FileError) {
      let file = try InputFile(path)
      file.adviseSequential()
      var buffer = [UInt8](repeating: 0, count: 1 << 20)
      var hash: UInt64 = 0
      var offset: Int64 = 0
      while true {
        let count = try file.read(into: &buffer)
        if count == 0 { return }
        buffer.withUnsafeBytes { bytes in
          each(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
          gear.withUnsafeBufferPointer { gear in
            for place in 0..<count {
              hash = (hash << 1) &+ gear[Int(bytes[place])]
              if hash & mask == 0 { found(hash, offset + Int64(place) + 1) }
            }
          }
        }
        offset += Int64(count)
      }
    } catch {
      throw .file(error)
    }
  }

  /// A random number for each byte, always the same (splitmix64).
  private static let gear: [UInt64] = {
    var state: UInt64 = 0x6b73_636d_6972_726f
    return (0..<256).map { _ in
      state &+= 0x9e37_79b9_7f4a_7c15
      var value = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
      value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
      return value ^ (value >> 31)
    }
  }()
}
