import JobCore
import MirrorTypes
import Sites
import Trust

/// Whether this host's clock can be right: what was made before lies in its past.
struct ClockCheck: DoctorCheck {
  /// Clocks of different hosts may differ so much, in seconds.
  private static let tolerance: Int64 = 300
  /// This program did not exist before 2025.
  private static let beginning = UTCTime(seconds: 1_735_689_600)

  func findings(in patient: Patient) -> [Finding] {
    guard let store = patient.store else { return [] }
    return patient.found("clock.plausible") {
      var witnesses = [(what: "the year in which this program was made", time: Self.beginning)]
      if let newest = try store.snapshots().map(\.created).max() {
        witnesses.append(("when the newest snapshot was sealed", newest))
      }
      if let run = try store.runs(last: 1).first { witnesses.append(("when the last run ended", run.finished)) }
      if let own = try? SignedReceipt(reading: patient.folders.receipts.appending("own.json")) {
        witnesses.append(("when the last receipt was written", own.receipt.time))
      }
      for site in try SiteRegistry(store: patient.folder).all() {
        if let taken = site.receipts.last {
          witnesses.append(("when the receipt of site \(site.name) was collected", taken.received))
        }
      }
      guard let latest = witnesses.max(by: { $0.time < $1.time }),
        latest.time > patient.now.adding(seconds: Self.tolerance)
      else {
        return [.ok("clock.plausible", "the clock says \(patient.now.text)")] + (try Self.sites(patient))
      }
      return [
        .error(
          "clock.plausible",
          "the clock says \(patient.now.text), before \(latest.what): \(latest.time.text)",
          remedy: "Set this host's clock; what is signed is judged by it."
        )
      ]
    }
  }

  /// Sites whose clocks are ahead of this one.
  private static func sites(_ patient: Patient) throws -> [Finding] {
    try SiteRegistry(store: patient.folder).all().compactMap { site in
      guard let receipt = site.newest, receipt.time > patient.now.adding(seconds: 86_400) else { return nil }
      return .warning(
        "clock.site",
        "the newest receipt of site \(site.name) was written at \(receipt.time.text) by the clock there, ahead of this one",
        remedy: "Look at both clocks: a clock that runs fast makes bundles look expired."
      )
    }
  }
}
