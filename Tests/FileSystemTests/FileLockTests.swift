import FileSystem
import Glibc
import SystemPackage
import TestSupport
import Testing

/// Who can take a lock, and who holds one.
@Suite struct FileLockTests {
  let folder = TemporaryFolder()

  private func make(_ path: FilePath, mode: mode_t) throws {
    try Files.replace(path, with: [], permissions: mode)
    try #require(chmod(path.string, mode) == 0)
  }

  @Test func `a new lock is its owner's alone, whatever the umask`() throws {
    let path = folder["lock"]
    let lock = try #require(try FileLock.take(path))
    #expect(try Files.status(path)?.permissions == 0o600)
    withExtendedLifetime(lock) {}
  }

  @Test(arguments: [0o644, 0o666, 0o640, 0o604, 0o610] as [mode_t])
  func `a lock that others could open is replaced, so that who has it open locks nothing`(_ mode: mode_t) throws {
    let path = folder["lock"]
    try make(path, mode: mode)
    let stranger = open(path.string, O_RDONLY)
    defer { close(stranger) }
    let lock = try #require(try FileLock.take(path))
    #expect(try Files.status(path)?.permissions == 0o600)
    // The stranger has only the old file.
    #expect(flock(stranger, LOCK_EX | LOCK_NB) == 0)
    #expect(try FileLock.take(path) == nil)
    withExtendedLifetime(lock) {}
    #expect(try Files.entries(of: folder.path).map(\.name) == ["lock"])
  }

  @Test func `a lock that somebody else holds is not replaced`() throws {
    let path = folder["lock"]
    try make(path, mode: 0o644)
    let before = try Files.status(path)?.inode
    let stranger = open(path.string, O_RDONLY)
    defer { close(stranger) }
    try #require(flock(stranger, LOCK_EX | LOCK_NB) == 0)
    #expect(try FileLock.take(path) == nil)
    #expect(try Files.status(path)?.inode == before)
    let holder = try #require(FileLock.holder(of: path))
    #expect(holder.process == Int(getpid()))
    #expect(holder.description.hasPrefix("process \(getpid()) ("))
    #expect(holder.user != nil)
  }

  @Test func `a lock that is given up is free, though a child that is being started has a copy of it`() throws {
    let path = folder["lock"]
    var lock = try FileLock.take(path)
    let inode = try #require(try Files.status(path)?.inode)
    let descriptors = try Files.entries(of: "/proc/self/fd").compactMap { Int32($0.name) }
    let copies = descriptors.filter { number in
      var record = stat()
      return fstat(number, &record) == 0 && UInt64(record.st_ino) == inode
    }.map { fcntl($0, F_DUPFD_CLOEXEC, 0) }
    try #require(!copies.isEmpty)
    defer { for copy in copies { close(copy) } }
    #expect(try lock != nil && FileLock.take(path) == nil)
    lock = nil
    #expect(try FileLock.take(path) != nil)
  }

  @Test func `a pipe, a folder and a link are no locks`() throws {
    mkfifo(folder["pipe"].string, 0o600)
    try Files.makeFolder(folder["folder"])
    symlink(folder["nothing"].string, folder["link"].string)
    for name in ["pipe", "folder", "link"] {
      #expect(throws: FileError.self, "\(name)") { try FileLock.take(folder[name]) }
    }
    #expect(try Files.status(folder["nothing"]) == nil)
  }

  @Test(arguments: [
    ("1: FLOCK  ADVISORY  WRITE 4711 fd:00:123456 0 EOF", 123_456), ("2: POSIX  ADVISORY  READ 12 08:01:7 120 127", 7),
  ]) func `a line of the kernel's list is read`(line: String, inode: UInt64) {
    #expect(KernelLock(line)?.inode == inode)
  }

  @Test(arguments: [
    "", "1:", "1: -> FLOCK  ADVISORY  WRITE 4711 fd:00:123456 0 EOF", "1: FLOCK ADVISORY WRITE x fd:00:1 0 EOF",
    "1: FLOCK ADVISORY WRITE 1 fd:00 0 EOF", "1: FLOCK ADVISORY WRITE 1 zz:00:1 0 EOF",
  ]) func `what is no lock that is held is none`(line: String) { #expect(KernelLock(line) == nil) }
}
