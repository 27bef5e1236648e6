import Glibc
import SystemPackage

/// A call to the operating system that failed on a file or folder.
public struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was being done, as a verb: `open`, `write`, `rename`…
  public let operation: String
  /// The file or folder it was done to.
  public let path: FilePath
  /// The operating system's reason.
  public let reason: Errno

  /// A failure with a known reason.
  public init(_ operation: String, _ path: FilePath, _ reason: Errno) {
    self.operation = operation
    self.path = path
    self.reason = reason
  }

  /// A failure with the reason that the C library has just left in `errno`.
  public static func current(_ operation: String, _ path: FilePath) -> FileError {
    FileError(operation, path, Errno(rawValue: errno))
  }

  /// Whether the file system has no more room (blocks, inodes or quota).
  public var isOutOfSpace: Bool { reason == .noSpace || reason.rawValue == EDQUOT }

  /// Whether the medium or disk itself failed, as when a stick is pulled.
  public var isDeviceFailure: Bool {
    [EIO, ENODEV, ENXIO, ENOMEDIUM, ESTALE, ENOTCONN].contains(reason.rawValue)
  }

  /// Whether what is there is no plain file, or one with more bytes than it may have.
  public var isNoSuchPlainFile: Bool { [EFBIG, ELOOP, EINVAL, EISDIR].contains(reason.rawValue) }

  /// The failure in words.
  public var description: String { "cannot \(operation) \(path): \(reason)" }
}
