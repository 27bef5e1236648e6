import FileSystem
import MirrorTypes

/// What files and folders of a bundle take on a medium beside their bytes: each begins a block of its own, and on large
/// exFAT sticks a block has 128 KiB and more.
///
/// All that judges whether something fits a medium counts by this.
struct MediumBlocks: Hashable, Sendable {
  /// The bytes of a block.
  private let size: Int64

  /// - Parameters:
  ///   - size: the bytes of a block of the file system.
  ///   - smallest: what a block has at the least, where a file system may not say how large its blocks are.
  init(size: Int64, atLeast smallest: Int64 = 1) { self.size = max(1, size, smallest) }

  /// Files of a bundle that are no volumes: tag files, lists, label, metadata, and a root or two.
  static let bundleFiles = 14
  /// Its folder, those in it, and the entries in the folder that it lies in.
  static let bundleFolders = 6

  /// Rounding `files` files and folders up to whole blocks takes at most so many bytes.
  func most(_ files: Int) -> Int64 { (ByteCount(clamping: size) * files).value }

  /// A bundle whose volumes have `bytes` bytes takes at least so many: no small file takes less than a block.
  func least(bundle bytes: Int64) -> Int64 {
    let whole = (bytes + (size - 1)) / size * size
    return (ByteCount(clamping: max(bytes, whole)) + most(Self.bundleFiles / 2 + Self.bundleFolders / 2)).value
  }

  /// Of `room` bytes, what a bundle's volumes may have.
  ///
  /// - Parameter volumes: how many files they are.
  func left(of room: Int64, volumes: Int) -> Int64 {
    room - most(Self.bundleFiles + Self.bundleFolders + max(1, volumes))
  }
}
