import MirrorConfiguration
import MirrorTypes
import Testing

@testable import Watching

/// How what was gathered is judged, and the line that monitoring gets.
@Suite struct JudgementTests {
  private static let day = MadeFacts.day

  private func points(_ facts: WatchFacts, _ settings: WatchSettings = WatchSettings()) -> [String: WatchPoint] {
    let points = WatchJudgement(facts, by: settings).points
    #expect(points.allSatisfy { $0.state == .ok || !$0.text.isEmpty })
    return Dictionary(uniqueKeysWithValues: points.map { ($0.name, $0) })
  }

  @Test(
    arguments: [(0, .ok), (2 * 86_400, .ok), (3 * 86_400, .warning), (7 * 86_400, .critical), (-200_000, .warning)]
      as [(Int64, WatchPoint.State)]
  )
  func `databases are judged by the date in their index`(_ age: Int64, _ state: WatchPoint.State) {
    let point = points(MadeFacts.facts(age: age))["age"]
    #expect(point?.state == state && (state == .ok) == (point?.remedy == nil))
  }

  @Test func `what has no date, or nothing published, is never well`() {
    #expect(points(MadeFacts.facts(age: nil))["age"]?.state == .warning)
    #expect(points(MadeFacts.facts(isPublished: false))["age"]?.state == .critical)
  }

  @Test(
    arguments: [
      (3600, 0, .ok), (3600, 3, .ok), (86_400, 0, .warning), (3 * 86_400, 30, .critical),
    ] as [(Int64, Int, WatchPoint.State)]
  )
  func `a sync is judged by its last success, not by its last run`(
    _ succeeded: Int64,
    _ failures: Int,
    _ state: WatchPoint.State
  ) {
    let point = points(MadeFacts.facts(jobs: [MadeFacts.job("sync", succeeded: succeeded, failures: failures)]))["sync"]
    #expect(point?.state == state)
    if failures > 0 { #expect(point?.text.contains("no route") == true, "why it fails is said in any case") }
  }

  @Test func `a sync that has never succeeded, or never run, is a warning, and later critical`() {
    #expect(points(MadeFacts.facts(jobs: []))["sync"]?.state == .warning)
    #expect(
      points(MadeFacts.facts(jobs: [MadeFacts.job("sync", succeeded: nil, failures: 1)]))["sync"]?.state == .warning
    )
    let long = MadeFacts.job("sync", succeeded: nil, failures: 80)
    #expect(points(MadeFacts.facts(jobs: [long]))["sync"]?.state == .critical)
  }

  @Test func `an import is judged by its time only where that is set`() {
    let facts = MadeFacts.facts(side: "isolated", jobs: [MadeFacts.job("import", succeeded: 40 * Self.day)])
    #expect(points(facts)["import"]?.state == .ok && points(facts)["sync"] == nil)
    var settings = WatchSettings()
    settings.import = .days(14, 30)
    #expect(points(facts, settings)["import"]?.state == .critical)
  }

  @Test func `components that are named are judged one by one, also of those that share an index`() {
    let old = MadeFacts.now.adding(seconds: -10 * Self.day)
    let components = [
      WatchFacts.Component(name: "KDB,EMU", source: "kaspersky", indexDate: old, age: .veryOld),
      WatchFacts.Component(name: "KSN", source: "kaspersky", indexDate: MadeFacts.now, age: .fresh),
    ]
    var settings = WatchSettings()
    settings.components = ["KDB", "KSN", "APU"]
    let found = points(MadeFacts.facts(components: components), settings)
    #expect(found["component.KDB"]?.state == .critical && found["component.KSN"]?.state == .ok)
    #expect(found["component.APU"]?.state == .critical && found["component.APU"]?.text.contains("is not in") == true)
    #expect(points(MadeFacts.facts(components: components))["component.KDB"] == nil)
  }

