import DocumentFixtures
import LicenceReports
import MirrorTypes
import SiteDocuments
import Testing

@Suite struct StateTests {
  private func assess(
    _ now: String,
    warnDays: Int = 30,
    _ change: (inout LicenceKey) -> Void = { _ in }
  ) -> LicenceAssessment {
    var key = Fixture.key()
    change(&key)
    return LicenceAssessment(key, now: time(now), warnDays: warnDays)
  }

  /// The key runs out at 2027-06-01T00:00:00Z.
  static let borders: [(String, Int, Set<LicenceState>, Urgency)] = [
    ("2027-05-01T23:59:59Z", 30, [.active], .fine),
    ("2027-05-02T00:00:00Z", 30, [.active, .expiring], .warning),
    ("2027-05-02T00:00:01Z", 29, [.active, .expiring], .warning),
    ("2027-05-30T23:59:59Z", 1, [.active, .expiring], .warning),
    ("2027-05-31T00:00:00Z", 1, [.active, .expiring], .warning),
    ("2027-05-31T00:00:01Z", 0, [.active, .expiring], .warning),
    ("2027-05-31T23:59:59Z", 0, [.active, .expiring], .warning),
    ("2027-06-01T00:00:00Z", 0, [.active, .expired], .critical),
    ("2027-06-01T00:00:01Z", -1, [.active, .expired], .critical),
    ("2027-06-02T00:00:00Z", -1, [.active, .expired], .critical),
    ("2027-06-02T00:00:01Z", -2, [.active, .expired], .critical),
  ]

  @Test(arguments: borders.indices)
  func `the days are counted to the second`(_ index: Int) {
    let (now, days, states, urgency) = Self.borders[index]
    let assessment = assess(now)
    #expect(assessment.daysLeft == days)
    #expect(Set(assessment.states) == states)
    #expect(assessment.urgency == urgency)
  }

  @Test func `days to be warned of are as many as are asked for`() {
    #expect(assess("2027-05-31T23:59:59Z", warnDays: 0).urgency == .fine)
    #expect(assess("2027-05-31T23:59:59Z", warnDays: -5).urgency == .fine)
    #expect(assess("2026-06-01T00:00:00Z", warnDays: 365).urgency == .warning)
    #expect(assess("2026-06-01T00:00:00Z", warnDays: 364).urgency == .fine)
    #expect(assess("2026-06-01T00:00:00Z", warnDays: .max).urgency == .warning)
  }

  @Test func `a licence is exhausted when as many devices use it as it is good for`() {
    let now = "2026-07-01T00:00:00Z"
    for (inUse, limit, isExhausted) in [(9, 10, false), (10, 10, true), (11, 10, true), (5, 0, false)] {
      let assessment = assess(now) {
        $0[.inUse] = .number(Int64(inUse))
        $0[.limit] = .number(Int64(limit))
      }
      #expect(assessment.states.contains(.exhausted) == isExhausted, "\(inUse) of \(limit)")
      #expect(assessment.urgency == (isExhausted ? .warning : .fine))
    }
    #expect(assess(now) { $0[.effectiveLimit] = .number(7) }.states.contains(.exhausted))
  }

  @Test func `what nobody uses is no matter of urgency, whatever its state`() {
    let now = "2030-01-01T00:00:00Z"
    let unused = assess(now) { $0[.inUse] = .number(0) }
    #expect(unused.states == [.expired, .unused] && unused.urgency == .fine)
    let onServer = assess(now) {
      $0[.inUse] = .number(0)
      $0[.serverUse] = .number(1)
    }
    #expect(onServer.states == [.expired, .active] && onServer.urgency == .critical)
    let reserve = assess(now) {
      $0[.inUse] = .number(0)
      $0[.reserve] = .number(2)
    }
    #expect(reserve.states == [.expired, .reserve] && reserve.urgency == .critical)
    #expect(assess(now) { $0[.inUse] = nil }.urgency == .critical)
  }

