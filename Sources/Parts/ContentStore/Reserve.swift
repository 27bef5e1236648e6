import Catalogue
import FileSystem
import SystemPackage

/// A file of a store whose only use is the room that it takes: on a full disk, whoever makes room removes it first, since
/// the catalogue and the journal take some while snapshots are struck out.
///
/// It is made again when the store is closed and there is room. Its bytes are such that no file system makes fewer of them.
struct Reserve {
  private let path: FilePath
  private let catalogue: FilePath

  init(_ layout: StoreLayout) {
    path = StoreMap(layout.root)[.reserve]
    catalogue = layout.catalogue
  }

  /// In bytes. What a prune writes to the catalogue's log grows with the catalogue, but is written step by step.
  private static let (smallest, largest): (Int64, Int64) = (2 << 20, 64 << 20)
  /// Of so many times its size that are free, the reserve may take its part.
  private static let share: Int64 = 2

  /// How large it has to be for a catalogue of a size.
  static func size(forCatalogue bytes: Int64) -> Int64 { min(largest, max(smallest, bytes / 4)) }

  /// Gives its room back.
  func give() throws(FileError) { try Files.remove(path) }

  /// Makes it, or makes it larger, where there is room. That it cannot be made is no failure: nothing is lost by it.
  func keep() {
    guard let files = try? (Files.status(path), Files.status(catalogue)), let database = files.1 else { return }
    let size = Self.size(forCatalogue: database.size)
    let present = files.0?.kind == .file ? files.0?.size ?? 0 : 0
    guard present < size, let space = try? FreeSpace(at: catalogue.removingLastComponent()),
      space.bytes / Self.share >= size, space.inodes.map({ $0 > 1000 }) ?? true
    else { return }
    do { try write(size - present) } catch { try? Files.remove(path) }
  }

  private func write(_ count: Int64) throws(FileError) {
    var file = try OutputFile(path, permissions: 0o600, append: true)
    var rest = count
    var block = [UInt8](repeating: 0, count: 1 << 16)
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    while rest > 0 {
      block.withUnsafeMutableBytes { bytes in
        for index in stride(from: 0, to: bytes.count, by: 8) {
          // xorshift64 (Marsaglia, 2003).
          state ^= state << 13
          state ^= state >> 7
          state ^= state << 17
          bytes.storeBytes(of: state, toByteOffset: index, as: UInt64.self)
        }
      }
      let part = Int(min(rest, Int64(block.count)))
      try block.withUnsafeBufferPointer { (bytes) throws(FileError) in
        try file.write(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[..<part])))
      }
      rest -= Int64(part)
    }
    try file.close()
  }
}
