import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import FileSystem

/// Whether somebody else may read, reckoned from permissions and lists.
@Suite struct FileReaderTests {
  let folder = TemporaryFolder()
  private static let me = geteuid()
  private static let stranger = FileReader.user(name: "stranger", number: 54_321, groups: [54_322])

  @Test(
    arguments: [
      (0o644, true, true, true), (0o640, false, true, false), (0o600, false, false, false), (0o604, true, false, true),
      (0o444, true, true, true), (0o004, true, false, true),
    ] as [(mode_t, Bool, Bool, Bool)]
  )
  func `a file's permissions say who reads it`(_ mode: mode_t, _ anybody: Bool, _ group: Bool, _ stranger: Bool) throws
  {
    let path = folder["file"]
    try Files.replace(path, with: [1])
    var record = stat()
    try #require(chmod(path.string, mode) == 0 && stat(path.string, &record) == 0)
    #expect(try FileReader.anybody.may(.reading, path) == anybody)
    let member = FileReader.user(name: "member", number: 54_321, groups: [record.st_gid])
    #expect(try member.may(.reading, path) == group)
    #expect(try Self.stranger.may(.reading, path) == stranger)
    #expect(try FileReader.user(name: "root", number: 0, groups: []).may(.reading, path))
    if Self.me != 0 {
      #expect(try FileReader.user(name: "me", number: Self.me, groups: []).may(.reading, path) == (mode & 0o400 != 0))
    }
  }

  @Test func `a user is known by name, and one that is not there is not`() throws {
    #expect(FileReader(user: "root") != nil)
    #expect(FileReader(user: "no-such-user") == nil)
    #expect(throws: FileError.self) { try FileReader.anybody.may(.reading, folder["missing"]) }
  }

  /// The bytes of a list.
  private static func list(_ entries: [(tag: UInt16, bits: UInt16, id: UInt32)]) -> [UInt8] {
    var bytes: [UInt8] = [2, 0, 0, 0]
    for entry in entries {
      bytes += [UInt8(entry.tag & 255), UInt8(entry.tag >> 8), UInt8(entry.bits & 255), UInt8(entry.bits >> 8)]
      bytes += (0..<4).map { UInt8(entry.id >> (8 * UInt32($0)) & 255) }
    }
    return bytes
  }

  /// user::rw-, user:33:r--, group::---, group:44:r-x, mask::r--, other::---
  private static let usual: [(tag: UInt16, bits: UInt16, id: UInt32)] = [
    (1, 6, .max), (2, 4, 33), (4, 0, .max), (8, 5, 44), (16, 4, .max), (32, 0, .max),
  ]

  @Test(
    arguments: [
      (33, [], true, false), (1000, [44], true, false), (1000, [45], false, false), (1000, [100], false, false),
      (7, [], true, false),
    ] as [(UInt32, Set<UInt32>, Bool, Bool)]
  )
  func `a list says who reads a file beside its owner`(
    _ user: UInt32,
    _ groups: Set<UInt32>,
    _ reads: Bool,
    _ passes: Bool
  ) throws {
    let list = try #require(AccessList(Self.list(Self.usual)[...]))
    #expect(list.grants(.reading, user, groups, owner: 7, 100) == reads)
    // The mask takes away what the group's entry gives.
    #expect(list.grants(.passing, user, groups, owner: 7, 100) == passes)
  }

  @Test func `what is no list is none`() {
    for bytes in [[], [2, 0, 0], [1, 0, 0, 0], [2, 0, 0, 0, 1, 0, 4], [UInt8](repeating: 255, count: 12)] as [[UInt8]] {
      #expect(AccessList(bytes[...]) == nil)
    }
  }
}