  @Test func `subscriptions end as their provider says`() {
    func subscription(_ endType: Int64, _ state: Int64 = 0, grace: Int64 = 0) -> LicenceAssessment {
      assess("2026-06-20T00:00:00Z") {
        $0[.subscription] = .flag(true)
        $0[.subscriptionEndType] = .number(endType)
        $0[.subscriptionEnd] = .time(time("2026-06-15T00:00:00Z"))
        $0[.subscriptionState] = .number(state)
        $0[.subscriptionGraceDays] = .number(grace)
      }
    }
    #expect(subscription(1).daysLeft == nil && subscription(1).urgency == .fine)
    #expect(subscription(2).states == [.expired, .active])
    #expect(subscription(2, grace: 6).states == [.expiring, .active] && subscription(2, grace: 6).daysLeft == 1)
    #expect(subscription(3).states == [.paused, .active] && subscription(3).urgency == .warning)
    #expect(subscription(1, 1).states == [.paused, .active])
    #expect(subscription(1, 2).states == [.cancelled, .active])
    #expect(subscription(1, 3).states == [.blocked, .active] && subscription(1, 3).urgency == .critical)
  }

  /// What a source tells, and the end that follows; times are days of 2027.
  static let ends: [(String, @Sendable (inout LicenceKey) -> Void, LicenceEnd)] = {
    @Sendable func day(_ month: Int) -> UTCTime { time("2027-0\(month)-01T00:00:00Z") }
    @Sendable func subscription(_ key: inout LicenceKey, _ type: Int64?) {
      key[.subscription] = .flag(true)
      key[.subscriptionEndType] = type.map { .number($0) }
      key[.subscriptionEnd] = .time(day(5))
    }
    return [
      ("the limit date, not what was activated with it", { $0[.limitDate] = .time(day(9)) }, .at(day(9))),
      ("the limit date, also where it is sooner", { $0[.limitDate] = .time(day(2)) }, .at(day(2))),
      ("as a device says where no limit date is told", { _ in }, .at(day(6))),
      ("nothing is told", { $0[.expires] = nil }, .unknown),
      (
        "an end of a subscription says nothing of what is none",
        {
          $0[.expires] = nil
          $0[.subscriptionEnd] = .time(day(5))
        }, .unknown
      ),
      ("days of activation are no end", { $0[.periodDays] = .number(365) }, .at(day(6))),
      ("a subscription with an end", { subscription(&$0, 2) }, .at(day(5))),
      (
        "its limit date means nothing",
        {
          subscription(&$0, 2)
          $0[.limitDate] = .time(day(9))
        }, .at(day(5))
      ),
      ("a subscription without an end", { subscription(&$0, 1) }, .never),
      ("a paused one", { subscription(&$0, 3) }, .paused),
      ("one of which nobody says whether it ends", { subscription(&$0, 0) }, .at(day(5))),
      (
        "one by its type alone",
        {
          $0[.type] = .number(6)
          $0[.limitDate] = .time(day(9))
        }, .at(day(6))
      ),
      (
        "a subscription by type, of which the server says that it is none",
        {
          $0[.type] = .number(6)
          $0[.subscription] = .flag(false)
          $0[.limitDate] = .time(day(9))
        }, .at(day(9))
      ),
      (
        "with an end that is not told",
        {
          subscription(&$0, 2)
          $0[.subscriptionEnd] = nil
        }, .unknown
      ),
    ]
  }()

