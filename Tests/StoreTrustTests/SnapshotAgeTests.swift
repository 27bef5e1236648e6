import Catalogue
import Foundation
import MirrorTypes
import Testing

@testable import StoreTrust

/// How old a snapshot's databases are, from notes of all sorts.
@Suite struct SnapshotAgeTests {
  private static let now = UTCTime(seconds: 1_764_000_000)

  /// Notes as they lie in a catalogue, with something put into those of a source.
  private func notes(primaries: String = "{}", components: String?) -> String {
    let dates = components.map { ",\"components\":\($0)" } ?? ""
    return """
      {"sources":{"kaspersky":{"plan":"","primaries":\(primaries),"absent":[],"absentCount":0,"drift":[]\(dates)}}}
      """
  }

  private func component(_ name: String, _ notes: String) -> SnapshotAge.Component? {
    let summary = ComponentSummary(source: "kaspersky", component: name, files: 1, bytes: 1, arrived: Self.now)
    return SnapshotAge(notes).components([summary]).first
  }

  @Test func `a component is as old as its index, whenever its files came`() {
    let notes = notes(
      primaries: "{\"index/u1901g.xml\":\(Self.now.seconds)}",
      components: "{\"KDB\":1445992380,\"KDB,EMU\":\(Self.now.seconds - 300_000)}"
    )
    #expect(component("KDB", notes)?.age(Self.now, by: .vendors) == .veryOld)
    #expect(component("KDB,EMU", notes)?.age(Self.now, by: .vendors) == .old)
    #expect(component("EMU", notes)?.age(Self.now, by: .vendors) == .unknown)
    #expect(SnapshotAge(notes).age(Self.now, by: .vendors) == .fresh)
    #expect(SnapshotAge(notes).words(Self.now, by: .vendors)?.contains("2025-11-24") == true)
  }

  @Test
  func `a snapshot of before, without dates of its components, is of unknown age where its primaries do not tell`() {
    let old = notes(primaries: "{\"index/u1901g.xml\":1445992380}", components: nil)
    #expect(component("KDB", old)?.age(Self.now, by: .vendors) == .unknown)
    #expect(SnapshotAge(old).age(Self.now, by: .vendors) == .veryOld)
    let installers = notes(components: nil)
    #expect(component("", installers)?.age(Self.now, by: .vendors) == .noIndex)
    #expect(
      SnapshotAge(installers).age(Self.now, by: .vendors) == .noIndex
        && SnapshotAge(installers).words(Self.now, by: .vendors) == nil
    )
    #expect(SnapshotAge("{}").age(Self.now, by: .vendors) == .noIndex)
  }

  @Test func `what products show is said whatever limits are set, and old is what the limits say`() throws {
    let notes = notes(primaries: "{\"index/u1901g.xml\":\(Self.now.seconds - 10 * 86_400)}", components: nil)
    let patient = AgeLimits(old: 14 * 86_400, veryOld: 21 * 86_400)
    #expect(SnapshotAge(notes).age(Self.now, by: patient) == .fresh)
    #expect(try #require(SnapshotAge(notes).words(Self.now, by: patient)).contains("old") == false)
    let strict = AgeLimits(old: 3600, veryOld: 11 * 86_400)
    let words = try #require(SnapshotAge(notes).words(Self.now, by: strict))
    #expect(words.contains("10 days ago: old; Kaspersky products show"), "\(words)")
  }

  @Test(arguments: [
    "[]", "7", "{\"KDB\":\"today\"}", "{\"KDB\":1e300}", "{\"KDB\":-5,\"EMU\":9223372036854775807}", "null",
  ])
  func `dates that are none are not believed, and the rest of the notes is`(_ hostile: String) {
    let notes = notes(
      primaries: "{\"index/u1901g.xml\":9223372036854775807,\"index/u.xml\":\(Self.now.seconds)}",
      components: hostile
    )
    #expect(component("KDB", notes)?.age(Self.now, by: .vendors) == .unknown)
    #expect(SnapshotAge(notes).date == Self.now)
    #expect(SnapshotNotes(notes)?.sources["kaspersky"]?.primaries.count == 2)
  }

  @Test func `the dates in notes are bounded, keep the newest of each, and can be narrowed`() throws {
    var dates = ComponentDates()
    for number in 0..<(ComponentDates.most + 5) { dates.add(Self.now, of: "c\(number)") }
    dates.add(Self.now.adding(seconds: 1), of: "c0")
    dates.add(Self.now.adding(seconds: -1), of: "c1")
    dates.add(Self.now, of: String(repeating: "x", count: ComponentDates.longestName + 1))
    #expect(
      dates.dates.count == ComponentDates.most && dates["c0"] == Self.now.adding(seconds: 1) && dates["c1"] == Self.now
    )
    let read = try JSONDecoder().decode(ComponentDates.self, from: JSONEncoder().encode(dates))
    #expect(read == dates)
    #expect(dates.only(["c0", "none"]).dates == ["c0": Self.now.adding(seconds: 1)])
    var notes = SnapshotNotes(sources: ["kaspersky": SourceNotes()])
    notes.sources["kaspersky"]?.components = dates
    notes.keepDates(of: ["c1"])
    #expect(notes.sources["kaspersky"]?.components?.dates == ["c1": Self.now])
  }
}
