import ContentStore
import SystemPackage
import Trust

/// Takes in the receipts that have come back from sites.
public struct CollectJob: Sendable {
  private let folder: FilePath
  private let path: FilePath
  private let fingerprint: String?
  private let replace: Bool
  private let reporter: any JobReporter

  /// A job on the store in the folder `store`.
  ///
  /// - Parameters:
  ///   - store: the store's folder.
  ///   - path: a medium's folder, or a receipt's file.
  ///   - fingerprint: what the key of a site that is not known yet must have.
  ///   - replace: whether that key may take the place of another one.
  ///   - reporter: takes what the job tells.
  public init(
    store: FilePath,
    path: FilePath,
    fingerprint: String? = nil,
    replace: Bool = false,
    reporter: any JobReporter
  ) {
    folder = store
    self.path = path
    self.fingerprint = fingerprint
    self.replace = replace
    self.reporter = reporter
  }

  /// Takes all receipts that are there. One that is refused does not stop the others.
  ///
  /// - Throws: ``JobError`` when nothing was found, or all that was found was refused.
  public func run() throws(JobError) -> CollectReport {
    let admission = ReceiptIntake.Admission(fingerprint: try wanted(), replace: replace)
    _ = try translatingErrors { try ContentStore.open(folder, access: .reading) }
    let files = try ReceiptIntake.find(at: path)
    guard !files.isEmpty else {
      throw JobError(
        .notThere,
        "\(path): there is no receipt here",
        remedy: "Have 'kscmirror receipt --output FOLDER' write one at the site; an import writes one by itself."
      )
    }
    let intake = ReceiptIntake(store: folder, reporter: reporter)
    let roots = try OwnRoots(store: folder)
    var report = CollectReport()
    var refusals: [JobError] = []
    func refuse(_ file: FilePath, _ error: JobError) {
      intake.noteRefusal(of: file, error)
      refusals.append(error)
    }
    var believed: [(file: FilePath, signed: SignedReceipt)] = []
    for file in files {
      do throws(JobError) { believed.append((file, try SignedReceipt(reading: file))) } catch { refuse(file, error) }
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
          refuse(file, error)
        }
      }
    }
    return try finished(report, refusals)
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
  private func finished(_ report: CollectReport, _ refusals: [JobError]) throws(JobError) -> CollectReport {
    var report = report
    guard let first = refusals.first else { return report }
    for refusal in report.receipts.isEmpty ? refusals.dropFirst() : refusals[...] {
      reporter.error("receipt-refused", refusal.description)
    }
    guard !report.receipts.isEmpty else { throw first }
    report.refused = refusals.count
    report.status = first.status
    return report
  }
}

/// What was collected.
public struct CollectReport: Sendable, Encodable {
  /// The receipts that could be believed, one a file.
  public internal(set) var receipts: [CollectedReceipt] = []
  /// How many others were refused.
  public internal(set) var refused = 0
  /// How a command ends that has collected this.
  public internal(set) var status = ExitStatus.success

  private enum CodingKeys: String, CodingKey { case receipts, refused }
}

/// A receipt that could be believed.
public struct CollectedReceipt: Sendable, Encodable {
  /// Its file.
  public let file: String
  /// The site.
  public let site: String
  /// The receipt's number.
  public let number: Int64
  /// The snapshot that is published there.
  public let snapshot: Int?
  /// How it stands to those that were known: `first`, `newer`, `rolled-back`, `restored`, `same`, `older`.
  public let order: String
  /// Whether it is the newest that is known of its site now.
  public let isTaken: Bool
  /// All that in a sentence.
  public let text: String

  private let deservesALook: Bool

  private enum CodingKeys: String, CodingKey { case file, site, number, snapshot, order, isTaken, text }

  init(_ receipt: Receipt, file: FilePath, order: ReceiptOrder, text: String) {
    self.file = file.string
    site = receipt.site
    number = receipt.number
    snapshot = receipt.current?.snapshot
    self.order = order.rawValue
    isTaken = order.isTaken
    self.text = text
    deservesALook = order == .rolledBack || order == .restored
  }

  /// Tells it while something else is done.
  func tell(_ reporter: any JobReporter) {
    if deservesALook { reporter.warning("site-went-back", text) } else { reporter.information("receipt", text) }
  }
}
