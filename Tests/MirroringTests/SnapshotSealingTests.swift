import Catalogue
import JobDoubles
import MirrorTypes
import StoreTrust
import SyncRules
import Testing

@testable import JobCore
@testable import Mirroring

/// What one snapshot is made of when some sources have changed, some have not, and some are gone.
@Suite struct SnapshotSealingTests {
  typealias File = FilledStore.File

  enum Expected: Sendable {
    /// The last snapshot, and no new one.
    case theLast
    case files([File])
    /// No snapshot, and an error that says this.
    case refusal(String)
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let configured: [String]
    /// The files of the last snapshot; `nil`: there is none.
    let last: [File]?
    /// What each source came to: its files, or `nil` for those that it had. A source that failed is not among them.
    let outcomes: [String: [File]?]
    let expected: Expected
  }

  private static func file(_ path: String, _ text: String, of source: String) -> File {
    File(path, text, source: source, component: "")
  }

  private static let a1 = file("updates/a", "1", of: "a")
  private static let a2 = file("updates/a", "2", of: "a")
  private static let b1 = file("packages/b", "1", of: "b")
  private static let b2 = file("packages/b", "2", of: "b")

  static let cases: [Case] = [
    Case(
      testDescription: "the first snapshot",
      configured: ["a"],
      last: nil,
      outcomes: ["a": [a1]],
      expected: .files([a1])
    ),
    Case(
      testDescription: "a first snapshot without files",
      configured: ["a"],
      last: nil,
      outcomes: ["a": []],
      expected: .files([])
    ),
    Case(
      testDescription: "no source has anything new",
      configured: ["a", "b"],
      last: [a1, b1],
      outcomes: ["a": nil, "b": nil],
      expected: .theLast
    ),
    Case(
      testDescription: "a source has the same files again",
      configured: ["a", "b"],
      last: [a1, b1],
      outcomes: ["a": [a1], "b": nil],
      expected: .theLast
    ),
    Case(
      testDescription: "one of two has changed",
      configured: ["a", "b"],
      last: [a1, b1],
      outcomes: ["a": [a2], "b": nil],
      expected: .files([a2, b1])
    ),
    Case(
      testDescription: "one has changed, and the other has failed",
      configured: ["a", "b"],
      last: [a1, b1],
      outcomes: ["a": [a2]],
      expected: .files([a2, b1])
    ),
    Case(
      testDescription: "both have changed",
      configured: ["a", "b"],
      last: [a1, b1],
      outcomes: ["a": [a2], "b": [b2]],
      expected: .files([a2, b2])
    ),
    Case(
      testDescription: "a source is new",
      configured: ["a", "b"],
      last: [a1],
      outcomes: ["a": nil, "b": [b1]],
      expected: .files([a1, b1])
    ),
    Case(
      testDescription: "a source is no longer configured, and nothing else has changed",
      configured: ["a"],
      last: [a1, b1],
      outcomes: ["a": nil],
      expected: .files([a1])
    ),
    Case(
      testDescription: "a source has no files any more",
      configured: ["a", "b"],
      last: [a1, b1],
      outcomes: ["a": [], "b": nil],
      expected: .files([b1])
    ),
    Case(
      testDescription: "two sources agree on a file: it belongs to the one that was renewed",
      configured: ["a", "b"],
      last: [a1],
      outcomes: ["b": [file("updates/a", "1", of: "b"), b1]],
      expected: .files([file("updates/a", "1", of: "b"), b1])
    ),
    Case(
      testDescription: "two renewed sources do not agree on a file",
      configured: ["a", "b"],
      last: nil,
      outcomes: ["a": [a1], "b": [file("updates/a", "2", of: "b")]],
      expected: .refusal("updates/a differs between the sources a and b")
    ),
    Case(
      testDescription: "a renewed source does not agree with one that failed",
      configured: ["a", "b"],
      last: [a1],
      outcomes: ["b": [file("updates/a", "2", of: "b")]],
      expected: .refusal("updates/a differs between the sources b and a")
    ),
  ]

  private static func plan(_ source: String, _ run: Int) -> SourceNotes { SourceNotes(plan: "\(source)\(run)") }

  private static func outcome(_ source: String, _ files: [File]?, in filled: FilledStore) throws -> SourceOutcome {
    let sealed = try files?.map(filled.snapshotFile)
    return SourceOutcome(
      source: source,
      files: try sealed.map { sealed in try SourceFiles { body in try sealed.forEach(body) } },
      state: SourceState(configuration: "2", finished: 2000),
      notes: plan(source, 2),
      facts: SyncReport.SourceFacts(
        name: source,
        files: 0,
        bytes: 0,
        fetchedFiles: 0,
        fetchedBytes: 0,
        absent: 0,
        vendorChecked: 0,
        requests: 0
      )
    )
  }

  @Test(arguments: cases) func `one snapshot of what the sources came to`(_ row: Case) throws {
    let filled = try FilledStore()
    let store = filled.store
    var last: Snapshot?
    if let files = row.last {
      let sources = Set(files.map(\.source))
      let notes = SnapshotNotes(sources: Dictionary(uniqueKeysWithValues: sources.map { ($0, Self.plan($0, 1)) }))
      last = try filled.seal(files, notes: try notes.text)
      for source in sources { try store.remember([:], state: SourceState(configuration: "1", finished: 1), of: source) }
    }
    let before = try store.snapshots().map(\.number)
    let outcomes = try row.outcomes.sorted { $0.key < $1.key }.map { try Self.outcome($0.key, $0.value, in: filled) }
    func seal() throws -> Snapshot {
      try SnapshotSealing(store: store, configured: row.configured, last: last, clock: HandClock().clock).seal(outcomes)
    }
    switch row.expected {
    case .theLast:
      #expect(try seal() == last)
      #expect(try store.snapshots().map(\.number) == before)
    case .files(let files):
      let snapshot = try seal()
      #expect(try filled.files(of: snapshot.number) == Set(files))
      #expect(try store.snapshots().count == before.count + 1)
      // A source that was not synced keeps what was noted of it; one that is not configured leaves nothing.
      let noted = try #require(SnapshotNotes(snapshot.notes)).sources.mapValues(\.plan)
      let sources = row.outcomes.keys.map { ($0, "\($0)2") } + Set(row.last?.map(\.source) ?? []).map { ($0, "\($0)1") }
      let expected = Dictionary(sources) { first, _ in first }.filter { row.configured.contains($0.key) }
      #expect(noted == expected)
      for (source, plan) in expected {
        #expect(try store.sourceState(source)?.configuration == String(plan.suffix(1)), "\(source)")
      }
      #expect(try Set(store.knownSources()) == Set(expected.keys))
    case .refusal(let text):
      let error = try #require(throws: JobError.self) { try seal() }
      #expect(error.status == .configuration)
      #expect(error.message.contains(text), "\(error.message)")
      #expect(try store.snapshots().map(\.number) == before)
      #expect(try store.sourceState("b")?.configuration == nil)
    }
  }
}
