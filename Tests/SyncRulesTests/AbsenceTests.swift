import ContentStore
import MirrorTypes
import Testing

@testable import JobCore
@testable import SyncRules

/// What is absent on the servers: when it stops a sync, when it is reported, and when it is asked for again.
@Suite struct AbsenceTests {
  /// A census of one component, `KDB`, and an index or two.
  private func census(
    named: Int,
    absent: Int,
    new: Int? = nil,
    indexes: [String] = [],
    component: AbsenceCensus.Tally? = nil
  ) throws -> AbsenceCensus {
    var census = AbsenceCensus()
    census.named = named
    census.files = absent
    for number in 0..<(new ?? absent) {
      let path = try TreePath("updates/kdb/f\(number).dat")
      census.newFiles[path] = .absent(fingerprint: 1, after: nil, refusal: nil, at: 1)
    }
    census.indexes = indexes.map {
      .init(path: $0, components: ["KDB"], namedBy: "index/u1901g.xml", refusal: nil)
    }
    census.components["KDB"] = component ?? .init(named: named, absent: absent, new: new ?? absent)
    return census
  }

  private func judge(limit: Int = 5, report: Bool = false, known: Set<String> = []) -> AbsenceGuard {
    AbsenceGuard(source: "k", limit: limit, indexes: report ? .report : .error, knownIndexes: known)
  }

  @Test(
    arguments: [
      (8540, 50, 5, false), (113_730, 80, 5, false), (1000, 50, 5, false), (1000, 51, 5, true), (1000, 210, 5, true),
      (1000, 980, 5, true), (40, 5, 5, false), (40, 6, 5, true), (1000, 1, 0, true), (1000, 0, 0, false),
      (1000, 999, 100, false),
    ] as [(Int, Int, Int, Bool)]
  )
  func `a share of absent files above the limit stops, and a handful does not`(
    _ named: Int,
    _ absent: Int,
    _ limit: Int,
    _ stops: Bool
  ) throws {
    let verdict = judge(limit: limit).verdict(
      on: try census(named: named, absent: absent),
      before: AcceptedAbsences(),
      accepting: false
    )
    #expect((verdict.refusal != nil) == stops)
    #expect(verdict.refusal?.status ?? .shrunk == .shrunk)
  }

  @Test func `an absent index stops on the first sync too, unless it is only to be reported`() throws {
    let one = try census(named: 1000, absent: 0, indexes: ["updates/kdb/kdb-1901g.xml"])
    let verdict = judge().verdict(on: one, before: AcceptedAbsences(), accepting: false)
    #expect(verdict.refusal?.message.contains("updates/kdb/kdb-1901g.xml (KDB) is named by index/u1901g.xml") == true)
    #expect(verdict.notices.isEmpty)
    let reported = judge(report: true).verdict(on: one, before: AcceptedAbsences(), accepting: false)
    #expect(reported.refusal == nil)
    #expect(reported.notices.map(\.name) == ["absent-indexes"])
    #expect(reported.notices.allSatisfy { $0.severity == .warning })
    // All of them absent is a share that no setting of one index allows.
    let all = try census(named: 105, absent: 0, indexes: (0..<104).map { "updates/c\($0).xml" })
    #expect(judge(report: true).verdict(on: all, before: AcceptedAbsences(), accepting: false).refusal != nil)
    // Once reported, it is not reported again.
    let known = judge(report: true, known: ["updates/kdb/kdb-1901g.xml"])
    #expect(known.verdict(on: one, before: AcceptedAbsences(), accepting: false).notices.isEmpty)
  }

  @Test func `a component all of whose files are absent stops`() throws {
    let lost = try census(named: 10_000, absent: 3, component: .init(named: 3, absent: 3, new: 3))
    let verdict = judge().verdict(on: lost, before: AcceptedAbsences(), accepting: false)
    #expect(verdict.refusal?.message.contains("KDB (3 files)") == true)
    let most = try census(named: 10_000, absent: 3, component: .init(named: 4, absent: 3, new: 3))
    let told = judge().verdict(on: most, before: AcceptedAbsences(), accepting: false)
    #expect(told.refusal == nil)
    #expect(told.notices.contains { $0.name == "component-lost-files" && $0.severity == .warning })
  }

  @Test func `what a person has let through stops no later sync, and more than that does`() throws {
    let much = try census(named: 1000, absent: 300, indexes: ["a.xml"])
    let verdict = judge().verdict(on: much, before: AcceptedAbsences(), accepting: true)
    #expect(verdict.refusal == nil)
    #expect(judge().verdict(on: much, before: verdict.accepted, accepting: false).refusal == nil)
    let more = try census(named: 1000, absent: 351, indexes: ["a.xml"])
    #expect(judge().verdict(on: more, before: verdict.accepted, accepting: false).refusal != nil)
    let another = try census(named: 1000, absent: 300, indexes: ["a.xml", "b.xml"])
    #expect(judge().verdict(on: another, before: verdict.accepted, accepting: false).refusal != nil)
    // What has come back is no longer accepted to be absent.
    let fewer = judge().verdict(on: try census(named: 1000, absent: 10), before: verdict.accepted, accepting: false)
    #expect(fewer.accepted == AcceptedAbsences(count: 10))
  }

  @Test(arguments: [(0, nil), (1, .information), (5, .information), (6, .warning)] as [(Int, JobNotice.Severity?)])
  func `more than a handful of new ones is a warning`(_ new: Int, _ severity: JobNotice.Severity?) throws {
    let verdict = judge().verdict(
      on: try census(named: 8540, absent: 50, new: new),
      before: AcceptedAbsences(),
      accepting: false
    )
    #expect(verdict.notices.first { $0.name == "absent-files" }?.severity == severity)
  }

  @Test(
    arguments: [
      (0, 0, 100, true), (1, 0, 3599, false), (1, 0, 3600, true), (2, 0, 3600, false), (2, 0, 7200, true),
      (3, 0, 14_400, true), (7, 0, 230_400, true), (8, 0, 345_599, false), (8, 0, 345_600, true),
      (900, 0, 345_600, true), (3, 1000, 999, true),
    ] as [(Int, UTCTime, UTCTime, Bool)]
  )
  func `an absent name is asked for again at growing intervals`(
    _ asks: Int,
    _ last: UTCTime,
    _ now: UTCTime,
    _ isDue: Bool
  ) {
    #expect(AbsenceSchedule.isDue(asks: asks, last: last, now: now) == isDue)
  }
}
