import ContentStore
import FileSystem
import MirrorConfiguration
import SystemPackage
import Trust

/// Takes in the receipts and parcels that have come back from sites.
public struct CollectJob: Sendable {
  private let folder: FilePath
  private let path: FilePath
  private let fingerprint: String?
  private let replace: Bool
  private let parcels: ParcelSettings
  private let reporter: any JobReporter

  /// A job on the store in the folder `store`.
  ///
  /// - Parameters:
  ///   - store: the store's folder.
  ///   - path: a medium's folder, a receipt's file, or a parcel's folder.
  ///   - fingerprint: what the key of a site that is not known yet must have.
  ///   - replace: whether that key may take the place of another one.
  ///   - parcels: how long parcels are kept.
  ///   - reporter: takes what the job tells.
  public init(
    store: FilePath,
    path: FilePath,
    fingerprint: String? = nil,
    replace: Bool = false,
    parcels: ParcelSettings = ParcelSettings(),
    reporter: any JobReporter
  ) {
    folder = store
    self.path = path
    self.fingerprint = fingerprint
    self.replace = replace
    self.parcels = parcels
    self.reporter = reporter
  }

  /// Takes all receipts that are there, then all parcels. One that is refused does not stop the others.
  ///
  /// - Throws: ``JobError`` when nothing was found, or all that was found was refused.
  public func run() throws(JobError) -> CollectReport {
    let admission = ReceiptIntake.Admission(fingerprint: try wanted(), replace: replace)
    _ = try translatingErrors { try ContentStore.open(folder, access: .reading) }
    let found = try ParcelIntake.find(at: path)
    let files = try receiptFiles(besides: found)
    guard !files.isEmpty || !found.isEmpty else {
      throw JobError(
        .notThere,
        "\(path): there is no receipt and no parcel here",
        remedy: "Have 'kscmirror receipt --output FOLDER' write one at the site; an import writes one by itself."
      )
    }
    var report = CollectReport()
    var refusals: [Refusal] = []
    try takeReceipts(files, admission, &report, &refusals)
    try takeParcels(found, &report, &refusals)
    return try finished(report, refusals)
  }

  /// Something that was not taken, and the name of the notice about it.
  private typealias Refusal = (name: String, error: JobError)

  /// The receipts at the path; none where it leads to one parcel.
  private func receiptFiles(besides parcels: [FilePath]) throws(JobError) -> [FilePath] {
    let resolved = try translatingErrors { try Files.resolvingLinks(path) }
    if parcels.contains(where: { resolved.starts(with: $0) }) { return [] }
    return try ReceiptIntake.find(at: path)
  }

  private func takeReceipts(
    _ files: [FilePath],
    _ admission: ReceiptIntake.Admission,
    _ report: inout CollectReport,
    _ refusals: inout [Refusal]
  ) throws(JobError) {
    guard !files.isEmpty else { return }
    let intake = ReceiptIntake(store: folder, reporter: reporter)
    let roots = try OwnRoots(store: folder)
    var refused: [(FilePath, JobError)] = []
    var believed: [(file: FilePath, signed: SignedReceipt)] = []
    for file in files {
      do throws(JobError) {
        believed.append((file, try SignedReceipt(reading: file)))
      } catch {
        refused.append((file, error))
      }
    }
    // A fingerprint that is one receipt's says nothing of the others.
    let isFound = believed.contains { $0.signed.fingerprint == admission.fingerprint }
    try ReceiptsLock.holding(intake.registry.folders) { () throws(JobError) in
      for (file, signed) in believed {
        let isMeant = !isFound || signed.fingerprint == admission.fingerprint
        do throws(JobError) {
          report.receipts.append(try intake.take(signed, from: file, isMeant ? admission : .init()))
          roots.warn(of: signed.receipt, reporter)
        } catch {
          refused.append((file, error))
        }
      }
    }
    for (file, error) in refused { intake.noteRefusal(of: file, error) }
    refusals += refused.map { ("receipt-refused", $0.1) }
  }

  private func takeParcels(
    _ found: [FilePath],
    _ report: inout CollectReport,
    _ refusals: inout [Refusal]
  ) throws(JobError) {
    let outcome = try ParcelCollecting(store: folder, settings: parcels, reporter: reporter).take(found)
    report.parcels = outcome.parcels
    report.missing = outcome.missing
    refusals += outcome.refusals.map { ("parcel-refused", $0.error) }
  }

  private func wanted() throws(JobError) -> Fingerprint? {
    guard let fingerprint else {
      guard !replace else { throw JobError(.usage, "--replace needs --fingerprint") }
      return nil
    }
    guard let wanted = Fingerprint(fingerprint) else {
      throw JobError(.usage, "--fingerprint wants 64 hexadecimal digits, with or without blanks")
    }
    return wanted
  }

  /// The error that stands for all, when nothing was taken; else each refusal is told, and the first gives the status.
  private func finished(_ report: CollectReport, _ refusals: [Refusal]) throws(JobError) -> CollectReport {
    var report = report
    for missing in report.missing { reporter.warning("parcels-missing", missing.text) }
    guard let first = refusals.first?.error else { return report }
    let isNothing = report.receipts.isEmpty && report.parcels.isEmpty
    for refusal in isNothing ? refusals.dropFirst() : refusals[...] {
      reporter.error(refusal.name, refusal.error.description)
    }
    guard !isNothing else { throw first }
    report.refused = refusals.count
    report.status = first.status
    return report
  }
}

/// What was collected.
public struct CollectReport: Sendable, Encodable {
  /// The receipts that could be believed, one a file.
  public internal(set) var receipts: [CollectedReceipt] = []
  /// The parcels that could be believed.
  public internal(set) var parcels: [CollectedParcel] = []
  /// Parcels that have not come, of sites of which that was not known before.
  public internal(set) var missing: [MissingParcels] = []
  /// How many receipts and parcels were refused.
  public internal(set) var refused = 0
  /// How a command ends that has collected this.
  public internal(set) var status = ExitStatus.success

  private enum CodingKeys: String, CodingKey { case receipts, parcels, missing, refused }
}
