import MirrorConfiguration
import MirrorTypes

/// What becomes of the databases of a site if no stick comes, and when the next one must leave.
package struct SiteForecast: Sendable, Hashable, Encodable {
  /// When its databases become old.
  package let old: UTCTime?
  /// When they become very old.
  package let veryOld: UTCTime?
  /// When what it imported last expires.
  package let expires: UTCTime?
  /// When the next stick has to leave, so that it arrives before the databases are old or what is signed expires; `nil`
  /// where neither is known.
  package let leave: UTCTime?

  /// Looks ahead.
  ///
  /// - Parameters:
  ///   - date: the date of the site's databases; `nil` where it is not known.
  ///   - expires: when what it imported last expires; `nil` where that is not known.
  package init(date: UTCTime?, expires: UTCTime?, _ settings: WatchSettings) {
    old = date?.adding(seconds: settings.age.warning)
    veryOld = date?.adding(seconds: settings.age.critical)
    self.expires = expires
    leave = [old, expires].compactMap { $0 }.min()?.adding(seconds: -settings.carry)
  }
}