  @Test(
    arguments: [(8, .ok), (7, .warning), (1, .critical), (-1, .critical)] as [(Int64, WatchPoint.State)]
  )
  func `what expires is a warning before, and critical shortly before its end`(_ days: Int64, _ state: WatchPoint.State)
  {
    #expect(points(MadeFacts.facts(expires: days * Self.day))["expiry"]?.state == state)
  }

  @Test(
    arguments: [
      (1 << 40, nil, .enough), (1 << 29, nil, .scarce), (1 << 10, nil, .tooLittle), (1 << 40, 5, .tooLittle),
      (1 << 40, 30, .scarce),
    ] as [(Int64, Int64?, StoreRoom.Judgement)]
  )
  func `room is judged by what the next release needs`(_ free: Int64, _ inodes: Int64?, _ expected: StoreRoom.Judgement)
  {
    let room = StoreRoom(free: free, inodes: inodes, need: 1 << 20, needInodes: 10)
    #expect(room.judgement == expected)
    #expect((points(MadeFacts.facts(room: room))["room"]?.state == .ok) == (expected == .enough))
    #expect(StoreRoom(free: .max - 1, inodes: nil, need: .max - 1, needInodes: 0).judgement == .scarce)
  }

  @Test func `a run that hangs is found`() {
    func run(_ seconds: Int64) -> RunningJob {
      RunningJob(command: "sync", holder: "process 9", process: 9, since: MadeFacts.now.adding(seconds: -seconds))
    }
    #expect(points(MadeFacts.facts(running: [run(7200)]))["running"]?.state == .ok)
    let hanging = points(MadeFacts.facts(running: [run(4 * Self.day)]))["running"]
    #expect(hanging?.state == .critical && hanging?.remedy?.contains("kill 9") == true)
  }

  @Test(arguments: [(0, 0, .ok), (2, 0, .warning), (1, 1, .critical)] as [(Int, Int, WatchPoint.State)])
  func `the licences of a site are judged as it has reported them`(
    _ warnings: Int,
    _ critical: Int,
    _ state: WatchPoint.State
  ) {
    let licences = [WatchFacts.Licences(site: "plant-7", count: 5, warnings: warnings, critical: critical)]
    let point = points(MadeFacts.facts(licences: licences))["licences.plant-7"]
    #expect(point?.state == state && point?.text.hasPrefix("site plant-7: 5 licences") == true)
    #expect(point?.remedy?.contains("licence list --from plant-7") == (state == .ok ? nil : true))
  }

  @Test func `sites are judged by their last receipt and by the day on which a stick must leave`() {
    let sites = [
      MadeFacts.site("fine", days: 1, receipt: 1), MadeFacts.site("late", days: 6, receipt: 6),
      MadeFacts.site("silent", days: 40, receipt: 31), MadeFacts.site("sent", days: 6, receipt: 6, packed: (9, 1)),
      MadeFacts.site("new", days: nil, receipt: nil),
    ]
    let found = points(MadeFacts.facts(sites: sites))
    #expect(found["receipt.fine"]?.state == .ok && found["leave.fine"]?.state == .ok)
    #expect(found["receipt.late"]?.state == .ok && found["leave.late"]?.state == .warning)
    #expect(found["leave.late"]?.remedy?.contains("pack --site late") == true)
    #expect(found["receipt.silent"]?.state == .critical)
    #expect(found["leave.sent"]?.state == .ok, "a stick that was packed may be on its way")
    #expect(found["receipt.new"]?.state == .warning)
  }

  @Test func `a forecast says when databases grow old, and when the stick must leave`() {
    var settings = WatchSettings()
    settings.carry = 2 * Self.day
    let date = MadeFacts.now
    func after(_ days: Int64) -> UTCTime { date.adding(seconds: days * Self.day) }
    let forecast = SiteForecast(date: date, expires: after(30), settings)
    #expect(forecast.old == after(3) && forecast.veryOld == after(7) && forecast.leave == after(1))
    let expiring = SiteForecast(date: date, expires: after(1), settings)
    #expect(expiring.leave == after(-1), "what expires before the databases are old decides")
    #expect(SiteForecast(date: nil, expires: nil, settings).leave == nil)
  }

