import Foundation
import MirrorTypes
import Testing
import UpdateIndex

/// Indexes that stand inside others, as servers that pass updates on unpack them.
@Suite struct CarriedIndexTests {
  private static let primary = TreePath(constant: "index/u1313g.xml")
  private static let signed = "<Update Format=\"3.0\" Date=\"11112025 0902\"><File Name=\"f\"/></Update>"

  private func carrier(_ name: String, _ content: String, attributes: String = "") -> [UInt8] {
    let text = Data(content.utf8).base64EncodedString()
    return Array("<Update Format=\"2.0\"><File Name=\"\(name)\" \(attributes)>\r\n\(text)\r\n</File></Update>".utf8)
  }

  private func walk(_ selection: Selection = .everything) -> IndexWalk {
    IndexWalk(primaries: [Self.primary], selection: selection)
  }

  @Test func `the index that another one carries is handed out with its bytes`() throws {
    var walk = walk()
    let step = try walk.take(carrier("u1901g.xml", Self.signed, attributes: "CompID=\"RETR1901\""), of: Self.primary)
    let carried = try #require(step.carried.first)
    #expect(step.carried.count == 1 && step.files.isEmpty && step.indexes.isEmpty)
    #expect(carried.file.path.string == "index/u1901g.xml")
    #expect(carried.file.namedBy == Self.primary)
    #expect(carried.file.components == ["RETR1901"])
    #expect(carried.bytes == Array(Self.signed.utf8))
    let inner = try walk.take(carried.bytes, of: carried.file.path)
    #expect(inner.files.map(\.path.string) == ["index/f"])
    #expect(walk.dates.keys.map(\.string).contains("index/u1901g.xml"), "it counts as a primary index")
  }

  @Test func `one inside one inside one is unpacked step by step, and each time it is named`() throws {
    var walk = walk()
    let inner = String(decoding: carrier("u1901g.xml", Self.signed), as: UTF8.self)
    let outer = try walk.take(carrier("retr1901-u1313g.xml", inner), of: Self.primary)
    let middle = try #require(outer.carried.first)
    #expect(middle.file.path.string == "index/retr1901-u1313g.xml")
    let last = try walk.take(middle.bytes, of: middle.file.path)
    #expect(last.carried.map(\.file.path.string) == ["index/u1901g.xml"])
    #expect(walk.dates[middle.file.path] == nil, "what only carries is no primary index")
  }

  @Test(arguments: [
    ("index/u1313g.xml", "note.txt", ""), ("index/u1313g.xml", "u1901g.xml", "CompID=\"RETR1313\""),
    ("updates/kdb/kdb-1313g.xml", "kdb-1901g.xml", ""), ("u.xml", "u1901g.xml", ""),
  ])
  func `other inline files are not taken for indexes`(_ path: String, _ name: String, _ attributes: String) throws {
    let path = try TreePath(path)
    var walk = IndexWalk(primaries: [path], selection: try Selection(components: ["RETR1901"]))
    #expect(try walk.take(carrier(name, Self.signed, attributes: attributes), of: path).carried.isEmpty)
  }

  @Test func `one that is not base64 is refused by its name`() throws {
    var walk = walk()
    let text = "<Update Format=\"2.0\"><File Name=\"u1901g.xml\">%%%</File></Update>"
    let error = #expect(throws: IndexError.self) { try walk.take(Array(text.utf8), of: Self.primary) }
    #expect(error?.description.contains("u1901g.xml") == true)
  }

