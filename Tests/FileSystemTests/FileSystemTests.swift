import FileSystem
import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite struct FileSystemTests {
  let folder = TemporaryFolder()

  @Test func `a replaced file has the new content and leaves nothing beside it`() throws {
    let path = folder["a.txt"]
    try Files.replace(path, with: Array("one".utf8))
    try Files.replace(path, with: Array("two".utf8), permissions: 0o600)
    #expect(try Files.read(path, atMost: 10) == Array("two".utf8))
    #expect(try Files.status(path)?.permissions == 0o600)
    #expect(try Files.entries(of: folder.path).map(\.name) == ["a.txt"])
  }

  @Test func `a file longer than allowed is not read`() throws {
    try Files.replace(folder["a"], with: Array("12345".utf8))
    #expect(throws: FileError("read", folder["a"], Errno(rawValue: EFBIG))) { try Files.read(folder["a"], atMost: 4) }
  }

  @Test func `links, pipes and folders are not opened as files`() throws {
    try Files.replace(folder["a"], with: [1])
    symlink(folder["a"].string, folder["link"].string)
    mkfifo(folder["pipe"].string, 0o600)
    for name in ["link", "pipe", "."] {
      #expect(throws: FileError.self) { _ = try InputFile(folder[name]) }
    }
    #expect(throws: FileError.self) { _ = try OutputFile(folder["link"]) }
  }

  @Test func `a tree is removed without following its links`() throws {
    try Files.makeFolder(folder["kept"])
    try Files.replace(folder["kept/file"], with: [1])
    try Files.makeFolder(folder["gone/deep/deeper"])
    symlink(folder["kept"].string, folder["gone/deep/link"].string)
    try Files.removeTree(folder["gone"])
    #expect(try Files.status(folder["gone"]) == nil)
    #expect(try Files.status(folder["kept/file"]) != nil)
  }

  @Test func `a lock is held once and is free when its holder is gone`() throws {
    let path = folder["lock"]
    do {
      let held = try FileLock.take(path)
      #expect(held != nil)
      #expect(try FileLock.take(path) == nil)
      #expect(FileLock.holder(of: path)?.process == Int(getpid()))
      withExtendedLifetime(held) {}
    }
    #expect(try FileLock.take(path) != nil)
  }

  @Test func `writing past the end of a full device is reported as out of space`() throws {
    var file = try OutputFile("/dev/full")
    let error = #expect(throws: FileError.self) { try file.write([1, 2, 3]) }
    #expect(error?.isOutOfSpace == true)
  }

  @Test func `free space is asked of the file system that holds a path`() throws {
    #expect(try FreeSpace(at: folder.path).bytes > 0)
  }
}
