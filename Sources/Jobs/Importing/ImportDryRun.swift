import BundleFormat
import Bundles
import ContentStore
import JobCore
import MirrorTypes

// A dry run of an import.

extension ImportJob {
  /// Reads all volumes once, and writes nothing. Of several bundles that build on each other only the first can be
  /// verified without taking it in.
  func verifyOnly() async throws -> ImportReport {
    let strangers = try lookForStrangers()
    let store = try? ContentStore.open(folder, access: .reading)
    let (bundle, route): (VerifiedBundle, ImportRoute) = try await passingOverRefused(held: {
      (try? store?.snapshots().map(\.number)) ?? []
    }) {
      route in
      let reader = route.steps[0]
      return (try await provenMetadata(of: reader) { try await verified(reader, store) }, route)
    }
    if let store {
      _ = try isHere(bundle.snapshot, in: store)
      if route.steps.count == 1, let held = try heldBack(bundle.snapshot, in: store) {
        reporter.warning("held-back", "\(held.text). An import with --again would publish it")
      }
    }
    let isIncremental = bundle.facts.base != nil
    let objects = try BundleObjects(bundle) { object in
      guard isIncremental, let store else { return false }
      return try store.contains(object)
    }
    try VolumeIntake(bundle: bundle, objects: objects, reporter: reporter).verify(store)
    if route.steps.count > 1 {
      let names = Words.list(route.steps.dropFirst().map(\.name))
      reporter.information("not-looked-at", "\(names): to be verified when the bundle before is imported")
    }
    var report = ImportReport(bundle, context, outcome: .verified)
    report.strangers = strangers
    return report
  }
}
