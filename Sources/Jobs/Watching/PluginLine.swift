import MirrorConfiguration
import MirrorTypes

/// What `check` says: one line as Nagios, Icinga and Zabbix take it, with figures.
package struct PluginLine: Sendable {
  /// How all of it stands: the worst of its points.
  package let state: WatchPoint.State
  /// The line.
  package let text: String

  /// How many points that are not in order are named.
  private static let named = 6

  /// A line about judged facts.
  package init(_ points: [WatchPoint], _ facts: WatchFacts, _ settings: WatchSettings) {
    state = points.map(\.state).max() ?? .ok
    let trouble = points.filter { $0.state > .ok }.sorted { $0.state > $1.state }
    // When all is well, the first points of this host are what one wants to read.
    let shown = trouble.isEmpty ? points.filter { !$0.name.contains(".") }.prefix(4) : trouble.prefix(Self.named)
    let more = trouble.isEmpty ? "" : Words.more(than: Self.named, of: trouble.count)
    let words = Self.plain(shown.map(\.text).joined(separator: "; ") + more)
    text = "KSCMIRROR \(state.word) - \(words) | \(Self.figures(facts, settings))"
  }

  /// A line that says why nothing can be said.
  package init(unknown reason: String) {
    state = .unknown
    text = "KSCMIRROR UNKNOWN - \(Self.plain(reason))"
  }

  /// A bar begins the figures, and a line break ends the line. Scalar by scalar: a mark behind a bar makes another
  /// character of it, and not another byte.
  private static func plain(_ text: String) -> String {
    var plain = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      plain.append(scalar == "|" ? "/" : Character(scalar).isNewline ? " " : scalar)
    }
    return String(plain)
  }

  private static func figures(_ facts: WatchFacts, _ settings: WatchSettings) -> String {
    var figures: [String] = []
    func add(_ label: String, _ value: Int64?, _ unit: String, _ limits: WatchSettings.Limits?, falling: Bool = false) {
      guard let value else { return }
      let end = falling ? ":" : ""
      let thresholds = limits.map { ";\($0.warning)\(end);\($0.critical)\(end)" } ?? ";;"
      figures.append("'\(label)'=\(value)\(unit)\(thresholds)\(falling ? "" : ";0")")
    }
    func passed(_ time: UTCTime?) -> Int64? { time.map { max(0, facts.now.seconds(since: $0)) } }
    add("age", passed(facts.release?.indexDate), "s", settings.age)
    for name in settings.components {
      let dates = facts.components.filter { $0.name.split(separator: ",").contains { $0 == name } }.compactMap(
        \.indexDate
      )
      add("age_\(name)", passed(dates.max()), "s", settings.age)
    }
    add("components_old", Int64(facts.count(.old)), "", nil)
    add("components_very_old", Int64(facts.count(.veryOld)), "", nil)
    add("sync", passed(facts.job("sync")?.succeeded), "s", settings.sync)
    add("import", passed(facts.job("import")?.succeeded), "s", settings.import)
    add("expiry", facts.expires.map { $0.seconds(since: facts.now) }, "s", settings.expiry, falling: true)
    add("free", facts.room?.free, "B", nil)
    for site in facts.sites { add("receipt_\(site.name)", passed(site.received), "s", settings.receipt) }
    return figures.joined(separator: " ")
  }
}
