import CLinux
import Glibc
import SystemPackage

/// What a path leads to, without following a link at its end.
package struct FileStatus: Hashable, Sendable {
  /// Kinds of file that matter here.
  package enum Kind: Hashable, Sendable {
    case file
    case folder
    case link
    /// A device, socket or pipe.
    case special
  }

  /// The kind of file.
  package let kind: Kind
  /// Its size in bytes.
  package let size: Int64
  /// How many names it has.
  package let links: Int
  /// Its inode number.
  package let inode: UInt64
  /// The number of the file system that holds it.
  package let device: UInt64
  /// When its content last changed, in seconds since 1970.
  package let modified: Int64
  /// Its permission bits.
  package let permissions: UInt32
  /// The number of the user whose it is.
  package let owner: UInt32
}

extension FileStatus {
  /// The size of a file as a file system tells it. One on a medium may claim any: it is brought to 0 to 2^53, above which
  /// there is no file.
  static func believed(_ size: off_t) -> Int64 { max(0, min(Int64(size), 1 << 53)) }
}

/// The file operations that stores and bundles are made of: each names its path when it fails.
package enum Files {
  /// What `path` is; `nil` when there is nothing.
  package static func status(_ path: FilePath) throws(FileError) -> FileStatus? {
    var record = stat()
    guard lstat(path.string, &record) == 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw .current("examine", path)
    }
    let kind: FileStatus.Kind =
      switch record.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .folder
      case S_IFLNK: .link
      default: .special
      }
    return FileStatus(
      kind: kind,
      size: FileStatus.believed(record.st_size),
      links: Int(record.st_nlink),
      inode: UInt64(record.st_ino),
      device: UInt64(record.st_dev),
      modified: Int64(record.st_mtim.tv_sec),
      permissions: UInt32(record.st_mode & 0o7777),
      owner: UInt32(record.st_uid)
    )
  }

  /// The path of what `path` leads to, all links followed.
  package static func resolvingLinks(_ path: FilePath) throws(FileError) -> FilePath {
    guard let resolved = realpath(path.string, nil) else { throw .current("find", path) }
    defer { free(resolved) }
    return FilePath(String(cString: resolved))
  }

  /// Makes a folder, and those above it that are missing. One that exists is left as it is.
  package static func makeFolder(_ path: FilePath, permissions: UInt32 = 0o755) throws(FileError) {
    if mkdir(path.string, permissions) == 0 || errno == EEXIST { return }
    guard errno == ENOENT else { throw .current("make the folder", path) }
    let parent = path.removingLastComponent()
    guard !parent.isEmpty, parent != path else { throw .current("make the folder", path) }
    try makeFolder(parent, permissions: permissions)
    if mkdir(path.string, permissions) != 0 && errno != EEXIST { throw .current("make the folder", path) }
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
    guard let status = try status(path) else { return }
    guard status.kind == .folder else { return try remove(path) }
    for entry in try entries(of: path) { try removeTree(path.appending(entry.name)) }
    guard rmdir(path.string) == 0 || errno == ENOENT else { throw .current("remove", path) }
  }

  /// One name in a folder.
  package struct Entry: Hashable, Sendable {
    /// The name, without the folder.
    package let name: String
    /// What the folder says the kind is; `nil` when the file system does not tell.
    package let kind: FileStatus.Kind?
  }

  /// The names in a folder, sorted, without `.` and `..`.
  ///
  /// - Parameter limit: how many of them are read: of a folder that is a stranger's, no more than are looked at.
  package static func entries(of folder: FilePath, atMost limit: Int = .max) throws(FileError) -> [Entry] {
    guard let stream = opendir(folder.string) else { throw .current("read the folder", folder) }
    defer { closedir(stream) }
    var found: [Entry] = []
    errno = 0
    while found.count < limit, let record = readdir(stream) {
      let name = withUnsafeBytes(of: &record.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != "." && name != ".." { found.append(Entry(name: name, kind: kind(ofType: record.pointee.d_type))) }
      errno = 0
    }
    guard errno == 0 else { throw .current("read the folder", folder) }
    return found.sorted { $0.name < $1.name }
  }

  private static func kind(ofType type: UInt8) -> FileStatus.Kind? {
    switch Int(type) {
    case Int(DT_REG): .file
    case Int(DT_DIR): .folder
    case Int(DT_LNK): .link
    case Int(DT_UNKNOWN): nil
    default: .special
    }
  }

  /// Reads a whole small file, a plain one only.
  ///
  /// - Parameter limit: the most bytes it may have; a longer one fails with `EFBIG`.
  package static func read(_ path: FilePath, atMost limit: Int) throws(FileError) -> [UInt8] {
    let file = try InputFile(path)
    guard file.size <= Int64(limit) else { throw FileError("read", path, Errno(rawValue: EFBIG)) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = try file.read(into: &buffer)
      if count == 0 { return bytes }
      guard bytes.count + count <= limit else { throw FileError("read", path, Errno(rawValue: EFBIG)) }
      bytes += buffer[..<count]
    }
  }

  /// Writes a small file so that a reader, now or after a power cut, sees the old content or the new, whole.
  package static func replace(
    _ path: FilePath,
    with bytes: some Collection<UInt8>,
    permissions: UInt32 = 0o644
  ) throws(FileError) {
    let temporary = path.removingLastComponent().appending(".\(path.lastComponent?.string ?? "").\(getpid()).tmp")
    do {
      var file = try OutputFile(temporary, permissions: permissions)
      try file.write(Array(bytes))
      try file.sync()
      try file.close()
      try rename(temporary, to: path)
    } catch {
      try? remove(temporary)
      throw error
    }
    try syncFolder(path.removingLastComponent())
  }

  /// The most bytes that a file may have on the file system that holds `path`; `nil` where no bound is known that matters.
  package static func largestFile(at path: FilePath) -> Int64? {
    // MSDOS_SUPER_MAGIC: a FAT, whose files have sizes of 32 bits.
    file_system_kind(path.string) == 0x4d44 ? (1 << 32) - 1 : nil
  }

  /// Writes a folder's names to the disk.
  package static func syncFolder(_ path: FilePath) throws(FileError) {
    let shown: FilePath = path.isEmpty ? "." : path
    let raw = open(shown.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard raw >= 0 else { throw .current("open", shown) }
    defer { Glibc.close(raw) }
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

/// What a file system has left.
package struct FreeSpace: Hashable, Sendable {
  /// Bytes that an ordinary process may still write.
  package let bytes: Int64
  /// Files that may still be made; `nil` where the file system has no such limit (FAT, btrfs).
  package let inodes: Int64?

  /// Asks the file system that holds `path`.
  package init(at path: FilePath) throws(FileError) {
    var record = statvfs()
    guard file_system_status(path.string, &record) == 0 else { throw .current("examine the file system of", path) }
    bytes = Int64(
      clamping: UInt64(record.f_bavail).multipliedReportingOverflow(by: UInt64(record.f_frsize)).partialValue
    )
    inodes = record.f_files == 0 ? nil : Int64(clamping: UInt64(record.f_favail))
  }
}
