import FileSystem
import SystemPackage

/// Finds places of a file that its content chooses, so that insertions before them do not move them: where a gear hash
/// over the last 64 bytes begins with zeros. Stretches that two files have in common have these places in common.
struct ContentPlaces {
  private let mask: UInt64

  /// Places of which there is one in some `2^bits` bytes.
  init(bits: Int) { mask = ~(UInt64.max >> UInt64(bits)) }

  /// Reads a file, and calls `found` at each place.
  ///
  /// - Parameters:
  ///   - each: takes all bytes, in order.
  ///   - found: takes the hash of the bytes before a place, and its offset.
  /// - Throws: ``BundleError/file(_:)``.
  func scan(
    _ path: FilePath,
    _ each: (UnsafeRawBufferPointer) -> Void = { _ in },
    _ found: (_ hash: UInt64, _ offset: Int64) -> Void
  ) throws(BundleError) {
    do throws(FileError) {
      let file = try InputFile(path)
      file.adviseSequential()
      var buffer = [UInt8](repeating: 0, count: min(1 << 20, max(1, Int(clamping: file.size))))
      var hash: UInt64 = 0
      var offset: Int64 = 0
      while true {
        let count = try file.read(into: &buffer)
        if count == 0 { return }
        buffer.withUnsafeBytes { bytes in
          each(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
          Self.gear.withUnsafeBufferPointer { gear in
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
