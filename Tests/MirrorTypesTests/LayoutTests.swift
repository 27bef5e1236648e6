import Foundation
import Testing

/// The house is as DESIGN.md says: how large targets are, what may use what, and which way data goes.
@Suite struct LayoutTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  private static let floors: Set<String> = ["Base", "Parts", "Jobs"]

  /// A target of the program.
  private struct Target {
    let name: String
    /// `Base`, `Parts`, `Jobs`, or its own name.
    let floor: String
    /// The text of each file, by its path below `Sources`.
    var files: [String: String] = [:]

    var lines: Int { files.values.reduce(0) { sum, text in sum + text.utf8.count { $0 == UInt8(ascii: "\n") } } }

    /// What its files import.
    var imports: Set<String> {
      let words = files.values.flatMap { $0.matches(of: /(?m)^(?:internal |package |private )*import (\w+)$/) }
      return Set(words.map { String($0.output.1) })
    }
  }

  private static func targets() throws -> [String: Target] {
    let sources = root.appendingPathComponent("Sources")
    let paths = FileManager.default.enumerator(atPath: sources.path)?.compactMap { $0 as? String } ?? []
    var targets: [String: Target] = [:]
    for path in paths where path.hasSuffix(".swift") {
      let parts = path.split(separator: "/").map(String.init)
      let name = floors.contains(parts[0]) ? parts[1] : parts[0]
      targets[name, default: Target(name: name, floor: parts[0])].files[path] =
        try String(contentsOf: sources.appendingPathComponent(path), encoding: .utf8)
    }
    #expect(targets.count > 30)
    return targets
  }

  @Test func `no target has more than 4,000 lines`() throws {
    #expect(try Self.targets().values.filter { $0.lines > 4000 }.map { "\($0.name): \($0.lines)" } == [])
  }

  /// But JobCore, of which every job is made.
  @Test func `no target outside Base is needed by more than half of the others`() throws {
    let targets = try Self.targets()
    for target in targets.values where target.floor != "Base" && target.name != "JobCore" {
      let users = targets.values.count { $0.name != target.name && $0.imports.contains(target.name) }
      #expect(users * 2 <= targets.count - 1, "\(target.name) is used by \(users) of \(targets.count - 1)")
    }
  }

  @Test func `a part knows no other part, and nothing below knows what is above`() throws {
    let targets = try Self.targets()
    let above = ["Base": 0, "Parts": 1, "Jobs": 2, "Console": 3, "Views": 4]
    // The commands and the program itself are above all.
    let top = 5
    for target in targets.values {
      let floor = above[target.floor] ?? top
      for other in target.imports.compactMap({ targets[$0] }) where other.name != target.name {
        #expect((above[other.floor] ?? top) <= floor, "\(target.name) uses \(other.name)")
        let isKnown = (target.name, other.name) == ("ContentStore", "Catalogue")
        #expect(target.floor != "Parts" || other.floor != "Parts" || isKnown, "\(target.name) uses \(other.name)")
      }
    }
  }

  @Test func `the design page has a row for each target`() throws {
    let page = try String(contentsOf: Self.root.appendingPathComponent("DESIGN.md"), encoding: .utf8)
    let rows = page.matches(of: /(?m)^\| ([\w, ]+) \|/).flatMap { $0.output.1.split(separator: ", ").map(String.init) }
    let inRows = try Self.targets().values.filter { Self.floors.contains($0.floor) }.map(\.name)
    #expect(Set(inRows).subtracting(rows) == [])
  }

  /// Each walk names files by the path below `Sources`, or by what is left of it below the folder or the target of the
  /// file before.
  @Test func `the walks of the design page name files that are there, and each once`() throws {
    let page = try String(contentsOf: Self.root.appendingPathComponent("DESIGN.md"), encoding: .utf8)
    let walks = page.components(separatedBy: "\n### 8.").dropFirst()
    #expect(walks.count == 3)
    let paths = Set(try Self.targets().values.flatMap(\.files.keys))
    for walk in walks {
      var seen: Set<String> = []
      var (folder, target) = ("", "")
      for match in walk.components(separatedBy: "\n## ")[0].matches(of: /`([\w\/+.-]+\.swift)`/) {
        let name = String(match.output.1)
        let inTarget = paths.filter { $0.hasPrefix(target + "/") && $0.hasSuffix("/" + name) }
        let found =
          [name, "\(folder)/\(name)"].first(where: paths.contains) ?? (inTarget.count == 1 ? inTarget.first : nil)
        let path = try #require(found, "\(name), in walk 8.\(walk.prefix(1))")
        #expect(seen.insert(path).inserted, "\(path) is named twice in walk 8.\(walk.prefix(1))")
        let parts = path.split(separator: "/")
        folder = parts.dropLast().joined(separator: "/")
        target = parts.prefix(Self.floors.contains(String(parts[0])) ? 2 : 1).joined(separator: "/")
      }
      #expect(seen.count > 20)
    }
  }
}
