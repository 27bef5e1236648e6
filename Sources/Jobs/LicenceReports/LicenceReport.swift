import Languages
import MirrorTypes
import SiteDocuments

/// The licences of a site at one time, judged and in the order of urgency: what the tables, CSV, JSON and pages show.
package struct LicenceReport: Hashable, Sendable {
  /// A licence and how it stands.
  package struct Row: Hashable, Sendable {
    /// The key.
    package let key: LicenceKey
    /// How it stands.
    package let assessment: LicenceAssessment
  }

  /// The site.
  package let site: String
  /// When the site's data was taken.
  package let made: UTCTime
  /// The time that it is judged by.
  package let now: UTCTime
  /// How many days before its end a licence is worth a warning.
  package let warnDays: Int
  /// The licences, the most urgent first, and of those the ones that run out first.
  package let rows: [Row]
  /// How many key files the site has reported beside them.
  package let files: [LicenceKeyFile]

  /// How many days before its end a licence is worth a warning, if nobody says otherwise.
  package static let standardWarnDays = 30

  /// Judges a document.
  package init(_ document: LicenceDocument, now: UTCTime, warnDays: Int = standardWarnDays) {
    site = document.header.site
    made = document.header.made
    self.now = now
    self.warnDays = warnDays
    files = document.files
    rows = document.keys
      .map { Row(key: $0, assessment: LicenceAssessment($0, now: now, warnDays: warnDays)) }
      .sorted { Self.order($0) < Self.order($1) }
  }

  /// The worst of all licences, for an exit status.
  package var worst: Urgency { rows.map(\.assessment.urgency).max() ?? .fine }

  /// How many licences are so urgent.
  package func count(_ urgency: Urgency) -> Int { rows.count { $0.assessment.urgency == urgency } }

  /// How many licences are in a state.
  package func count(_ state: LicenceState) -> Int { rows.count { $0.assessment.states.contains(state) } }

  /// The summary in a sentence: `12 licences: 1 expired, 2 expiring within 30 days, 9 fine.`
  package func summary(in language: Language) -> String {
    var parts: [String] = []
    func add(_ count: Int, _ what: Counted) { if count > 0 { parts.append(language.count(count, what)) } }
    func urgent(_ state: LicenceState) -> Int {
      rows.count { $0.assessment.urgency > .fine && $0.assessment.states.contains(state) }
    }
    add(urgent(.blocked), .blockedOnes)
    add(urgent(.expired), .expiredOnes)
    add(urgent(.cancelled), .cancelledOnes)
    add(urgent(.paused), .pausedOnes)
    if urgent(.expiring) > 0 {
      parts.append("\(language.count(urgent(.expiring), .expiringOnes)) \(language.count(warnDays, .withinDays))")
    }
    add(urgent(.exhausted), .exhaustedOnes)
    add(count(.fine), .fineOnes)
    guard !parts.isEmpty else { return language.text(.noLicences) }
    return "\(language.count(rows.count, .licences)): \(parts.joined(separator: ", "))."
  }

  /// Urgent ones first, then those that run out first, then those in use, then by serial number.
  private static func order(_ row: Row) -> Order {
    let isInUse = row.assessment.states.contains(.active)
    return Order(
      urgency: -row.assessment.urgency.rawValue,
      use: isInUse ? 0 : row.assessment.states.contains(.reserve) ? 1 : 2,
      expiry: row.assessment.expiry ?? UTCTime(seconds: .max),
      serial: row.key.serial
    )
  }

  private struct Order: Comparable {
    let urgency: Int
    let use: Int
    let expiry: UTCTime
    let serial: String

    static func < (left: Self, right: Self) -> Bool {
      if left.urgency != right.urgency { return left.urgency < right.urgency }
      if left.use != right.use { return left.use < right.use }
      if left.expiry != right.expiry { return left.expiry < right.expiry }
      return left.serial.utf8.lexicographicallyPrecedes(right.serial.utf8)
    }
  }
}

extension LicenceReport.Row {
  /// The type in a word; empty where it is unknown.
  func type(in language: Language) -> String {
    (key.type?.phrase ?? (key.isSubscription ? .subscription : nil)).map { language.text($0) } ?? ""
  }
  /// The day it runs out: `2026-06-12`, `never` for a subscription without end, empty where nobody knows.
  func expiryDay(in language: Language) -> String {
    if let expiry = assessment.expiry { return language.day(expiry) }
    return key.end == .never ? language.text(.never) : ""
  }
  /// The days left as a number; empty where there is no end.
  var daysLeft: String { assessment.daysLeft.map(String.init) ?? "" }
  /// The limit as a number; empty where it is unknown.
  var limit: String { assessment.limit.map(String.init) ?? "" }
  /// The devices that use it; empty where that is unknown.
  var inUse: String { assessment.inUse.map(String.init) ?? "" }
  /// The devices that have it in reserve; empty where that is unknown.
  var reserve: String { key.number(.reserve).map(String.init) ?? "" }
}

extension LicenceType {
  /// The name of its word in the catalogue.
  fileprivate var phrase: Phrase {
    switch self {
    case .commercial: .commercial
    case .beta: .beta
    case .trial: .trial
    case .test: .test
    case .oem: .oem
    case .subscription: .subscription
    }
  }
}
