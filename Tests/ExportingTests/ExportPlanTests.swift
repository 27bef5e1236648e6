import Catalogue
import ContentStore
import MirrorTypes
import Testing

@testable import Exporting

/// What is kept, linked and written, by what lies where.
@Suite struct ExportPlanTests {
  private static func digest(_ letter: Character) -> ObjectDigest {
    ObjectDigest.sha256(of: Array("\(letter)".utf8))
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Path and content of each file of the release.
    var wanted = ["bases/a": "a", "bases/b": "b"]
    /// The same of what lies beside; a blank is something that is not kept.
    var beside: [String: Character] = [:]
    var published: [String: Character] = [:]
    var canLink = true
    let steps: [String: ExportPlan.Step]
    var removed: [String] = []
  }

  private static let cases = [
    Case(testDescription: "nothing is there", steps: ["bases/a": .write, "bases/b": .write]),
    Case(
      testDescription: "what the tree that is read has is linked, by its digest",
      published: ["bases/a": "a", "bases/b": "x"],
      steps: ["bases/a": .link, "bases/b": .write]
    ),
    Case(
      testDescription: "the same content under another path is written",
      published: ["bases/b": "a"],
      steps: ["bases/a": .write, "bases/b": .write]
    ),
    Case(
      testDescription: "where no links can be made, what is read is of no use",
      published: ["bases/a": "a", "bases/b": "b"],
      canLink: false,
      steps: ["bases/a": .write, "bases/b": .write]
    ),
    Case(
      testDescription: "what lies beside and is right stays, the rest goes",
      beside: ["bases/a": "a", "bases/b": "x", "old": "o", "unread": " "],
      canLink: false,
      steps: ["bases/a": .keep, "bases/b": .write],
      removed: ["bases/b", "old", "unread"]
    ),
    Case(
      testDescription: "a file where the release has a folder goes",
      beside: ["bases": "a"],
      steps: ["bases/a": .write, "bases/b": .write],
      removed: ["bases"]
    ),
  ]

  private func inventory(_ files: [String: Character]) throws -> [TreePath: ObjectDigest?] {
    var result: [TreePath: ObjectDigest?] = [:]
    for (path, letter) in files { result[try TreePath(path)] = .some(letter == " " ? nil : Self.digest(letter)) }
    return result
  }

  @Test(arguments: cases) func `the plan goes by digests`(_ example: Case) throws {
    let wanted = try example.wanted.sorted { $0.key < $1.key }.map { path, text in
      TreeFile(path: try TreePath(path), object: Self.digest(Character(text)), size: 1)
    }
    let plan = ExportPlan(
      wanted: wanted,
      beside: try inventory(example.beside),
      published: try inventory(example.published),
      canLink: example.canLink
    )
    #expect(Dictionary(uniqueKeysWithValues: plan.files.map { ($0.path.string, $0.step) }) == example.steps)
    #expect(plan.removed.map(\.string) == example.removed)
    #expect(plan.folders.map(\.string) == ["bases"])
    #expect(plan.bytesNeeded == Int64(plan.files(.write).count) * 4096)
  }
}
