import FileSystem
import Foundation
import SystemPackage
import TestSupport
import Testing

/// What a store needs of a file system is tried before there is one.
@Suite struct FileSystemTrialTests {
  @Test func `where all works nothing lacks, and nothing is left`() throws {
    let folder = TemporaryFolder()
    #expect(try FileSystemLack.found(in: folder.path) == nil)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path.string) == [])
  }

  @Test(arguments: FileSystemLack.Need.allCases)
  func `what does not work is named, whatever the file system says of it`(_ need: FileSystemLack.Need) throws {
    let folder = TemporaryFolder()
    for reason in [Errno.notPermitted, .noFunction, .notSupported, .invalidArgument] {
      let cause = FileError("try", "x", reason)
      let lack = try FileSystemLack.found(in: folder.path) { (tried, own) throws(FileError) in
        if tried == need { throw cause }
        try FileSystemTrial.attempt(tried, in: own)
      }
      #expect(lack?.need == need && lack?.cause == cause)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path.string) == [])
    }
  }

  @Test func `a full disk says nothing of what works`() throws {
    let folder = TemporaryFolder()
    #expect(throws: FileError("write", "x", .noSpace)) {
      _ = try FileSystemLack.found(in: folder.path) { (_, _) throws(FileError) in
        throw FileError("write", "x", .noSpace)
      }
    }
  }

  @Test func `the type of a file system is that of the last mount at the nearest place`() {
    let list = """
      1 0 8:1 / / rw - ext4 /dev/sda1 rw
      2 1 8:2 / /tmp rw - xfs /dev/sda2 rw
      3 1 0:50 / /tmp rw - fuseblk /dev/sdb1 rw

      """
    let table = MountTable(parsing: Array(list.utf8))
    #expect(table.kind(at: "/tmp") == "fuseblk" && table.kind(at: "/") == "ext4")
    #expect(table.kind(at: "/there/is/no/such/path") == nil)
  }
}
