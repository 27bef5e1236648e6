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
  ///   - date: the date of the index, in seconds since 1970; `nil` when it is not known.
  ///   - now: the present.
  package init(of date: Int64?, now: Int64) {
    guard let date else {
      self = .unknown
      return
    }
    let (age, overflow) = now.subtractingReportingOverflow(date)
    switch age {
    case _ where overflow: self = .unknown
    case ..<(-Self.tolerance): self = .unknown
    case ..<Self.oldAfter: self = .fresh
    case ..<Self.veryOldAfter: self = .old
    default: self = .veryOld
    }
  }

  /// What has no index has no age; anything else is judged by its date.
  package init(of date: Int64?, hasIndex: Bool, now: Int64) {
    self = hasIndex || date != nil ? IndexAge(of: date, now: now) : .noIndex
  }
}
