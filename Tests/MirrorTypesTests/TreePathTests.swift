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
      (Array(repeating: "a", count: 33).joined(separator: "/"), .tooDeep), ("a/\u{301}x", .beginsWithMark("\u{301}")),
      ("\u{20DD}x", .beginsWithMark("\u{20DD}")), ("a/\u{903}", .beginsWithMark("\u{903}")),
      ("a/\u{1F3FD}x", .beginsWithMark("\u{1F3FD}")), ("a/\u{FF9E}x", .beginsWithMark("\u{FF9E}")),
      ("a\u{202E}gpj.exe", .unseenCharacter("\u{202E}")), ("a/\u{200B}b", .unseenCharacter("\u{200B}")),
      ("a\u{AD}b", .unseenCharacter("\u{AD}")), ("a\u{2066}b", .unseenCharacter("\u{2066}")),
      ("a\u{9B}31mb", .controlCharacter), ("a\u{85}b", .controlCharacter),
      ("updates/\u{212A}db", .forbiddenCharacter("\u{212A}")), ("a\u{37E}b", .forbiddenCharacter("\u{37E}")),
    ] as [(String, TreePathError.Problem)]
  )
  func `refuses what could leave the tree or not be stored everywhere`(_ text: String, _ problem: TreePathError.Problem)
  {
    #expect(throws: TreePathError(text: text, problem: problem)) { try TreePath(text) }
  }

  @Test(
    arguments: [
      ("aux", "aux"), ("AUX.xml", "AUX.xml"), ("con", "con"), ("x/Nul.dat", "Nul.dat"), ("a/prn/b", "prn"),
      ("x/COM1.bin", "COM1.bin"), ("com0", "com0"), ("lpt9.tar.gz", "lpt9.tar.gz"), ("COM\u{B9}.bin", "COM\u{B9}.bin"),
      ("lpt\u{B2}", "lpt\u{B2}"), ("lPt\u{B3}.x", "lPt\u{B3}.x"), ("CONIN$", "CONIN$"), ("conout$.txt", "conout$.txt"),
      ("Clock$", "Clock$"), ("con .txt", "con .txt"), ("nul          .txt", "nul          .txt"), ("aux.", nil),
      ("con.d/x", "con.d"),
    ] as [(String, String?)]
  )
  func `a new file gets no name that Windows keeps for a device`(_ text: String, _ part: String?) throws {
    // One that ends in a dot is refused for that already, wherever it stands.
    guard let part else {
      #expect(throws: TreePathError.self) { try TreePath(new: text) }
      return
    }
    #expect(throws: TreePathError(text: text, problem: .deviceName(part))) { try TreePath(new: text) }
    #expect(try TreePath(text).deviceName == part[...], "what is listed already can be read")
  }

  @Test(
    arguments: [
      "auxiliary.xml", "xaux", "my.con", "console", "com", "com10", "COM", "lpt", "lpt1x", "com\u{2074}", "COMA", "nu",
      "conin", "clock", "prn2", "aux-1.dat", "a/.aux", " con", "conin$$", "con  x.txt", "kdb/base001c.avc",
    ]
  )
  func `what only resembles the name of a device is a name like any other`(_ text: String) throws {
    #expect(try TreePath(new: text).deviceName == nil)
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

/// Paths are bytes: what Swift does with characters never shows.
@Suite struct PathBytesTests {
  /// Texts that Swift takes for equal, or cuts otherwise than a file system does.
  private static let hostile = [
    "caf\u{E9}/a", "cafe\u{301}/a", "caf\u{E9}/b", "cafe\u{301}", "caf\u{E9}", "\u{AC00}", "\u{1100}\u{1161}",
    "\u{C5}", "A\u{30A}", "x/\u{1E69}", "x/s\u{323}\u{307}", "x/\u{1E63}\u{307}", "\u{600}.xml", "a/\u{600}/b",
    "e/x", "e/X", "ss", "\u{DF}", "SS", "a", "a/b", "ab", "a-b", "\u{1F1E6}\u{1F1E7}/\u{1F1E8}",
  ]

  private static func paths() throws -> [TreePath] {
    try hostile.map { try TreePath($0) } + hostile.map { try TreePath("u/" + $0) }
  }

  @Test func `equality, order and hash agree, and are those of the bytes`() throws {
    let paths = try Self.paths()
    for left in paths {
      for right in paths {
        let same = Array(left.string.utf8) == Array(right.string.utf8)
        #expect((left == right) == same)
        #expect((left < right || right < left) != same)
        #expect(!(left < right && right < left))
        if same { #expect(left.hashValue == right.hashValue) }
      }
    }
    #expect(Set(paths).count == paths.count)
    #expect(Dictionary(uniqueKeysWithValues: paths.map { ($0, 1) }).count == paths.count)
    let sorted = paths.shuffled().sorted()
    #expect(
      zip(sorted, sorted.dropFirst()).allSatisfy { Array($0.string.utf8).lexicographicallyPrecedes($1.string.utf8) }
    )
  }

  @Test func `parts, folders and what is left below a folder put together are the path again`() throws {
    for path in try Self.paths() {
      let slash = UInt8(ascii: "/")
      #expect(path.parts.map { Array($0.utf8) } == path.string.utf8.split(separator: slash).map(Array.init))
      #expect(path.folders.last == path.folder)
      for folder in path.folders {
        let inner = try #require(path.relative(to: folder))
        #expect(try folder.appending(inner) == path)
        #expect(path.isInside(folder) && path.lies(below: folder.string))
      }
      #expect(path.relative(to: path) == nil && path.isInside(path))
    }
  }

  @Test func `an ending is one of bytes`() throws {
    #expect(try TreePath("index/\u{600}.xml").hasSuffix(".xml"))
    #expect(try TreePath("a/\u{600}.dif").removing(suffix: ".dif")?.string == "a/\u{600}")
    #expect(try !TreePath("a/.xml").hasSuffix(".xml"))
    #expect(try TreePath("a/.xml").removing(suffix: ".xml") == nil)
    #expect(try !TreePath("updates").lies(below: "updates"))
    #expect(try !TreePath("updatesx/a").lies(below: "updates"))
    #expect(try TreePath("updates/a").relative(to: "updates")?.string == "a")
  }

  @Test(
    arguments: [
      ("caf\u{E9}/a", "cafe\u{301}/a", true), ("a/README", "a/readme", true), ("\u{DF}", "SS", true),
      ("\u{3C3}", "\u{3C2}", true),
      ("\u{17F}", "s", true), ("\u{410}/x", "\u{430}/X", true), ("caf\u{E9}/a", "cafe/a", false), ("a", "b", false),
      ("caf\u{E9}/a", "cafe\u{301}/b", false),
    ]
  )
  func `what differs in case or form only has one folded form`(_ left: String, _ right: String, _ alike: Bool) throws {
    #expect(try (TreePath(left).folded == TreePath(right).folded) == alike)
  }

  @Test func `a spelling tells apart what looks the same`() throws {
    #expect(try TreePath("cafe\u{301}").spelled == "cafe\\u{301}")
    #expect(try TreePath("caf\u{E9}").spelled == "caf\\u{e9}")
  }

  @Test func `a refusal shows nothing as it is that would change what is seen`() {
    #expect {
      try TreePath("a\u{202E}\u{1B}[2J\"\n")
    } throws: {
      "\($0)".unicodeScalars.allSatisfy { !$0.isUnsafeToShow } && "\($0)".contains("\\u{202e}")
    }
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
