import MirrorTypes
import Testing

@Suite struct TreePathTests {
  @Test(arguments: ["index/u1901g.xml", "bases/av/kdb/i386/~x.avc", "a", "kadsp/A B/x.kpac", "é/ü.dat", "a/..b"])
  func `takes what a real tree holds`(_ text: String) throws {
    #expect(try TreePath(text).string == text)
  }

  @Test(
    arguments: [
      ("", .empty), ("/etc/passwd", .absolute), ("a/../b", .leavesRoot), ("..", .leavesRoot), (".", .leavesRoot),
      ("a/.", .leavesRoot), ("a//b", .emptyPart), ("a/", .emptyPart), ("a\0b", .controlCharacter),
      ("a\nb", .controlCharacter), ("a\u{7F}", .controlCharacter), ("a\\b", .forbiddenCharacter("\\")),
      ("c:/x", .forbiddenCharacter(":")), ("a./b", .trailingDotOrBlank), ("a ", .trailingDotOrBlank),
      (String(repeating: "a", count: 256), .tooLong),
      (Array(repeating: "a", count: 33).joined(separator: "/"), .tooDeep),
    ] as [(String, TreePathError.Problem)]
  )
  func `refuses what could leave the tree or not be stored everywhere`(_ text: String, _ problem: TreePathError.Problem)
  {
    #expect(throws: TreePathError(text: text, problem: problem)) { try TreePath(text) }
  }

  @Test func `tells its parts, name and folder`() throws {
    let path = try TreePath("bases/av/x.XML")
    #expect(path.parts == ["bases", "av", "x.XML"])
    #expect(path.name == "x.XML")
    #expect(path.folder?.string == "bases/av")
    #expect(path.withLowercasedName.string == "bases/av/x.xml")
    #expect(try TreePath("x").folder == nil)
    #expect(try path.isInside(TreePath("bases")))
    #expect(try !path.isInside(TreePath("base")))
  }
}

@Suite struct ObjectDigestTests {
  @Test func `reads back what it writes`() throws {
    let text = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    let digest = try #require(ObjectDigest(hex: text))
    #expect(digest.hex == text)
    #expect(ObjectDigest(bytes: digest.bytes) == digest)
    #expect(ObjectDigest(hex: text.uppercased()) == digest)
  }

  @Test(arguments: ["", "e3", String(repeating: "g", count: 64), String(repeating: "0", count: 65)])
  func `refuses what is no digest`(_ text: String) {
    #expect(ObjectDigest(hex: text) == nil)
  }
}