  @Test(arguments: ends.indices)
  func `a licence ends at its limit date, and a subscription as its provider says`(_ index: Int) throws {
    let (what, change, end) = Self.ends[index]
    var key = Fixture.key()
    change(&key)
    #expect(key.end == end, "\(what)")
    // Table, CSV, JSON, page and urgency say the same.
    var document = LicenceDocument(Fixture.header)
    document.keys = [key]
    let now = time("2027-04-20T00:00:00Z")
    let report = LicenceReport(document, now: now)
    let page = LicencePage([LicenceHistory([document])], now: now, in: .english).html
    guard let ends = end.time else {
      #expect(report.rows[0].assessment.daysLeft == nil && !report.json.contains("\"daysLeft\""))
      return #expect(page.contains(end == .never ? "without end" : "unknown"), "\(what)")
    }
    let day = String(ends.text.prefix(10))
    for text in [report.table(in: .english), report.csv(for: .standard), page] {
      #expect(text.contains(day), "\(what)")
    }
    #expect(report.json.contains("\"expires\":\"\(ends.text)\",\"key\""), "\(what)")
    let isOver = ends.seconds <= now.seconds
    #expect(report.worst == (isOver ? .critical : ends.seconds - now.seconds <= 30 * 86_400 ? .warning : .fine))
  }

  @Test func `a report has the most urgent first and tells the worst`() {
    var document = LicenceDocument(Fixture.header)
    func add(_ serial: String, _ change: (inout LicenceKey) -> Void) {
      var key = Fixture.key(serial)
      change(&key)
      document.keys.append(key)
    }
    add("fine-late") { _ in }
    add("fine-soon") { $0[.expires] = .time(time("2026-12-01T00:00:00Z")) }
    #expect(LicenceReport(document, now: Fixture.made).worst == .fine)
    add("full") { $0[.inUse] = .number(10) }
    add("unused") { $0[.inUse] = .number(0) }
    #expect(LicenceReport(document, now: Fixture.made).worst == .warning)
    add("over") { $0[.expires] = .time(time("2026-05-01T00:00:00Z")) }
    let report = LicenceReport(document, now: Fixture.made)
    #expect(report.worst == .critical)
    #expect(report.rows.map(\.key.serial) == ["over", "full", "fine-soon", "fine-late", "unused"])
    #expect(report.summary(in: .english) == "5 licences: 1 expired, 1 exhausted, 3 fine.")
    #expect(LicenceReport(LicenceDocument(Fixture.header), now: Fixture.made).worst == .fine)
  }

  @Test func `a history tells what is new, gone, renewed, used more or less, and what became urgent`() {
    var old = LicenceDocument(Fixture.header)
    var new = LicenceDocument(LicenceHeader(site: "plant-7", made: time("2026-07-01T00:00:00Z"), source: .openAPI))
    old.keys = [
      Fixture.key("gone"), Fixture.key("same"), Fixture.key("renewed"), Fixture.key("use"), Fixture.key("end"),
    ]
    new.keys = [
      Fixture.key("same"), Fixture.key("renewed"), Fixture.key("use"), Fixture.key("end"), Fixture.key("new"),
    ]
    new.keys[1][.expires] = .time(time("2028-06-01T00:00:00Z"))
    new.keys[2][.inUse] = .number(12)
    new.keys[2][.limit] = .number(12)
    new.keys[3][.expires] = .time(time("2026-07-05T00:00:00Z"))
    let changes = LicenceHistory.changes(from: old, to: new, warnDays: 30)
    #expect(
      changes == [
        .shortened(new.keys[3], from: time("2027-06-01T00:00:00Z"), to: time("2026-07-05T00:00:00Z")),
        .became(new.keys[3], .expiring), .gone(old.keys[0]), .new(new.keys[4]),
        .renewed(new.keys[1], from: time("2027-06-01T00:00:00Z"), to: time("2028-06-01T00:00:00Z")),
        .limitChanged(new.keys[2], from: 10, to: 12), .useChanged(new.keys[2], from: 7, to: 12),
        .became(new.keys[2], .exhausted),
      ]
    )
    #expect(changes.map { $0.sentence(in: .english) }.contains("use is used by 12 devices, 5 more than before"))
    let history = LicenceHistory([new, old])
    #expect(history.latestChanges(warnDays: 30) == changes)
    #expect(history.usage(of: "use").map(\.inUse) == [7, 12])
    #expect(LicenceHistory([new, new]).latestChanges(warnDays: 30).isEmpty)
  }
}
