import Foundation
import Testing

/// kscmirror-security(7) names a test for each boundary: that there is such a test is tested too.
@Suite struct SecurityPageTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The tests that the page names: the suite, and the test's name.
  private static func named() throws -> [(suite: String, test: String)] {
    let page = try String(contentsOf: root.appendingPathComponent("Man/kscmirror-security.7"), encoding: .utf8)
    var (tests, isList) = ([(suite: String, test: String)](), false)
    for line in page.split(separator: "\n") {
      if line.hasPrefix(".") {
        isList = line == ".Em Tests :" || (isList && line == ".br")
        continue
      }
      guard isList, let colon = line.firstRange(of: ": ") else { continue }
      let suite = String(line[..<colon.lowerBound].split(separator: "/").last ?? "")
      for match in line.matches(of: /\\\(lq(.+?)\\\(rq/) { tests.append((suite, String(match.output.1))) }
    }
    return tests
  }

  @Test func `each test that the page names is there, in the suite that it names`() throws {
    var sources: [String: String] = [:]
    let folder = Self.root.appendingPathComponent("Tests")
    let paths = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
    for path in paths where path.hasSuffix(".swift") {
      let text = try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
      for match in text.matches(of: /struct (\w+)/) { sources[String(match.output.1), default: ""] += text }
    }
    let named = try Self.named()
    #expect(named.count > 100, "\(named.count)")
    let missing = named.filter { item in
      let name = item.test.replacing("\\&", with: "").replacing("\\-", with: "-").replacing("\\(aq", with: "'")
      return sources[item.suite]?.contains("`\(name)`") != true
    }
    #expect(missing.map { "\($0.suite): \($0.test)" } == [])
  }
}
