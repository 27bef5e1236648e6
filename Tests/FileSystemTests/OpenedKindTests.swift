import FileSystem
import Glibc
import SystemPackage
import Testing

@Suite struct OpenedKindTests {
  @Test func `a file that cannot be examined is a failure of its own, and nothing is said of its kind`() {
    let failure = #expect(throws: FileError.self) { _ = try OpenedKind.record(of: -1, at: "stick/timestamp.json") }
    #expect(failure?.reason == .badFileDescriptor)
    #expect(failure?.isNoSuchPlainFile == false)
  }

  @Test(arguments: [("/dev/null", mode_t(S_IFCHR)), ("/", S_IFDIR)])
  func `what is of another kind is refused as that`(_ path: String, _ kind: mode_t) throws {
    let raw = open(path, O_RDONLY | O_CLOEXEC)
    try #require(raw >= 0)
    defer { close(raw) }
    let failure = #expect(throws: FileError.self) { _ = try OpenedKind.record(of: raw, at: "x", operation: "create") }
    #expect(failure == FileError("create", "x", .invalidArgument))
    #expect(try OpenedKind.record(of: raw, at: "x", kinds: [S_IFREG, kind]).st_mode & S_IFMT == kind)
  }
}
