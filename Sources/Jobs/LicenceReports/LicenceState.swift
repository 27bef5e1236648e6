import Languages
import MirrorTypes
import SiteDocuments

/// How urgent something is. A command's exit status follows from the worst.
package enum Urgency: Int, Sendable, CaseIterable, Comparable {
  /// Nothing has to be done.
  case fine
  /// Somebody should look at it soon.
  case warning
  /// Somebody has to act.
  case critical

  /// The order of urgency.
  package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

extension Urgency {
  /// The name of its word in the catalogue.
  var phrase: Phrase {
    switch self {
    case .fine: .fineUrgency
    case .warning: .warningUrgency
    case .critical: .criticalUrgency
    }
  }
}

/// A state of a licence. One licence can be in several at once.
package enum LicenceState: String, Sendable, CaseIterable {
  /// The vendor, or the provider of the subscription, has blocked it.
  case blocked
  /// It has run out.
  case expired
  /// Its subscription is cancelled, and goes on only until its end.
  case cancelled
  /// Its subscription is paused.
  case paused
  /// It runs out within the days that one is warned of.
  case expiring
  /// As many devices use it as it is good for, or more.
  case exhausted
  /// It is in use.
  case active
  /// It lies in reserve, and is not in use.
  case reserve
  /// Nobody uses it.
  case unused

  /// The state in a word or two.
  package func word(in language: Language) -> String { language.text(phrase) }

  /// The name of that word in the catalogue.
  package var phrase: Phrase {
    switch self {
    case .blocked: .blocked
    case .expired: .expired
    case .cancelled: .cancelled
    case .paused: .paused
    case .expiring: .expiring
    case .exhausted: .exhausted
    case .active: .active
    case .reserve: .inReserve
    case .unused: .unused
    }
  }
}

/// How a licence stands at a point in time.
package struct LicenceAssessment: Hashable, Sendable {
  /// Its states, the most urgent first; never none.
  package let states: [LicenceState]
  /// How urgent that is.
  package let urgency: Urgency
  /// When it runs out; `nil` if it never does, or nobody knows.
  package let expiry: UTCTime?
  /// The whole days until then, rounded down: 0 on its last day, negative behind it.
  package let daysLeft: Int?
  /// How many devices use it; `nil` if nobody knows.
  package let inUse: Int?
  /// For how many it is good; `nil` if that is unknown or unlimited.
  package let limit: Int?

  /// Assesses a key.
  ///
  /// A licence is expired from the second on that it runs out at, and expiring from `warnDays` times 24 hours before.
  /// One that nobody uses, on no device and not on the server, is no matter of urgency, expired or not: keys stay in a
  /// server's store for years. Where the source does not tell whether it is used, it counts as used.
  ///
  /// - Parameters:
  ///   - key: the key.
  ///   - now: the time to judge by.
  ///   - warnDays: how many days before its end a licence is worth a warning.
  package init(_ key: LicenceKey, now: UTCTime, warnDays: Int) {
    let expiry = key.expiry
    let secondsLeft = expiry.map { $0.seconds(since: now) }
    inUse = key.number(.inUse)
    limit = key.deviceLimit
    self.expiry = expiry
    daysLeft = secondsLeft.map { Int(($0 - ($0 < 0 ? 86_399 : 0)) / 86_400) }

    let isOnServer = (key.number(.serverUse) ?? 0) > 0
    let isUsed = isOnServer || (inUse ?? ((key.number(.reserve) ?? 0) > 0 ? 0 : 1)) > 0
    let isReserve = !isUsed && (key.number(.reserve) ?? 0) > 0
    var states: Set<LicenceState> = [isUsed ? .active : isReserve ? .reserve : .unused]
    if key.flag(.blocked) == true || key.number(.subscriptionState) == 3 { states.insert(.blocked) }
    if key.number(.subscriptionState) == 2 { states.insert(.cancelled) }
    if key.number(.subscriptionState) == 1 || key.end == .paused { states.insert(.paused) }
    if let secondsLeft {
      if secondsLeft <= 0 {
        states.insert(.expired)
      } else if secondsLeft <= Int64(max(0, min(warnDays, 36_500))) * 86_400 {
        states.insert(.expiring)
      }
    }
    if let inUse, let limit, inUse >= limit { states.insert(.exhausted) }
    self.states = LicenceState.allCases.filter(states.contains)
    urgency = isUsed || isReserve ? states.map(\.urgency).max() ?? .fine : .fine
  }

  /// The states in words: `expired, exhausted`; what is plain from another is not said.
  package func words(in language: Language) -> String {
    let special = states.filter { $0 != .active }
    return (special.isEmpty ? states : special).map { $0.word(in: language) }.joined(separator: ", ")
  }

  /// How much of it is used, from 0; `nil` where that is unknown, or it is unlimited.
  package var usage: Double? {
    guard let inUse, let limit else { return nil }
    return Double(inUse) / Double(limit)
  }
}

extension LicenceState {
  /// How urgent the state is for a licence that is in use or in reserve.
  fileprivate var urgency: Urgency {
    switch self {
    case .blocked, .expired: .critical
    case .cancelled, .paused, .expiring, .exhausted: .warning
    case .active, .reserve, .unused: .fine
    }
  }
}