  @Test func `indexes that carry one another without end are refused`() throws {
    var limits = IndexLimits()
    limits.indexDepth = 4
    var walk = IndexWalk(primaries: [Self.primary], selection: .everything, limits: limits)
    let error = #expect(throws: IndexError.self) {
      var path = Self.primary
      for number in 0..<10 {
        path = try #require(try walk.take(carrier("n\(number).xml", Self.signed), of: path).carried.first).file.path
      }
    }
    #expect(error?.isHostile == true)
  }

  @Test(arguments: [
    (["index/u1313g.xml"], ["KDB", "RETR1901_KDB", "RETR1901"], ["index/u1901g.xml", "index/u1313g.xml"]),
    (
      ["index/u1313g.xml", "updaters/updater.xml"], ["retr1901"],
      ["index/u1901g.xml", "index/u1313g.xml", "updaters/updater.xml"]
    ),
    (["index/u1313g.xml"], ["KDB"], ["index/u1313g.xml"]),
    (["index/u1313g.xml"], [], ["index/u1901g.xml", "index/u1313g.xml"]),
    (["index/um1313g.xml"], ["KMSH2", "RETRUM1901G_KMSH2"], ["index/um1901g.xml", "index/um1313g.xml"]),
    (
      ["index/u1313g.xml", "index/um1313g.xml"], ["RETR1901"],
      ["index/u1901g.xml", "index/um1901g.xml", "index/u1313g.xml", "index/um1313g.xml"]
    ),
    (["index/u0607g.xml"], ["RETR1901"], ["index/u0607g.xml"]),
    (["index/u1901g.xml", "index/u1313g.xml"], ["RETR1901"], ["index/u1901g.xml", "index/u1313g.xml"]),
    ([], ["RETR1901"], []),
  ])
  func `the signed sibling goes before what the catalogue names`(
    _ named: [String],
    _ components: [String],
    _ expected: [String]
  ) throws {
    let walked = PrimaryIndexes.walked(from: try named.map { try TreePath($0) }, components: components)
    #expect(walked.map(\.string) == expected)
  }

  @Test func `the meta indexes stand beside those whose payload they describe`() throws {
    func paths(_ texts: String...) throws -> [TreePath] { try texts.map { try TreePath($0) } }
    #expect(
      try PrimaryIndexes.withMeta(paths("index/u1313g.xml")).map(\.string) == ["index/u1313g.xml", "index/umeta.xml"]
    )
    #expect(
      try PrimaryIndexes.withMeta(paths("index/umeta.xml", "index/um1901g.xml")).map(\.string)
        == ["index/umeta.xml", "index/um1901g.xml", "index/ummeta.xml"]
    )
  }
}

/// What the root of an index restricts holds for its records.
@Suite struct RootRestrictionTests {
  /// Whether the one record of an index is taken.
  private func admits(_ record: String, root: String, _ selection: Selection) throws -> Bool {
    let text = "<Update Format=\"3.0\" \(root)>\(record)</Update>"
    let index = try IndexParser.parse(Array(text.utf8), at: TreePath(constant: "updates/x/x-1901g.xml"))
    return selection.admits(try #require(index.entries.first))
  }

  @Test(arguments: [
    // The index of one architecture or system, whose records say nothing of it.
    (#"Arch="e2k""#, #"<File Name="a"/>"#, false), (#"Arch="x64""#, #"<File Name="a"/>"#, true),
    (#"OS="Mac""#, #"<File Name="a"/>"#, false), (#"OS="Linux*""#, #"<File Name="a"/>"#, true),
    (#"SysArch="a64""#, #"<File Name="a"/>"#, false), (#"Lang="ru""#, #"<File Name="a"/>"#, false),
    (#"App="KUU 4.1""#, #"<File Name="a"/>"#, false),
    // A record's own word counts before the root's, an empty one as well.
    (#"Arch="i386""#, #"<File Name="a" Arch="x64"/>"#, true), (#"Arch="x64""#, #"<File Name="a" Arch="i386"/>"#, false),
    (#"Arch="e2k""#, #"<File Name="a" Arch=""/>"#, true),
    (#"Arch="e2k""#, #"<Files Item="Name" List="a"/>"#, false),
    (#"Arch="e2k""#, #"<Files Item="Name;Arch" List="a|x64"/>"#, true),
    (#"Arch="e2k""#, #"<Files Arch="x64" Item="Name" List="a"/>"#, true),
    (#"Arch="e2k""#, #"<Index Name="a.xml"/>"#, false),
    // A star is no restriction.
    (#"App="*" OS="*" Arch="*" Lang="*""#, #"<File Name="a"/>"#, true),
    (#"App="*""#, #"<File Name="a" App="KES 21"/>"#, false),
  ])
  func `a record without a restriction of its own has the root's`(_ root: String, _ record: String, _ isTaken: Bool)
    throws
  {
    let selection = try Selection(
      applications: ["KSLS 12"],
      operatingSystems: ["Linux"],
      architectures: ["x64"],
      languages: ["de"]
    )
    #expect(try admits(record, root: root, selection) == isTaken, "\(root) \(record)")
  }

  @Test func `an older index has it too`() throws {
    let text = "<UpdateFiles OS=\"Mac\"><FileDescription Filename=\"a\"/></UpdateFiles>"
    let index = try IndexParser.parse(Array(text.utf8), at: TreePath(constant: "bases/x.xml"))
    #expect(try !Selection(operatingSystems: ["Linux"]).admits(try #require(index.entries.first)))
  }
}