  // MARK: - The line

  @Test func `the line has a state, words and figures with their limits`() {
    let (facts, settings) = (MadeFacts.facts(sites: [MadeFacts.site("plant-7", days: 1, receipt: 2)]), WatchSettings())
    let line = PluginLine(WatchJudgement(facts, by: settings).points, facts, settings)
    #expect(line.state == .ok && line.text.hasPrefix("KSCMIRROR OK - databases of "), "\(line.text)")
    let figures = line.text.split(separator: "|").last.map(String.init) ?? ""
    #expect(figures.contains("'age'=86400s;259200;604800;0 "), "\(figures)")
    #expect(figures.contains("'expiry'=2592000s;604800:;86400: "), "\(figures)")
    #expect(figures.contains("'receipt_plant-7'=172800s;1209600;2592000;0"), "\(figures)")
    for figure in figures.split(separator: " ") {
      #expect(figure.wholeMatch(of: /'[A-Za-z0-9_.-]+'=-?\d+(s|B)?(;[\d:]*){0,3}/) != nil, "\(figure)")
    }
  }

  @Test func `what is critical comes first, a long list is cut, and foreign text stays in the line`() {
    let sites = (1...20).map { MadeFacts.site("s\($0)", days: 6, receipt: 20) }
    let jobs = [MadeFacts.job("sync", succeeded: 9 * Self.day, failures: 3)]
    let (facts, settings) = (MadeFacts.facts(jobs: jobs, sites: sites), WatchSettings())
    let line = PluginLine(WatchJudgement(facts, by: settings).points, facts, settings)
    #expect(line.state == .critical && line.text.hasPrefix("KSCMIRROR CRITICAL - last successful sync 9 days ago"))
    #expect(line.text.contains("no route / to host") && line.text.count { $0 == "|" } == 1, "\(line.text)")
    #expect(line.text.contains("and 35 more"), "\(line.text)")
    let broken = PluginLine(unknown: "a\nb | c")
    #expect(broken.text == "KSCMIRROR UNKNOWN - a b / c" && broken.state == .unknown)
    // A mark behind a bar makes another character of it, and not another byte.
    for mark in ["\u{301}", "\u{308}", "\u{FE0F}", "\u{20DD}", "\u{200D}"] {
      let forged = PluginLine(unknown: "a|\(mark)'age'=0s\r\n\(mark)b\u{85}c\u{2028}d")
      #expect(!forged.text.utf8.contains { [UInt8(ascii: "|"), UInt8(ascii: "\n"), UInt8(ascii: "\r")].contains($0) })
    }
  }

  @Test func `the worst of all decides, and what is critical outweighs what cannot be said`() {
    #expect(WatchPoint.State.allCases.sorted() == [.ok, .warning, .unknown, .critical])
    #expect(WatchPoint.State.allCases.map(\.rawValue) == [0, 1, 2, 3])
  }

  @Test func `no site and no licence is for whoever reads a web server`() {
    let facts = MadeFacts.facts(
      sites: [MadeFacts.site("plant-7", days: 1, receipt: 2)],
      licences: [.init(site: "plant-7", count: 3, warnings: 1, critical: 0)]
    )
    var (open, own) = (PrometheusText(), PrometheusText())
    open.add(facts, forOwner: false)
    own.add(facts, forOwner: true)
    #expect(!open.text.contains("plant-7") && open.text.contains("kscmirror_job_last_success_seconds{job=\"sync\"}"))
    #expect(
      own.text.contains("kscmirror_site_receipt_seconds{site=\"plant-7\"} \(MadeFacts.now.seconds - 2 * Self.day)\n")
    )
    #expect(own.text.contains("kscmirror_licences{site=\"plant-7\",urgency=\"fine\"} 2\n"), "\(own.text)")
  }
}
