import MirrorTypes
import Testing
import UpdateIndex

@Suite struct DifferenceListTests {
  private static let list = TreePath(constant: "diffs/bases/kdb/~kdb.dat.diffs")
  private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

  private func names(_ bytes: [UInt8]) throws -> [String] {
    try DifferenceList(parsing: bytes, at: Self.list).files.map(\.string)
  }

  private func problem(_ bytes: [UInt8]) -> DifferenceListError? {
    do { _ = try DifferenceList(parsing: bytes, at: Self.list) } catch { return error }
    return nil
  }

  // MARK: - Where they lie

  @Test func `each kind has its place beside a file, and leads back to it`() throws {
    let places: [(DifferenceKind, String)] = [
      (.difference, "bases/kdb/kdb.dat.dif"), (.compressedTwin, "bases/kdb/kdb.dat.klz"),
      (.list, "diffs/bases/kdb/~kdb.dat.diffs"),
    ]
    let file = TreePath(constant: "bases/kdb/kdb.dat")
    for (kind, place) in places {
      let path = try #require(kind.path(of: file))
      #expect(path.string == place)
      let split = try #require(DifferenceKind.split(path))
      #expect(split.kind == kind && split.file == file)
    }
    let atRoot = TreePath(constant: "a.dat")
    #expect(DifferenceKind.list.path(of: atRoot)?.string == "diffs/~a.dat.diffs")
    #expect(DifferenceKind.split(TreePath(constant: "diffs/~a.dat.diffs"))?.file == atRoot)
  }

  @Test(arguments: [
    "bases/kdb/kdb.dat", "diffs/bases/kdb/kdb.dat.srf", "bases/kdb/~kdb.dat.diffs", "diffs/bases/kdb.dat.diffs",
    "diffs/bases/~.diffs", ".klz", "bases/.dif", "diffs",
  ])
  func `any other path is of no kind`(_ path: String) throws {
    #expect(try DifferenceKind.split(TreePath(path)) == nil)
  }

  @Test func `beside a name that leaves no room for a suffix lies nothing`() throws {
    let file = try TreePath("a/" + String(repeating: "n", count: TreePath.maximumPartLength))
    #expect(DifferenceKind.allCases.allSatisfy { $0.path(of: file) == nil })
  }

  // MARK: - Lists

  @Test func `a list names files in its own folder, each once`() throws {
    let text = "kdb.dat.abc\r\n\r\nkdb.dat.def\r\nkdb.dat.abc\r\n"
    #expect(try names(Self.mark + Array(text.utf8)) == ["diffs/bases/kdb/kdb.dat.abc", "diffs/bases/kdb/kdb.dat.def"])
  }

  @Test func `the mark, carriage returns and the last line's end may be missing`() throws {
    let expected = ["diffs/bases/kdb/a", "diffs/bases/kdb/b"]
    for text in ["a\r\nb\r\n", "a\nb\n", "a\nb", "a\r\nb"] {
      #expect(try names(Array(text.utf8)) == expected)
      #expect(try names(Self.mark + Array(text.utf8)) == expected)
    }
    #expect(try names([]).isEmpty)
    #expect(try names(Self.mark).isEmpty)
  }

  @Test(
    arguments: [
      ("../x", .elsewhere("../x")), ("/etc/passwd", .elsewhere("/etc/passwd")), ("a/b", .elsewhere("a/b")),
      ("..", .badName("..", .leavesRoot)), (".", .badName(".", .leavesRoot)),
      ("..\\x", .badName("..\\x", .forbiddenCharacter("\\"))), ("c:x", .badName("c:x", .forbiddenCharacter(":"))),
      ("a\0b", .badName("a\0b", .controlCharacter)), ("a\rb", .badName("a\rb", .controlCharacter)),
      ("a ", .badName("a ", .trailingDotOrBlank)),
    ] as [(String, DifferenceListError.Problem)]
  )
  func `a line that is no name in the folder refuses the list`(
    _ line: String,
    _ expected: DifferenceListError.Problem
  ) throws {
    let error = try #require(problem(Self.mark + Array("good\r\n\(line)\r\n".utf8)))
    #expect(error == .init(list: Self.list, line: 2, problem: expected))
    #expect(error.description.hasPrefix("diffs/bases/kdb/~kdb.dat.diffs:2: "))
  }

  @Test func `names that are too long, and other encodings, refuse the list`() throws {
    let long = String(repeating: "n", count: 256)
    #expect(problem(Array(long.utf8))?.problem == .badName(long, .tooLong))
    let wide = "kdb.dat.abc\r\n".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    #expect(problem([0xFF, 0xFE] + wide)?.problem == .notText)
    guard case .badName(_, .controlCharacter) = problem(wide)?.problem else {
      Issue.record("UTF-16 without a mark was taken")
      return
    }
  }

  @Test func `a list has bounds`() throws {
    let most = (0..<DifferenceList.maximumLines).map { "n\($0)\r\n" }.joined()
    #expect(try names(Array(most.utf8)).count == DifferenceList.maximumLines)
    #expect(problem(Array((most + "one more").utf8))?.problem == .tooMuch("lines", limit: DifferenceList.maximumLines))
    let blank = [UInt8](repeating: UInt8(ascii: "\n"), count: DifferenceList.maximumLines + 1)
    #expect(problem(blank)?.problem == .tooMuch("lines", limit: DifferenceList.maximumLines))
    let large = [UInt8](repeating: UInt8(ascii: "n"), count: DifferenceList.maximumBytes + 1)
    #expect(problem(large)?.problem == .tooMuch("bytes", limit: DifferenceList.maximumBytes))
  }
}
