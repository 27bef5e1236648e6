import ContentStore
import Synchronization
import SystemPackage

/// Reads every byte of a store again.
public struct VerifyJob: Sendable {
  private let folder: FilePath
  private let reporter: any JobReporter

  /// A job on the store in the folder `store`.
  public init(store: FilePath, reporter: any JobReporter) {
    folder = store
    self.reporter = reporter
  }

  /// Verifies the store; it is only read.
  ///
  /// - Throws: ``JobError`` when the store cannot be read at all. Damage is in the report.
  public func run() throws(JobError) -> VerifyJobReport {
    try translatingErrors {
      let store = try ContentStore.open(folder, access: .reading)
      reporter.report(.phase("verifying \(folder)"))
      let done = Atomic<Int64>(0)
      let report = try store.verify(concurrency: Processors.count) { [reporter] bytes in
        let sum = done.add(bytes, ordering: .relaxed).newValue
        reporter.report(.progress(JobProgress(bytes: sum)))
      }
      return VerifyJobReport(report, remedy: remedy(for: report))
    }
  }

  /// Notes damaged objects, so that they come again with the next sync or import, and says which it has to be.
  private func remedy(for report: VerifyReport) -> String? {
    guard !report.damaged.isEmpty else {
      return report.isClean ? nil : "Publish the snapshot again, or import its bundle into a new store."
    }
    do throws(StoreError) {
      let store = try ContentStore.open(folder, access: .writing)
      let sources = try store.noteDamaged(report.damaged.map(\.object))
      let imports =
        "import the bundle of the snapshot again: damaged files are replaced in the store and in every release"
      return sources.isEmpty
        ? "Now \(imports)." : "Now run 'kscmirror sync' (\(sources.joined(separator: ", "))), or \(imports)."
    } catch {
      return
        "The damage could not be noted for repair (\(error)). Run verify again when nothing else writes to the store."
    }
  }
}

/// What a verification found.
public struct VerifyJobReport: Sendable, Encodable {
  /// How many objects were read.
  public let objects: Int
  /// Their bytes.
  public let bytes: Int64
  /// How many releases were compared with their snapshots.
  public let releases: Int
  /// What is wrong, a sentence each.
  public let problems: [String]
  /// What to do about it.
  public let remedy: String?
  /// Whether nothing is wrong.
  public var isClean: Bool { problems.isEmpty }

  init(_ report: VerifyReport, remedy: String?) {
    self.remedy = remedy
    objects = report.objects
    bytes = report.bytes
    releases = report.releases.count
    problems =
      report.catalogueProblems + report.damaged.map(\.description) + report.releaseProblems.map(\.description)
  }
}
