import CLinux
import Glibc
import SystemPackage

/// The file operations that stores and bundles are made of: each names its path when it fails.
package enum Files {
  /// What `path` is; `nil` when there is nothing.
  package static func status(_ path: FilePath) throws(FileError) -> FileStatus? {
    var record = stat()
    guard lstat(path.string, &record) == 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw .current("examine", path)
    }
    return FileStatus(record)
  }

  /// The path of what `path` leads to, all links followed.
  package static func resolvingLinks(_ path: FilePath) throws(FileError) -> FilePath {
    guard let resolved = realpath(path.string, nil) else { throw .current("find", path) }
    defer { free(resolved) }
    return FilePath(String(cString: resolved))
  }

  /// Makes a folder, and those above it that are missing, with these permissions whatever the umask is. One that exists is
  /// left as it is.
  package static func makeFolder(_ path: FilePath, permissions: UInt32 = 0o755) throws(FileError) {
    if mkdir(path.string, permissions) == 0 { return try ExactPermissions.restore(permissions, ofFolder: path) }
    if errno == EEXIST { return }
    guard errno == ENOENT else { throw .current("make the folder", path) }
    let parent = path.removingLastComponent()
    guard !parent.isEmpty, parent != path else { throw .current("make the folder", path) }
    try makeFolder(parent, permissions: permissions)
    if mkdir(path.string, permissions) == 0 { return try ExactPermissions.restore(permissions, ofFolder: path) }
    guard errno == EEXIST else { throw .current("make the folder", path) }
  }

  /// Gives the file at `old` the name `new` in one step, taking the place of what was there.
  package static func rename(_ old: FilePath, to new: FilePath) throws(FileError) {
    guard Glibc.rename(old.string, new.string) == 0 else { throw .current("rename to \(new)", old) }
  }

  /// Gives the file at `existing` a second name.
  package static func link(_ existing: FilePath, to new: FilePath) throws(FileError) {
    guard Glibc.link(existing.string, new.string) == 0 else { throw .current("link to \(new)", existing) }
  }

  /// Makes a symbolic link with `target` as its text.
  package static func makeLink(_ path: FilePath, to target: String) throws(FileError) {
    guard symlink(target, path.string) == 0 else { throw .current("make the link", path) }
  }

  /// The text of a symbolic link; `nil` if there is no link of this name, or one of more than 4,095 bytes.
  package static func linkTarget(_ path: FilePath) throws(FileError) -> String? {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink(path.string, &buffer, buffer.count)
    guard count >= 0 else {
      if errno == ENOENT || errno == EINVAL || errno == ENOTDIR { return nil }
      throw .current("read the link", path)
    }
    return count < buffer.count ? String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
  }

  /// Removes a file. One that is not there is no error.
  package static func remove(_ path: FilePath) throws(FileError) {
    guard unlink(path.string) == 0 || errno == ENOENT else { throw .current("remove", path) }
  }

  /// Removes a folder with all below it, following no link. One that is not there is no error.
  package static func removeTree(_ path: FilePath) throws(FileError) {
    guard try status(path) != nil else { return }
    try Place(at: path).removeTree()
  }

  /// One name in a folder.
  package struct Entry: Hashable, Sendable {
    /// The name, without the folder, as text: what is no UTF-8 in it is replaced.
    package let name: String
    /// The bytes of the name.
    package let bytes: [UInt8]
    /// What the folder says the kind is; `nil` when the file system does not tell.
    package let kind: FileStatus.Kind?
  }

  /// The names in a folder, sorted, without `.` and `..`.
  ///
  /// - Parameter limit: how many of them are read: of a folder that is a stranger's, no more than are looked at.
  package static func entries(of folder: FilePath, atMost limit: Int = .max) throws(FileError) -> [Entry] {
    guard let stream = opendir(folder.string) else { throw .current("read the folder", folder) }
    let names = FolderStream(stream, folder)
    var found: [Entry] = []
    while found.count < limit, let entry = try names.next() { found.append(entry) }
    return found.sorted { $0.name < $1.name }
  }

  /// Reads a whole small file, a plain one only.
  ///
  /// - Parameter limit: the most bytes it may have; a longer one fails with `EFBIG`.
  package static func read(_ path: FilePath, atMost limit: Int) throws(FileError) -> [UInt8] {
    try InputFile(path).bytes(atMost: limit)
  }

  /// Writes a small file so that a reader, now or after a power cut, sees the old content or the new, whole.
  package static func replace(
    _ path: FilePath,
    with bytes: some Collection<UInt8>,
    permissions: UInt32 = 0o644
  ) throws(FileError) {
    try Place(at: path).replace(with: Array(bytes), permissions: permissions)
  }

  /// The most bytes that a file may have on a file system of this kind; `nil` where no bound is known that matters.
  static func largestFile(onKind kind: Int) -> Int64? {
    // MSDOS_SUPER_MAGIC: a FAT, whose files have sizes of 32 bits.
    kind == 0x4d44 ? (1 << 32) - 1 : nil
  }

  /// Writes a folder's names to the disk.
  package static func syncFolder(_ path: FilePath) throws(FileError) {
    let shown: FilePath = path.isEmpty ? "." : path
    let raw = open(shown.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard raw >= 0 else { throw .current("open", shown) }
    defer { Glibc.close(raw) }
    try syncFolder(open: raw, shown)
  }

  static func syncFolder(open raw: Int32, _ shown: FilePath) throws(FileError) {
    // Some file systems (FAT by FUSE, SMB) cannot sync a folder and say so.
    guard fsync(raw) == 0 || errno == EINVAL || errno == ENOTSUP else { throw .current("sync", shown) }
  }

  /// Writes everything that the file system holding `path` still has in memory to the disk: one call for many files.
  package static func syncFileSystem(containing path: FilePath) throws(FileError) {
    let raw = open(path.string, O_RDONLY | O_CLOEXEC)
    guard raw >= 0 else { throw .current("open", path) }
    defer { Glibc.close(raw) }
    guard syncfs(raw) == 0 else { throw .current("sync", path) }
  }
}
