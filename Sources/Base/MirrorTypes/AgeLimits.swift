/// From which age on databases count as old, and as very old: one setting for everything that judges them.
package struct AgeLimits: Sendable, Hashable, Encodable {
  /// From so many seconds on they are old.
  package let old: Int64
  /// From so many seconds on they are very old.
  package let veryOld: Int64

  /// Limits of one's own.
  package init(old: Int64, veryOld: Int64) {
    self.old = old
    self.veryOld = veryOld
  }

  /// Those of the vendor's products: from three days on they show "out of date", from seven on "totally out of date".
  package static let vendors = AgeLimits(old: 3 * 86_400, veryOld: 7 * 86_400)
}
