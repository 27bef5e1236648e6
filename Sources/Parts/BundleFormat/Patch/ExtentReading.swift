import FileSystem
import MirrorTypes
import SystemPackage

/// Reads stretches of objects into one buffer.
enum ExtentReading {
  /// The bytes of all extents, one after the other.
  ///
  /// - Throws: ``FileError``; `EINVAL` for a file that has another size than it should.
  static func read(
    _ extents: [Extent],
    _ objectPath: (ObjectDigest) -> FilePath
  ) throws(FileError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Int(extents.totalBytes(\.length)))
    var start = 0
    for extent in extents {
      let end = start + Int(extent.length)
      let path = objectPath(extent.object)
      let file = try InputFile(path)
      guard file.size == extent.size else { throw FileError("read", path, .invalidArgument) }
      try bytes.withUnsafeMutableBufferPointer { (all) throws(FileError) in
        let part = UnsafeMutableBufferPointer(rebasing: all[start..<end])
        try file.read(UnsafeMutableRawBufferPointer(part), at: extent.offset)
      }
      start = end
    }
    return bytes
  }
}
