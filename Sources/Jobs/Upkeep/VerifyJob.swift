import Catalogue
import ContentStore
import Failures
import JobCore
import Journal
import MirrorConfiguration
import MirrorTypes
import Synchronization
import SystemPackage
import VendorChecks

/// Reads every byte of a store again, and checks the chain of its journal.
package struct VerifyJob: Sendable, InContext {
  package let context: JobContext
  private let vendor: VendorSettings?
  private let relinks: Bool

  /// A job on the context's store.
  ///
  /// - Parameters:
  ///   - vendor: also verify the current snapshot by the vendor's own signatures.
  ///   - relinks: whether copies in releases become links to their objects.
  package init(_ context: JobContext, vendor: VendorSettings? = nil, relinks: Bool = false) {
    self.context = context
    self.vendor = vendor
    self.relinks = relinks
  }

  /// Verifies the store; it is only read, unless files are to be linked again.
  ///
  /// - Throws: an error when the store cannot be read at all. Damage is in the report.
  package func run() async throws -> VerifyJobReport {
    let store = try ContentStore.open(folder, access: .reading)
    var report = try verify(store)
    report.journal = checkJournal(&report)
    if let vendor { report.vendor = try await verifyVendor(store, vendor) }
    return report
  }

  private func checkJournal(_ report: inout VerifyJobReport) -> String? {
    do throws(JournalError) {
      return try Journal(file: folders.journal).verify().position?.description
    } catch {
      report.journalProblem = error.description
      return nil
    }
  }

  private func verifyVendor(
    _ store: ContentStore,
    _ settings: VendorSettings
  ) async throws -> VendorReport? {
    guard let current = try store.current() else { return nil }
    reporter.report(.phase("verifying the vendor's signatures"))
    var files: [TreePath: ObjectDigest] = [:]
    try store.forEachFile(in: current.number) { files[$0.path] = $0.object }
    let notes = try store.snapshot(current.number).notes
    return try await VendorVerification(
      tree: StoreTree(store: store, files: files),
      settings: settings,
      scope: AbsenceScope(notes),
      reporter: reporter
    ).run()
  }

  private func verify(_ store: ContentStore) throws -> VerifyJobReport {
    reporter.report(.phase("verifying \(folder)"))
    let done = Atomic<Int64>(0)
    let report = try store.verify(concurrency: Processors.count) { [reporter] bytes in
      let sum = done.add(bytes, ordering: .relaxed).newValue
      reporter.report(.progress(JobProgress(bytes: sum)))
    }
    var told = VerifyJobReport(report, remedy: remedy(for: report))
    if report.copies > 0, !relinks {
      reporter.warning(
        "copies",
        "\(Words.count(report.copies, "file")) of releases \(report.copies == 1 ? "is a copy" : "are copies"), not links to the objects, and take \(Words.bytes(report.copiedBytes)) more: the store was copied without its hard links. 'kscmirror verify --relink' links them again"
      )
    }
    if relinks { told.relinked = try relink(besides: Set(report.damaged.map(\.object))) }
    return told
  }

  /// Makes copies in releases links to their objects.
  private func relink(besides damaged: Set<ObjectDigest>) throws -> VerifyJobReport.Relinked {
    let store = try ContentStore.open(folder, access: .writing)
    reporter.report(.phase("linking files to their objects"))
    let report =
      try audit
      .noting(AuditNote(.prune, "the linking of copies in releases to their objects")) { _ in
        let report = try store.relink(besides: damaged)
        return (
          report,
          AuditNote(.prune, "\(Words.count(report.files, "copy", "copies")) in releases became links to their objects")
        )
      }.value
    if report.left > 0 {
      reporter.warning(
        "not-relinked",
        "\(Words.count(report.left, "copy", "copies")) could not become links: the file system below \(folder) refuses more of them"
      )
    }
    return .init(files: report.files, bytes: report.bytes)
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
package struct VerifyJobReport: Sendable, Encodable {
  /// How many objects were read.
  package let objects: Int
  /// Their bytes.
  package let bytes: Int64
  /// How many releases were compared with their snapshots.
  package let releases: Int
  /// What is wrong, a sentence each.
  package let problems: [String]
  /// What to do about it.
  package let remedy: String?
  /// Number and digest of the journal's last entry; `nil` for an empty or a broken one.
  package internal(set) var journal: String?
  /// Where the journal's chain is broken.
  package internal(set) var journalProblem: String?
  /// What the vendor's signatures say of the current snapshot, if that was asked for.
  package internal(set) var vendor: VendorReport?
  /// The copies in releases that became links, if that was asked for.
  package internal(set) var relinked: Relinked?

  /// Copies that became links.
  package struct Relinked: Sendable, Encodable {
    /// How many files.
    package let files: Int
    /// The bytes that are free by that.
    package let bytes: Int64
  }

  /// Whether nothing is wrong.
  package var isClean: Bool { problems.isEmpty && journalProblem == nil && vendor?.isClean ?? true }

  /// How many things are wrong.
  package var problemCount: Int { problems.count + (journalProblem == nil ? 0 : 1) + (vendor?.problems.count ?? 0) }

  /// How a command ends that has found this.
  package var status: ExitStatus {
    if !problems.isEmpty { return .damagedStore }
    if vendor?.isClean == false { return .vendorSignature }
    if journalProblem != nil { return .brokenJournal }
    return vendor?.isComplete == false ? .partial : .success
  }

  init(_ report: VerifyReport, remedy: String?) {
    self.remedy = remedy
    objects = report.objects
    bytes = report.bytes
    releases = report.releases.count
    problems =
      report.catalogueProblems + report.damaged.map(\.description) + report.releaseProblems.map(\.description)
  }
}
