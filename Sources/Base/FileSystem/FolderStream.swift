import Glibc
import SystemPackage

/// The names in a folder, one after the other, in the order that its file system has. It closes with this object.
final class FolderStream {
  private let stream: OpaquePointer
  private let path: FilePath

  /// Reads an open stream, whose folder is called `path` in errors.
  init(_ stream: OpaquePointer, _ path: FilePath) {
    self.stream = stream
    self.path = path
  }

  /// Reads an open folder, and takes the descriptor over.
  convenience init(open raw: Int32, _ path: FilePath) throws(FileError) {
    guard let stream = fdopendir(raw) else {
      let error = FileError.current("read the folder", path)
      close(raw)
      throw error
    }
    self.init(stream, path)
  }

  deinit { closedir(stream) }

  /// The folder's descriptor.
  var descriptor: Int32 { dirfd(stream) }

  /// The next name; `nil` at the end. `.` and `..` are passed over.
  func next() throws(FileError) -> Files.Entry? {
    while true {
      errno = 0
      guard let record = readdir(stream) else {
        guard errno == 0 else { throw .current("read the folder", path) }
        return nil
      }
      let bytes = withUnsafeBytes(of: &record.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      let dot = UInt8(ascii: ".")
      guard bytes != [dot], bytes != [dot, dot] else { continue }
      return Files.Entry(
        name: String(decoding: bytes, as: UTF8.self),
        bytes: bytes,
        kind: Self.kind(ofType: record.pointee.d_type)
      )
    }
  }

  /// Begins anew.
  func rewind() { rewinddir(stream) }

  private static func kind(ofType type: UInt8) -> FileStatus.Kind? {
    switch Int(type) {
    case Int(DT_REG): .file
    case Int(DT_DIR): .folder
    case Int(DT_LNK): .link
    case Int(DT_UNKNOWN): nil
    default: .special
    }
  }
}
