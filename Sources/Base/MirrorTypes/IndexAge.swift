/// How old databases are, by the date in their own index and the thresholds of the vendor's products.
///
/// When files came, or when a snapshot was sealed, says nothing of that: what was made years ago may have come today.
package enum IndexAge: String, Sendable, Hashable, Encodable, CaseIterable {
  /// Less than three days.
  case fresh
  /// Three days or more: products call databases out of date then.
  case old
  /// Seven days or more: products call them totally out of date then.
  case veryOld = "very old"
  /// There is an index, and its date is not known here, or lies in the future.
  case unknown
  /// No index names it, as with installers: it has no age.
  case noIndex = "no index"

  /// From so many seconds on databases are old.
  package static let oldAfter: Int64 = 3 * 86_400
  /// From so many seconds on databases are very old.
  package static let veryOldAfter: Int64 = 7 * 86_400
  /// How far the clock here may be behind the vendor's, in seconds, before a date is not believed.
  package static let tolerance: Int64 = 86_400

  /// - Parameters:
  ///   - date: the date of the index; `nil` when it is not known.
  ///   - now: the present.
  package init(of date: UTCTime?, now: UTCTime) {
    // Before 1970 nothing was dated: what says so is no date.
    guard let date, date >= .epoch else {
      self = .unknown
      return
    }
    switch now.seconds(since: date) {
    case ..<(-Self.tolerance): self = .unknown
    case ..<Self.oldAfter: self = .fresh
    case ..<Self.veryOldAfter: self = .old
    default: self = .veryOld
    }
  }

  /// What has no index has no age; anything else is judged by its date.
  package init(of date: UTCTime?, hasIndex: Bool, now: UTCTime) {
    self = hasIndex || date != nil ? IndexAge(of: date, now: now) : .noIndex
  }
}
