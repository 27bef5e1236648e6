import ContentStore
import JobCore

extension HeldRelease {
  /// What to do about it.
  package static let remedy =
    "Share or mount the store's folder, never what 'current' leads to, which another release takes the place of"

  /// What it means for whoever holds it.
  package var consequence: String { "\(self): what is published later is not seen there" }
}

extension [HeldRelease] {
  /// Warns of releases that would have been removed if nobody held them.
  package func report(to reporter: any JobReporter) {
    for release in self {
      reporter.warning("held", "\(release.consequence), and so it is not removed. \(HeldRelease.remedy)")
    }
  }
}
