import Foundation
import TestSupport
import Testing

/// The tables of JSON results in the manual have the keys that the program's types have: all of them, and no others.
@Suite struct ResultKeysTests {
  @Test(arguments: ResultTable.types.map(\.commands))
  func `a table in the manual has each key of the result, and no other`(commands: String) throws {
    let table = try #require(try ManualPages.resultTables()[commands], "the manual has no table of '\(commands)'")
    let type = try #require(ResultTable.types.first { $0.commands == commands }).type
    let keys = ResultKeys.keys(of: type)
    #expect(!keys.isEmpty)
    #expect(keys.subtracting(table).sorted() == [], "not in the manual")
    #expect(table.subtracting(keys).sorted() == [], "not in the program")
  }

  @Test func `the manual has no table of another result`() throws {
    #expect(try ManualPages.resultTables().keys.sorted() == ResultTable.types.map(\.commands).sorted())
  }

  @Test func `each command that writes a result has a table`() throws {
    let known = Set(try ManualPages.resultKeys().keys)
    let sources = ManualPages.folder.deletingLastPathComponent().appendingPathComponent("Sources")
    var found: Set<String> = []
    for path in FileManager.default.enumerator(atPath: sources.path)?.compactMap({ $0 as? String }) ?? []
    where path.hasSuffix(".swift") {
      let text = try String(contentsOf: sources.appendingPathComponent(path), encoding: .utf8)
      for match in text.matches(of: /(?:perform\(\s*|JSONReporter\(command: )"([a-z -]+)"/) {
        found.insert(String(match.output.1))
      }
    }
    #expect(found.count > 50)
    #expect(found.subtracting(known).sorted() == [])
  }

  @Test func `the keys of a type are those of its properties, in lists, below names and in others`() {
    struct Inner: Encodable {
      let age: Int?
      let names: [String: [Int]]
    }
    struct Outer: Encodable {
      let first: Inner?
      let list: [[Inner]]
      let text: String
    }
    let inner = ["age", "names.*[]"]
    let expected = ["first", "list[][]", "text"] + inner.map { "first.\($0)" } + inner.map { "list[][].\($0)" }
    #expect(ResultKeys.keys(of: Outer.self) == Set(expected))
  }
}
