import Foundation
import TestSupport
import Testing

/// The keys of JSON results that the program writes in any test, held against the tables of the manual. `ResultTests` holds
/// the tables against the program's types.
enum DocumentedResults {
  private static let keys = (try? ManualPages.resultKeys()) ?? [:]

  /// Expects each key of a command's result to be in its table.
  static func expectDocumented(_ lines: [[String: Any]]) {
    for line in lines {
      guard let command = line["command"] as? String, let result = line["result"] as? [String: Any] else { continue }
      guard let table = keys[command] else {
        Issue.record("the manual has no table of the JSON result of '\(command)'")
        continue
      }
      let missing = undocumented(result, "", table)
      #expect(missing.isEmpty, "the manual has no \(missing.sorted()) in the JSON result of '\(command)'")
    }
  }

  /// The keys of a value that a table does not have.
  static func undocumented(_ value: Any, _ prefix: String, _ table: Set<String>) -> Set<String> {
    switch value {
    case let object as [String: Any]:
      // Below a star are names of any kind.
      if table.contains(where: { $0.hasPrefix("\(prefix)*") }) {
        return object.values.reduce(into: []) { $0.formUnion(undocumented($1, "\(prefix)*.", table)) }
      }
      return object.reduce(into: []) { missing, entry in
        let path = prefix + entry.key
        let isKnown = table.contains { $0 == path || $0.hasPrefix("\(path)[") || $0.hasPrefix("\(path).") }
        guard isKnown else {
          missing.insert(path)
          return
        }
        missing.formUnion(inside(entry.value, path, table))
      }
    case let list as [Any]:
      return list.reduce(into: []) { $0.formUnion(undocumented($1, prefix, table)) }
    default: return []
    }
  }

  private static func inside(_ value: Any, _ path: String, _ table: Set<String>) -> Set<String> {
    // What is described as a whole is described.
    let isWhole = !table.contains { $0.hasPrefix("\(path).") || $0.hasPrefix("\(path)[].") }
    if isWhole { return [] }
    return undocumented(value, value is [Any] ? "\(path)[]." : "\(path).", table)
  }
}

/// The manual's tables of JSON results, and what finds keys that they lack.
@Suite struct DocumentedResultsTests {
  @Test func `a key that a table lacks is found, in lists and below names of any kind as well`() {
    let table: Set = ["name", "sites[]", "sites[].age", "dates.*", "notes", "lists.*[]", "lists.*[].a"]
    func missing(_ json: String) -> Set<String> {
      let value = (try? JSONSerialization.jsonObject(with: Data(json.utf8))) ?? [:]
      return DocumentedResults.undocumented(value, "", table)
    }
    #expect(missing("{\"name\":1,\"sites\":[{\"age\":2}],\"dates\":{\"x\":1,\"y\":2},\"notes\":{\"z\":1}}") == [])
    #expect(missing("{\"nmae\":1,\"sites\":[{\"age\":2},{\"aeg\":2}]}") == ["nmae", "sites[].aeg"])
  }
}
