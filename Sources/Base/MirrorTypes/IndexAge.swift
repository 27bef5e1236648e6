/// How old databases are, by the date in their own index and the limits that are set for it.
///
/// When files came, or when a snapshot was sealed, says nothing of that: what was made years ago may have come today.
package enum IndexAge: String, Sendable, Hashable, Encodable, CaseIterable {
  /// Younger than ``AgeLimits/old``.
  case fresh
  /// ``AgeLimits/old`` or more.
  case old
  /// ``AgeLimits/veryOld`` or more.
  case veryOld = "very old"
  /// There is an index, and its date is not known here, or lies in the future.
  case unknown
  /// No index names it, as with installers: it has no age.
  case noIndex = "no index"

  /// How far the clock here may be behind the vendor's, in seconds, before a date is not believed.
  package static let tolerance: Int64 = 86_400

  /// - Parameters:
  ///   - date: the date of the index; `nil` when it is not known.
  ///   - now: the present.
  ///   - limits: from when on databases are old.
  package init(of date: UTCTime?, now: UTCTime, by limits: AgeLimits) {
    // Before 1970 nothing was dated: what says so is no date.
    guard let date, date >= .epoch else {
      self = .unknown
      return
    }
    switch now.seconds(since: date) {
    case ..<(-Self.tolerance): self = .unknown
    case ..<limits.old: self = .fresh
    case ..<limits.veryOld: self = .old
    default: self = .veryOld
    }
  }

  /// What has no index has no age; anything else is judged by its date.
  package init(of date: UTCTime?, hasIndex: Bool, now: UTCTime, by limits: AgeLimits) {
    self = hasIndex || date != nil ? IndexAge(of: date, now: now, by: limits) : .noIndex
  }
}
