import BundleFormat
import FileSystem
import JobCore
import MirrorConfiguration
import MirrorTypes
import StoreTrust
import SystemPackage
import Trust

/// Collects all parcels of a medium that go one way, and reports gaps.
package struct ParcelCollecting: InContext {
  package let context: JobContext
  package let direction: ParcelDirection

  package init(_ context: JobContext, _ direction: ParcelDirection) {
    self.context = context
    self.direction = direction
  }

  private var settings: ParcelSettings { configuration.parcels }

  private func shelf(_ site: String) -> ParcelShelf { ParcelShelf(context, direction, site: site) }

  /// What came of it.
  package struct Outcome {
    package var parcels: [CollectedParcel] = []
    package var refusals: [(folder: Place, error: JobError)] = []
    /// Gaps that were not there before.
    package var missing: [MissingParcels] = []
  }

  /// Takes the parcels in these folders. One that is refused does not stop the others.
  package func take(_ found: [Place]) throws -> Outcome {
    guard !found.isEmpty else { return Outcome() }
    return try StoreLock.parcelsIntake.holding(folders) {
      let intake = ParcelIntake(context, direction)
      let sites = Set(found.compactMap { ParcelIntake.claims($0)?.site }).filter(SiteName.isValid)
      for site in sites { try shelf(site).removeLeftovers() }
      let before = missing(sites)
      var outcome = Outcome()
      for folder in found {
        do {
          outcome.parcels.append(try intake.take(folder))
        } catch {
          let failure = JobError(error)
          if failure.status.isOfWhatCame { intake.noteRefusal(of: folder, failure) }
          outcome.refusals.append((folder, failure))
        }
      }
      for (site, numbers) in missing(sites).sorted(by: { $0.key < $1.key })
      where !numbers.isEmpty && numbers != before[site] {
        outcome.missing.append(MissingParcels(direction, site: site, numbers))
      }
      for site in sites.sorted() { try prune(shelf(site)) }
      return outcome
    }
  }

  /// The numbers that have not come, of each site that can be read.
  private func missing(_ sites: Set<String>) -> [String: NumberRanges] {
    var missing: [String: NumberRanges] = [:]
    for site in sites {
      if let ledger = (try? shelf(site).load()) ?? nil { missing[site] = ledger.missing }
    }
    return missing
  }

  /// Removes what need not be kept any more: of the parcels besides the newest those that were used, or are old.
  private func prune(_ shelf: ParcelShelf) throws {
    try shelf.change { ledger in
      for entry in ledger.entries.filter(\.isKept).dropLast(settings.keep) {
        let isOld = clock.now.seconds(since: entry.received) > settings.keepFor
        guard entry.isConsumed || isOld else { continue }
        func remove() throws {
          try shelf.remove(entry.number)
          ledger.change(entry.number) { $0.isKept = false }
        }
        guard !entry.isConsumed else {
          try remove()
          continue
        }
        let what = "\(direction.noun) \(entry.number) of site \(shelf.site)"
        let text = "\(what) was removed: it is old, and was not used"
        try audit
          .noting(.parcel("the removal of \(what)", site: shelf.site, number: entry.number)) { _ in
            try remove()
            return .parcel(text, site: shelf.site, number: entry.number)
          }
        reporter.warning("parcel-removed", text)
      }
    }
  }
}
