import MirrorTypes
import Testing
import UpdateIndex

@Suite struct IndexWalkTests {
  private let primary = TreePath(constant: "u.xml")

  private func index(_ elements: String, date: String = "11112025 0902") -> [UInt8] {
    Array("<Update Format=\"3.0\" Date=\"\(date)\">\(elements)</Update>".utf8)
  }

  private func naming(_ indexes: String...) -> [UInt8] {
    index(indexes.map { "<Index Name=\"\($0)\"/>" }.joined())
  }

  private func path(_ text: String) -> TreePath {
    do { return try TreePath(text) } catch { preconditionFailure("\(error)") }
  }

  private func walk(_ limits: IndexLimits = IndexLimits()) -> IndexWalk {
    IndexWalk(primaries: [primary], selection: .everything, limits: limits)
  }

  @Test func `each index and each file is handed out once`() throws {
    var walk = walk()
    let first = try walk.take(
      index("<Index Name=\"a.xml\"/><Index Name=\"b.xml\"/><Index Name=\"a.xml\"/><File Name=\"f\"/>"),
      of: primary
    )
    #expect(first.indexes.map(\.path.string) == ["a.xml", "b.xml"])
    #expect(first.files.map(\.path.string) == ["f"])
    let second = try walk.take(index("<Index Name=\"b.xml\"/><File Name=\"f\"/><File Name=\"g\"/>"), of: path("a.xml"))
    #expect(second.indexes.isEmpty)
    #expect(second.files.map(\.path.string) == ["g"])
    #expect(second.files.map(\.namedBy.string) == ["a.xml"])
  }

  @Test func `a file named again is handed out again only to tell its digest`() throws {
    var walk = walk()
    let plain = "<File Name=\"f\" Size=\"1\"/>"
    let digest = SyntheticIndexes.digests[0]
    let digested = "<File Name=\"f\" DSKM2=\"\(digest)\"/>"
    #expect(try walk.take(index(plain), of: primary).files.map(\.dskm2) == [nil])
    let again = try walk.take(index(digested), of: path("a.xml")).files
    #expect(again.map(\.path.string) == ["f"])
    #expect(again[0].dskm2 != nil && again[0].carriesDigest)
    #expect(try walk.take(index(digested + plain), of: path("b.xml")).files.isEmpty)
  }

  @Test func `inline files are not handed out, and what is not selected neither`() throws {
    let selection = try Selection(components: ["KDB"])
    var walk = IndexWalk(primaries: [primary], selection: selection)
    let step = try walk.take(
      index(
        "<File Name=\"inline\">AAAA</File><File Name=\"a\" CompID=\"KDB\"/><File Name=\"b\" CompID=\"EMU\"/>"
          + "<Index Name=\"c.xml\" CompID=\"EMU\"/><Index Name=\"d.xml\" CompID=\"EMU,KDB\"/>"
      ),
      of: primary
    )
    #expect(step.files.map(\.path.string) == ["a"])
    #expect(step.files.map(\.components) == [["KDB"]])
    #expect(step.indexes.map(\.path.string) == ["d.xml"])
  }

  @Test func `the dates of primary indexes are kept, and drift adds up`() throws {
    var walk = walk()
    _ = try walk.take(index("<Index Name=\"a.xml\"/><Odd/>"), of: primary)
    _ = try walk.take(index("<Odd/>", date: "12112025 0000"), of: path("a.xml"))
    #expect(walk.dates == [primary: try #require(IndexDate("11112025 0902"))])
    #expect(walk.drift.findings.map(\.name) == ["unknown-element Odd"])
    #expect(walk.drift.findings.map(\.count) == [2])
  }

  @Test func `an index that names itself is refused`() throws {
    var walk = walk()
    let error = #expect(throws: IndexError.self) { try walk.take(naming("u.xml"), of: primary) }
    #expect(error?.problem == .loop(primary))
    #expect(error?.index == primary)
    #expect(error?.isHostile == true)
  }

  @Test func `an index that names what it hangs off is refused`() throws {
    var walk = walk()
    _ = try walk.take(naming("a.xml"), of: primary)
    _ = try walk.take(naming("b.xml"), of: path("a.xml"))
    #expect(throws: IndexError(index: path("b.xml"), problem: .loop(path("a.xml")))) {
      try walk.take(naming("a.xml"), of: path("b.xml"))
    }
    #expect(throws: IndexError(index: path("b.xml"), problem: .loop(primary))) {
      try walk.take(naming("u.xml"), of: path("b.xml"))
    }
  }

  @Test func `siblings that name each other are taken once each`() throws {
    var walk = IndexWalk(primaries: [primary, path("v.xml")], selection: .everything)
    #expect(try walk.take(naming("a.xml", "b.xml", "v.xml"), of: primary).indexes.count == 2)
    #expect(try walk.take(naming("u.xml", "a.xml"), of: path("v.xml")).indexes.isEmpty)
    #expect(try walk.take(naming("b.xml"), of: path("a.xml")).indexes.isEmpty)
    #expect(try walk.take(naming("a.xml"), of: path("b.xml")).indexes.isEmpty)
  }

  @Test func `a chain of indexes deeper than the bound is refused`() throws {
    var walk = walk()
    var current = primary
    for depth in 1..<IndexLimits().indexDepth {
      current = try #require(try walk.take(naming("d\(depth).xml"), of: current).indexes.first).path
    }
    let error = #expect(throws: IndexError.self) { try walk.take(naming("end.xml"), of: current) }
    #expect(error?.problem == .tooMuch("indexes below one another", limit: 16))
    #expect(error?.index == current)
  }

  @Test func `more indexes and more files than the bounds are refused`() throws {
    var limits = IndexLimits()
    limits.indexes = 3
    limits.files = 2
    var walk = walk(limits)
    #expect(try walk.take(naming("a.xml", "b.xml"), of: primary).indexes.count == 2)
    #expect(throws: IndexError(index: path("a.xml"), problem: .tooMuch("indexes in one tree", limit: 3))) {
      try walk.take(naming("b.xml", "c.xml"), of: path("a.xml"))
    }
    #expect(try walk.take(index("<File Name=\"f\"/><File Name=\"g\"/>"), of: path("a.xml")).files.count == 2)
    #expect(throws: IndexError(index: path("b.xml"), problem: .tooMuch("files in one tree", limit: 2))) {
      try walk.take(index("<File Name=\"f\"/><File Name=\"h\"/>"), of: path("b.xml"))
    }
  }
}
