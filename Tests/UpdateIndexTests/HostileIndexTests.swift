import MirrorTypes
import Testing
import UpdateIndex

/// What no honest index has is refused, with the line and the reason.
@Suite struct HostileIndexTests {
  private func refusal(_ element: String, limits: IndexLimits = IndexLimits()) -> IndexError? {
    #expect(throws: IndexError.self, "\(element.prefix(200))") {
      try SyntheticIndexes.parse(element: element, limits: limits)
    }
  }

  private func refusal(of text: String, limits: IndexLimits = IndexLimits()) -> IndexError? {
    #expect(throws: IndexError.self, "\(text.prefix(200))") { try SyntheticIndexes.parse(text, limits: limits) }
  }

  private func refusal(of bytes: [UInt8]) -> IndexError? {
    #expect(throws: IndexError.self) { try IndexParser.parse(bytes, at: TreePath("index/u.xml")) }
  }

  // MARK: - Paths

  struct BadPath: Sendable, CustomTestStringConvertible {
    let name: String
    var folder: String?
    let problem: TreePathError.Problem
    var testDescription: String { "\(folder ?? "-") \(name.prefix(40))" }
  }

  /// Paths that are refused wherever they stand; as XML, and without what a table takes for an escape.
  static let badPaths = [
    BadPath(name: "../../a", problem: .leavesRoot),
    BadPath(name: "../../../../etc/passwd", problem: .leavesRoot),
    BadPath(name: "a", folder: "../..", problem: .leavesRoot),
    BadPath(name: "../a", folder: "..", problem: .leavesRoot),
    BadPath(name: "x/../../../a", problem: .leavesRoot),
    BadPath(name: "&#46;&#46;/&#x2E;&#x2e;/a", problem: .leavesRoot),
    BadPath(name: ".../a", problem: .leavesRoot),
    BadPath(name: "..", problem: .empty),
    BadPath(name: "/etc/passwd", problem: .absolute),
    BadPath(name: "//host/share", problem: .absolute),
    BadPath(name: "a", folder: "/etc", problem: .absolute),
    BadPath(name: "&#47;etc/passwd", problem: .absolute),
    BadPath(name: "a&#9;b", problem: .controlCharacter),
    BadPath(name: "a&#10;b", problem: .controlCharacter),
    BadPath(name: "a&#xD;b", problem: .controlCharacter),
    BadPath(name: "a\u{7F}b", problem: .controlCharacter),
    BadPath(name: "a&#127;b", problem: .controlCharacter),
    BadPath(name: "C:/windows/a", problem: .forbiddenCharacter(":")),
    BadPath(name: "a", folder: "C:", problem: .forbiddenCharacter(":")),
    BadPath(name: "a:stream", problem: .forbiddenCharacter(":")),
    BadPath(name: "a&lt;b", problem: .forbiddenCharacter("<")),
    BadPath(name: "a*", problem: .forbiddenCharacter("*")),
    BadPath(name: "a.", problem: .trailingDotOrBlank),
    BadPath(name: "a /b", problem: .trailingDotOrBlank),
    BadPath(name: String(repeating: "a", count: 256), problem: .tooLong),
    BadPath(
      name: Array(repeating: String(repeating: "a", count: 200), count: 6).joined(separator: "/"),
      problem: .tooLong
    ),
    BadPath(name: String(repeating: "a/", count: 40) + "a", problem: .tooDeep),
  ]

  @Test(arguments: badPaths)
  func `a bad path is refused in an attribute and in a table`(path: BadPath) throws {
    let folder = path.folder.map { " SrvPath=\"\($0)\"" } ?? ""
    for element in [
      "<File Name=\"\(path.name)\"\(folder)/>", "<Index Name=\"\(path.name)\"\(folder)/>",
      "<File Name=\"\(path.name)\"\(folder)>AAAA</File>", "<FileDescription Filename=\"\(path.name)\"\(folder)/>",
      "<Files\(folder) Item=\"Name;CompID\" List=\"good.dat|X;\(path.name)|X\"/>",
    ] {
      let error = try #require(refusal(element))
      guard case .badPath(_, let problem) = error.problem else {
        Issue.record("\(error)")
        continue
      }
      #expect(problem == path.problem)
      #expect(error.line == 2)
      #expect(error.index == TreePath(constant: "index/u.xml"))
      #expect(error.isHostile)
    }
  }

  @Test func `a backslash is refused, and stands in a table only when it is escaped twice`() throws {
    let forbidden = TreePathError.Problem.forbiddenCharacter("\\")
    #expect(refusal(#"<File Name="..\..\a"/>"#)?.problem == .badPath(#"..\..\a"#, forbidden))
    #expect(refusal(#"<File Name="a" SrvPath="\\host\share"/>"#)?.problem == .badPath(#"\\host\share/a"#, forbidden))
    #expect(refusal(#"<Files Item="Name" List="..\\\\a"/>"#)?.problem == .badPath(#"..\a"#, forbidden))
    #expect(refusal(#"<Files Item="Name" List="C:\\\\a"/>"#)?.isHostile == true)
  }

  @Test func `a folder of the root that leaves the tree is refused where it is used`() throws {
    let text =
      "<Update Format=\"3.0\" SrvPath=\"../..\">\n<Files SrvPath=\"\" Item=\"Name\" List=\"a\"/>\n\n<File Name=\"b\"/></Update>"
    let error = try #require(refusal(of: text))
    #expect(error.problem == .badPath("../../b", .leavesRoot))
    #expect(error.line == 4)
    #expect(error.description == #"index/u.xml:4: path "../../b" would leave the root of the tree"#)
  }

  @Test func `control characters that XML forbids are refused as malformed, on their line`() throws {
    for character in ["&#0;", "&#1;", "&#x1F;", "\u{0}", "\u{1}", "\u{1B}"] {
      let error = try #require(refusal("<File Name=\"a\(character)b\"/>"))
      guard case .notWellFormed = error.problem else {
        Issue.record("\(error)")
        continue
      }
      #expect(error.line == 2)
    }
  }

  @Test func `bytes that are no UTF-8 are refused as malformed`() throws {
    for bad: [UInt8] in [[0xFF], [0xC0, 0xAE], [0xED, 0xA0, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80]] {
      let text = Array("<Update Format=\"3.0\">\n<File Name=\"".utf8) + bad + Array("\"/></Update>".utf8)
      let error = try #require(refusal(of: text))
      guard case .notWellFormed = error.problem else {
        Issue.record("\(error)")
        continue
      }
      #expect(error.line == 2)
    }
  }

  @Test func `a refusal shows a hostile path in printable form, and not all of a long one`() throws {
    let error = try #require(refusal("<File Name=\"a&#10;\(String(repeating: "b", count: 5000))\"/>"))
    #expect(!error.description.contains("\n"))
    #expect(error.description.count < 300)
  }

  // MARK: - Document types and entities

  @Test(arguments: [
    "<!DOCTYPE Update>",
    "<!DOCTYPE Update SYSTEM \"file:///etc/passwd\">",
    "<!DOCTYPE Update PUBLIC \"-//A//B\" \"http://127.0.0.1:1/x.dtd\">",
    "<!DOCTYPE Update [<!ENTITY a \"b\">]>",
    "<!DOCTYPE Update [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>",
    "<!DOCTYPE Update [<!ENTITY % a SYSTEM \"file:///etc/passwd\"> %a;]>",
    "<!DOCTYPE Update [<!ATTLIST File Name CDATA \"../../x\">]>",
    "<!DOCTYPE Update [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">"
      + "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\"><!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;\">"
      + "<!ENTITY e \"&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;\"><!ENTITY f \"&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;\">]>",
  ])
  func `a document type is refused whatever it declares`(declaration: String) throws {
    let error = try #require(refusal(of: "\n\(declaration)\n<Update Format=\"3.0\"><File Name=\"&f;\"/></Update>"))
    #expect(error.problem == .documentType)
    #expect(error.line == 2)
    #expect(error.isHostile)
  }

  @Test func `an entity that nobody declares is refused`() throws {
    for element in ["<File Name=\"&boom;\"/>", "<File Name=\"a\">&boom;</File>"] {
      let error = try #require(refusal(element))
      #expect(error.problem == .notWellFormed("undefined entity"))
      #expect(error.line == 2)
    }
  }

  @Test func `the five entities of XML itself are read`() throws {
    let index = try SyntheticIndexes.parse(element: "<File Name=\"a&amp;b&apos;\" App=\"&lt;&gt;&quot;\"/>")
    #expect(index.entries.map(\.path.string) == ["index/a&b'"])
    #expect(index.entries[0].applications == "<>\"")
  }

  // MARK: - Shape

  @Test(arguments: 0..<3)
  func `an index cut short at any byte is refused, or reads the same`(generation: Int) throws {
    let bytes = SyntheticIndexes.all[generation]
    let path = TreePath(constant: "index/u.xml")
    let whole = try IndexParser.parse(bytes, at: path)
    for count in 0..<bytes.count {
      let cut = Array(bytes[..<count])
      if count >= whole.xmlByteCount {
        let index = try IndexParser.parse(cut, at: path)
        #expect(index.entries == whole.entries)
        #expect(index.date == whole.date)
      } else {
        #expect(throws: IndexError(index: path, problem: .noEndTag)) { try IndexParser.parse(cut, at: path) }
      }
    }
  }

  @Test func `what is no index is refused`() throws {
    #expect(refusal(of: "")?.problem == .noEndTag)
    #expect(refusal(of: "<html><body>Not found</body></html>")?.problem == .noEndTag)
    #expect(refusal(of: "\n<Other></Update>")?.problem == .unknownRoot("Other"))
    #expect(refusal(of: "\n<Other></Update>")?.line == 2)
    #expect(refusal(of: "\n<Update Format=\"4.0\"></Update>")?.problem == .unknownFormat("4.0"))
    #expect(refusal(of: "\n<Update Format=\"4.0\"></Update>")?.line == 2)
    #expect(refusal(of: "<Update></Update>")?.problem == .unknownFormat(""))
    #expect(refusal(of: "<Update Format=\"3.0\"></UpdateFiles>")?.problem == .notWellFormed("mismatched tag"))
    #expect(refusal(of: "</Update>")?.isHostile == false)
    #expect(refusal(of: "<Update Format=\"3.0\">\n<File Name=\"a\">\n</Update>")?.line == 3)
    #expect(refusal(of: "<Update Format=\"3.0\"/>\n<Update Format=\"3.0\"></Update>")?.line == 2)
    #expect(refusal("<File Name=\"a\" Name=\"b\"/>")?.problem == .notWellFormed("duplicate attribute"))
  }

  @Test func `a record with too few or too many cells is refused, with its number and line`() throws {
    let few = refusal("\n<Files Item=\"Name;CompID\" List=\"a|X;\n b;c|Y\"/>")
    #expect(few?.problem == .wrongCellCount(record: 2, cells: 1, columns: 2))
    #expect(few?.line == 3)
    #expect(few?.isHostile == false)
    #expect(
      refusal("<Files Item=\"Name\" List=\"a|b|c\"/>")?.problem == .wrongCellCount(record: 1, cells: 3, columns: 1)
    )
    #expect(refusal("<Files Item=\"\" List=\"a|b\"/>")?.problem == .wrongCellCount(record: 1, cells: 2, columns: 1))
    #expect(
      refusal("<Files Item=\"Name;CompID\" List=\";;a|b|;\"/>")?.problem
        == .wrongCellCount(record: 1, cells: 3, columns: 2)
    )
  }

  @Test(arguments: [
    "", "x", "!!!!", "f3CCJrjzJxFCCpO9s2ztt+GbZrEQFD6hYd3AruNGnaA", "f3CCJrjzJxFCCpO9s2ztt+GbZrEQFD6hYd3AruNG",
    "f3CCJrjzJxFCCpO9s2ztt+GbZrEQFD6hYd3AruNGnaAA", "f3CCJrjzJxFCCpO9s2ztt+GbZrEQFD6hYd3AruNGnaA=AAAA",
    "7f708226b8f32711420a93bdb36cedb7e19b66b110143ea161ddc0aee3469da0",
  ])
  func `a digest that is not base64 of 32 bytes is refused`(digest: String) throws {
    for element in ["<File Name=\"a\" DSKM2=\"\(digest)\"/>", "<Files Item=\"Name;DSKM2\" List=\"a|\(digest)\"/>"] {
      let error = try #require(refusal(element))
      #expect(error.problem == .badDigest(digest))
      #expect(error.line == 2)
    }
  }

  // MARK: - Bounds

  @Test func `elements deeper than the bound are refused`() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "<A>\n", count: depth) + String(repeating: "</A>", count: depth)
    }
    #expect(throws: Never.self) { try SyntheticIndexes.parse(element: nested(7)) }
    let error = try #require(refusal(nested(8)))
    #expect(error.problem == .tooMuch("elements inside one another", limit: 8))
    #expect(error.line == 9)
    #expect(error.isHostile)
    #expect(refusal(nested(100_000))?.problem == .tooMuch("elements inside one another", limit: 8))
  }

  @Test func `more attributes than the bound are refused`() throws {
    func element(_ count: Int) -> String { "<File " + (0..<count).map { "a\($0)=\"\"" }.joined(separator: " ") + "/>" }
    #expect(throws: Never.self) { try SyntheticIndexes.parse(element: element(256)) }
    for count in [257, 50_000] {
      let error = try #require(refusal(element(count)))
      #expect(error.problem == .tooMuch("attributes", limit: 256))
      #expect(error.line == 2)
    }
  }

  @Test func `more records than the bound are refused, in tables and elements together`() throws {
    var limits = IndexLimits()
    limits.records = 100
    func table(_ count: Int) -> String {
      "<Files Item=\"Name\" List=\"" + (0..<count).map { "f\($0)" }.joined(separator: ";") + "\"/>"
    }
    #expect(try SyntheticIndexes.parse(element: table(100), limits: limits).entries.count == 100)
    for bomb in [table(101), table(100_000), table(99) + "<File Name=\"a\"/><File Name=\"b\"/>"] {
      let error = try #require(refusal(bomb, limits: limits))
      #expect(error.problem == .tooMuch("records", limit: 100))
      #expect(error.line == 2)
    }
  }

  @Test func `an index longer than the bound is refused before it is read`() throws {
    var limits = IndexLimits()
    limits.bytes = 50
    let error = try #require(refusal(of: String(repeating: "x", count: 51), limits: limits))
    #expect(error.problem == .tooMuch("bytes", limit: 50))
    #expect(refusal(of: String(repeating: "x", count: 50), limits: limits)?.problem == .noEndTag)
  }

  @Test func `a table of more columns than the bound is refused`() throws {
    let item = String(repeating: ";", count: 256)
    let error = try #require(refusal("<Files Item=\"Name\(item)\" List=\"a\"/>"))
    #expect(error.problem == .tooMuch("columns", limit: 256))
    #expect(error.line == 2)
  }

  @Test func `a record of millions of cells is refused without counting them all`() throws {
    let bomb = String(repeating: "|", count: 4_000_000)
    for list in [bomb, "\\\\x" + bomb] {
      let error = try #require(refusal("<Files Item=\"Name\" List=\"\(list)\"/>"))
      #expect(error.problem == .wrongCellCount(record: 1, cells: 257, columns: 1))
    }
  }
}
