import ContentStore
import Failures
import FileSystem
import JobCore
import Languages
import LicenceReports
import MirrorTypes
import Parcels
import SiteDocuments
import SystemPackage
import Trust

/// Takes what sites have reported of their licences out of the parcels that have come, keeps it, and says what changed.
package struct LicenceImportJob: Sendable, InContext {
  /// How many documents of a site are kept.
  private static let keptDocuments = 400

  package let context: JobContext
  private let reports: FilePath?
  private let csv: CSVForm
  private let warnDays: Int
  private let dryRun: Bool

  /// A job on the store of a configuration.
  ///
  /// - Parameters:
  ///   - reports: a folder to write reports to, if any.
  ///   - csv: who reads the CSV of these.
  ///   - warnDays: from how many days before its end a licence is worth a warning; `nil`: as the configuration says.
  ///   - dryRun: whether nothing is taken or written, and what would be done is reported.
  package init(
    _ context: JobContext,
    reports: FilePath? = nil,
    csv: CSVForm = .standard,
    warnDays: Int? = nil,
    dryRun: Bool = false
  ) {
    self.context = context
    self.csv = csv
    self.reports = reports
    self.warnDays = warnDays ?? context.configuration.licence.warnDays
    self.dryRun = dryRun
  }

  /// Uses all parcels that have not been used yet. One that cannot be opened does not stop the others.
  ///
  /// - Throws: an error when none of those that are here could be taken.
  package func run() throws -> LicenceImportReport {
    let store = configuration.store
    _ = try ContentStore.open(store, access: .reading)
    let inbox = ParcelInbox(context)
    var report = LicenceImportReport()
    report.dryRun = dryRun
    var round = ParcelRound(inbox, dryRun: dryRun)
    var taken: [String: [Int64: LicenceDocument]] = [:]
    try round.use(.licence) { parcel in
      if !dryRun {
        guard let document = try take(parcel, inbox) else { return }
        taken[parcel.site, default: [:]][parcel.number] = document
      }
      report.parcels.append(.init(site: parcel.site, number: parcel.number))
    }
    try round.refusals.tell(reporter, elseNothing: report.parcels.isEmpty)
    report.status = round.refusals.status
    let now = clock.now
    let touched = Set(report.parcels.map(\.site))
    for site in try LicenceShelf.sites(store) {
      let history = try LicenceShelf(store, site: site).history(knowing: taken[site] ?? [:])
      guard let newest = history.newest else { continue }
      let judged = LicenceReport(newest, now: now, warnDays: warnDays)
      let changes = touched.contains(site) ? history.latestChanges(warnDays: warnDays) : []
      let language = configuration.language
      report.sites.append(.init(LicenceListReport(judged, in: language), changes: changes, in: language))
      if let reports, !dryRun {
        report.files += try LicenceReportFiles(folder: reports, language: language, csv: csv).write(history, judged)
      }
    }
    return report
  }

  /// Keeps what a parcel carries of licences.
  ///
  /// - Returns: its document; `nil` if it was used before.
  private func take(_ parcel: TakenParcel, _ inbox: ParcelInbox) throws -> LicenceDocument? {
    let shelf = LicenceShelf(configuration.store, site: parcel.site)
    var taken: LicenceDocument?
    let isNew = try inbox.consume(parcel, as: .licence) { reader in
      let documents = try PickedDocuments(reader)
      guard let bytes = documents.licences else {
        throw JobError(.badParcel, "parcel \(parcel.number) of \(parcel.site) holds no \(LicenceDocument.fileName)")
      }
      let name = "\(LicenceDocument.fileName) in parcel \(parcel.number) of \(parcel.site)"
      let document = try LicenceDocument(parsing: bytes, name: name, withDevices: false)
      guard document.header.site == parcel.site else {
        throw JobError(.badParcel, "\(name) is about another site, '\(document.header.site)'")
      }
      if let bodies = documents.bodies { _ = try LicenceBodies(parsing: bodies) }
      try shelf.keep(bytes, bodies: documents.bodies, number: parcel.number)
      taken = document
    }
    try shelf.prune(keeping: Self.keptDocuments)
    return isNew ? taken : nil
  }
}

/// The documents of licences in a parcel.
private struct PickedDocuments {
  private(set) var licences: [UInt8]?
  private(set) var bodies: [UInt8]?

  init(_ reader: ParcelReader) throws {
    var (licences, bodies): ([UInt8]?, [UInt8]?) = (nil, nil)
    try reader.forEach { file, read in
      let isLicences = file.path.is("\(ParcelKind.licence.folder)/\(LicenceDocument.fileName)")
      let isBodies = file.path.is("\(ParcelKind.keys.folder)/\(LicenceBodies.fileName)")
      guard isLicences || isBodies else { return }
      guard file.size <= Int64(LicenceShelf.maximumSize) else {
        throw JobError(.badParcel, "\(file.path) has \(file.size) bytes, which no such document has")
      }
      var bytes: [UInt8] = []
      try read { bytes += $0 }
      if isLicences { licences = bytes } else { bodies = bytes }
    }
    (self.licences, self.bodies) = (licences, bodies)
  }
}

/// What was used, and how all sites stand.
package struct LicenceImportReport: Sendable, Encodable {
  /// A parcel that was used.
  package struct Parcel: Sendable, Encodable {
    /// The site.
    package let site: String
    /// The parcel's number.
    package let number: Int64
  }

  /// How a site stands.
  package struct Site: Sendable, Encodable {
    /// Its licences.
    package let list: LicenceListReport
    /// What changed since its document before, in English sentences; nothing if nothing new has come.
    package let changes: [String]
    /// The same, as people read it.
    package let shownChanges: [String]

    private enum CodingKeys: String, CodingKey { case list, changes }

    init(_ list: LicenceListReport, changes: [LicenceChange], in language: Language) {
      self.list = list
      self.changes = changes.map { $0.sentence(in: .english) }
      shownChanges = changes.map { $0.sentence(in: language) }
    }
  }

  /// The parcels that were used.
  package internal(set) var parcels: [Parcel] = []
  /// All sites that have ever reported.
  package internal(set) var sites: [Site] = []
  /// The reports that were written.
  package internal(set) var files: [String] = []
  /// At a site: the keys that have come, and what was done with them.
  package var keys: KeyInstallReport?
  /// Whether nothing was collected.
  package internal(set) var dryRun = false
  /// How a command ends that has done this.
  package internal(set) var status = ExitStatus.success

  private enum CodingKeys: String, CodingKey { case parcels, sites, files, keys, dryRun }
}
