import CLinux
import Glibc
import Synchronization
import SystemPackage

/// A folder that was opened once and is held: what is done below it is done by its descriptor, so that nothing that others
/// rename or link meanwhile leads anywhere else. What lies below it is a ``Place``.
///
/// Only the path that it is opened by may lead through links: it is what an administrator has named.
package final class OpenFolder: Sendable {
  /// What it is called in messages.
  package let path: FilePath
  let descriptor: Int32
  /// The folders below it, itself included, in which dead drafts were looked for.
  private let looked = Mutex<Set<[[UInt8]]>>([])

  /// Opens a folder by the path that an administrator has named.
  ///
  /// - Throws: ``FileError``, `ENOTDIR` for what is no folder.
  package convenience init(_ path: FilePath) throws(FileError) {
    let raw = path.withPlatformString { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard raw >= 0 else { throw .current("open the folder", path) }
    self.init(taking: raw, path)
  }

  /// Opens a folder by the path that an administrator has named, and makes what is missing of it; nothing is made through
  /// a link that leads nowhere.
  package static func making(_ path: FilePath, permissions: UInt32 = 0o755) throws(FileError) -> OpenFolder {
    do {
      return try OpenFolder(path)
    } catch {
      guard error.reason == .noSuchFileOrDirectory, let name = path.lastComponent else { throw error }
      let parent = path.removingLastComponent()
      let folder = try making(parent.isEmpty ? "." : parent, permissions: permissions)
      let place = folder.place.appending(bytes: name.bytes)
      try place.makeFolder(permissions: permissions)
      return OpenFolder(taking: try place.openRaw("open the folder", O_RDONLY | O_DIRECTORY), path)
    }
  }

  /// Opens what an administrator has named; `nil` if it is something else than a folder.
  package static func ifFolder(_ path: FilePath) throws(FileError) -> OpenFolder? {
    do {
      return try OpenFolder(path)
    } catch {
      guard error.reason == .notDirectory else { throw error }
      return nil
    }
  }

  init(taking descriptor: Int32, _ path: FilePath) {
    self.descriptor = descriptor
    self.path = path
  }

  deinit { close(descriptor) }

  /// Notes that dead drafts are looked for in a folder of it.
  ///
  /// - Returns: whether that is for the first time.
  func isFirstLook(at place: Place) -> Bool { looked.withLock { $0.insert(place.parts).inserted } }

  /// Locks the folder until this object is gone, however the process ends: no file is made for it. Other opened folders,
  /// also of this process, are locked out, as far as they ask.
  ///
  /// - Returns: `false` when somebody else has it. Where a file system has no such locks, nobody is locked out.
  package func takeLock() throws(FileError) -> Bool {
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
    let error = FileError.current("lock", path)
    if error.reason == .wouldBlock { return false }
    guard [EBADF, EINVAL, ENOSYS, ENOLCK, EOPNOTSUPP].contains(error.reason.rawValue) else { throw error }
    return true
  }

  /// The folder itself, as the place that others lie below.
  package var place: Place { Place(in: self) }
}

extension FilePath.Component {
  /// The bytes of the name.
  var bytes: [UInt8] { withPlatformString { Array(String.bytes(of: $0)) } }
}

extension String {
  /// The bytes of a C string.
  static func bytes(of text: UnsafePointer<CChar>) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: text, count: strlen(text))
  }
}
