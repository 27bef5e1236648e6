import Failures
import Glibc
import SystemPackage

/// A call to the operating system that failed on a file or folder.
package struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was being done, as a verb: `open`, `write`, `rename`…
  package let operation: String
  /// The file or folder it was done to.
  package let path: FilePath
  /// The operating system's reason.
  package let reason: Errno

  /// A failure with a known reason.
  package init(_ operation: String, _ path: FilePath, _ reason: Errno) {
    self.operation = operation
    self.path = path
    self.reason = reason
  }

  /// A failure with the reason that the C library has just left in `errno`.
  package static func current(_ operation: String, _ path: FilePath) -> FileError {
    FileError(operation, path, Errno(rawValue: errno))
  }

  /// Whether the file system has no more room (blocks, inodes or quota).
  package var isOutOfSpace: Bool { reason == .noSpace || reason.rawValue == EDQUOT }

  /// Whether the medium or disk itself failed, as when a stick is pulled.
  package var isDeviceFailure: Bool {
    [EIO, ENODEV, ENXIO, ENOMEDIUM, ESTALE, ENOTCONN].contains(reason.rawValue)
  }

  /// Whether what is there is not a regular file, or one with more bytes than it may have.
  package var isNoSuchPlainFile: Bool { [EFBIG, ELOOP, EINVAL, EISDIR].contains(reason.rawValue) }

  /// The failure in words.
  package var description: String {
    let why =
      switch reason {
      case .tooManySymbolicLinkLevels: "a symbolic link is in the way, and is not followed"
      case .invalidArgument where operation == "open": "it is not a regular file"
      default: "\(reason)"
      }
    return "cannot \(operation) \(path): \(why)"
  }
}

extension FileError: Failure {
  package var status: ExitStatus {
    if isOutOfSpace { return .noSpace }
    if isDeviceFailure { return .inputOutput }
    switch reason {
    case .readOnlyFileSystem: return .cannotCreate
    case .permissionDenied, .notPermitted: return .permission
    case .noSuchFileOrDirectory, .notDirectory: return .notThere
    default: return .inputOutput
    }
  }

  package var remedy: String? {
    if isOutOfSpace { return "Make room on the file system that holds \(path), then run the command again." }
    if isDeviceFailure { return "Check the disk or stick, then run the command again." }
    if reason == .readOnlyFileSystem { return Self.writeProtected }
    return status == .permission ? ownersRemedy : nil
  }

  /// Whose it is, where it is somebody else's: mostly what a single run as another user has left. `nil` for root, whom the
  /// owner does not keep out.
  private var ownersRemedy: String? {
    let user = geteuid()
    guard user != 0 else { return nil }
    // What is not there, or cannot be looked at, was to be made in its folder.
    var place = path
    for _ in 0..<FilePath.deepest {
      var record = stat()
      if lstat(place.string, &record) == 0, record.st_uid != user {
        let (owner, name) = (SystemUser.name(of: record.st_uid), SystemUser.name(of: user))
        return
          "\(place) belongs to user \(owner), and this is user \(name). Run the command as \(owner), or, as root, give it back: 'chown -R --no-dereference \(name) \(place)'."
      }
      // A folder that is ours lets us make and remove what is in it.
      if place != path, access(place.string, F_OK) == 0 { return nil }
      guard place.removeLastComponent() else { return nil }
    }
    return nil
  }
}

extension FileError {
  /// What helps where a file system is read-only: most often it is a stick.
  private static let writeProtected =
    "It is write-protected, or mounted read-only: move the switch of the stick, or mount it for writing ('mount -o remount,rw'), then run the command again."
}

extension FilePath {
  /// How many folders upwards are looked at.
  fileprivate static let deepest = 64
}
