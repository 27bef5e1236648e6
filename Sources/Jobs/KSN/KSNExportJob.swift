import ContentStore
import Failures
import FileSystem
import JobCore
import MirrorTypes
import Parcels
import SiteDocuments
import SystemPackage
import Trust

/// Writes down how a site stands with Kaspersky Security Network, and seals that in a parcel together with the bodies of
/// statistics that somebody has put into a spool.
package struct KSNExportJob: Sendable, InContext {
  /// What leaves.
  package struct Options: Sendable {
    /// Whether the Administration Server is asked; a site without its API exports the spool alone.
    package var server = true
    /// The folder with bodies of statistics; `nil`: the configuration's, if it has one.
    package var spool: FilePath?
    /// A configuration of Private KSN whose date and digest leave, its provider if personal data does, never its content.
    package var privateKSN: FilePath?
    /// Whether personal data leaves: who provides a Private KSN, and texts that nobody has checked.
    package var personal = false
    /// Whether bodies leave that went into a parcel before.
    package var again = false
    /// Whether bodies are removed from the spool that have arrived on the connected side.
    package var clearConfirmed = false
    /// The medium; `nil`: the parcel stays in the store until `kscmirror parcel send`.
    package var output: FilePath?
    /// Whether what was written to the medium is read back and compared.
    package var readBack = true
    /// Whether nothing is made or removed, and what would leave is shown.
    package var dryRun = false

    /// The defaults.
    package init() {}
  }

  package let context: JobContext
  private let options: Options

  /// A job.
  ///
  /// - Parameters:
  ///   - options: what leaves.
  package init(_ context: JobContext, options: Options) {
    self.context = context
    self.options = options
  }

  private var spool: FilePath? { options.spool ?? configuration.ksn.spool }

  /// Makes the parcel, unless there is nothing that is new.
  ///
  /// - Parameter show: takes the name and the very bytes of each document, in a dry run.
  /// - Throws: an error; no parcel is made then, unless it says that one was.
  package func run(show: (String, [UInt8]) throws -> Void = { _, _ in }) async throws -> KSNExportReport {
    guard let site = configuration.site else {
      throw JobError(.configuration, ParcelListJob.nameless, remedy: ParcelListJob.naming)
    }
    guard options.server || spool != nil || options.privateKSN != nil else {
      throw JobError(
        .configuration,
        "there is nothing to export: no server is asked, and there is no spool",
        remedy: "Name a folder with --spool, or as spool in [ksn]; see kscmirror.toml(5)."
      )
    }
    _ = try ContentStore.open(configuration.store, access: .reading)
    let outbox = try ParcelOutbox(context, site: site)
    var document = KSNDocument(site: site, made: clock.now)
    document.state[.program] = .text(Program.generator)
    if options.server {
      let gathering = KSNGathering(context: context)
      document = try await gathering.adding(to: document)
    }
    if let file = options.privateKSN { document.configurations.append(try PrivateConfiguration(file: file).facts) }
    if options.dryRun { return try export(document, outbox, show) }
    let lock = try StoreLock.ksnExport.take(in: configuration.store)
    defer { withExtendedLifetime(lock) {} }
    return try export(document, outbox, show)
  }

  private var redaction: Redaction { Redaction(personal: options.personal ? Redaction.personalFields : []) }

  private var schema: StatisticsSchema {
    StatisticsSchema(extra: configuration.ksn.fields, personal: options.personal)
  }

  /// Makes the parcel of a document and what of the spool goes with it. The caller holds the lock.
  private func export(
    _ document: KSNDocument,
    _ outbox: ParcelOutbox,
    _ show: (String, [UInt8]) throws -> Void
  ) throws -> KSNExportReport {
    let sent = try SentStatistics(outbox)
    var choice = SpoolChoice()
    if let spool {
      choice = try SpoolChoice(spool, schema, sent, again: options.again)
      choice.tell(reporter, spool)
      if options.clearConfirmed { try choice.clear(try outbox.arrived(), dryRun: options.dryRun, reporter) }
    }
    var report = KSNExportReport(site: outbox.site, document, choice, dryRun: options.dryRun)
    guard options.server || options.privateKSN != nil || !choice.bodies.isEmpty else { return report }
    var document = document
    document.statistics = choice.bodies.map(\.entry)
    document.counters = choice.counters
    let redacted = document.redacted(redaction)
    report.leftOut = Dictionary(redacted.leftOut.ordered.map { ($0.name, $0.count) }, uniquingKeysWith: +)
    let documents = [(KSNDocument.fileName, document.serialized(redaction))] + choice.documents
    func fill(_ writer: ParcelWriter) throws {
      for (name, bytes) in documents { try writer.add(bytes, as: try TreePath(name), of: .ksn) }
    }
    if options.dryRun {
      let preview = try outbox.preview(carrying: [.ksn], fill)
      (report.number, report.contents) = (preview.number, preview.contents)
      for (name, bytes) in documents { try show(name, bytes) }
      return report
    }
    // Where no stick is mounted, nothing is made.
    let medium = try options.output.map(outbox.medium)
    let parcel = try outbox.make(carrying: [.ksn], fill)
    (report.number, report.contents) = (parcel.number, parcel.contents)
    // What the new parcel holds is found in the parcel itself.
    try SentStatistics(outbox).save(keeping: choice.inSpool)
    if let medium {
      report.folder = try outbox.send([parcel.number], to: medium, readBack: options.readBack).first?.folder
    }
    return report
  }
}

/// What has left, or would.
package struct KSNExportReport: Sendable, Encodable {
  /// The site.
  package let site: String
  /// Whether the proxy of KSN is on; `nil` where the server was not asked, or does not say.
  package let proxyEnabled: Bool?
  /// Whether KSN could be reached.
  package let connected: Bool?
  /// How many statements.
  package let statements: Int
  /// How many configurations of Private KSN.
  package let configurations: Int
  /// How many serial numbers of licences.
  package let licences: Int
  /// How many bodies of statistics.
  package let bodies: Int
  /// How many values of these bodies stayed here.
  package let valuesLeftOut: Int
  /// How many bodies stayed because they went into a parcel before.
  package let sentBefore: Int
  /// The names of bodies of which nothing may leave.
  package let empty: [String]
  /// How many files of the spool are refused.
  package let refused: Int
  /// How many names in the spool are no plain files of a sound name.
  package let skipped: Int
  /// The names of bodies that were removed from the spool, since they have arrived.
  package let cleared: [String]
  /// Whether nothing was made.
  package let dryRun: Bool
  /// What of the server's data stayed here, and how often.
  package fileprivate(set) var leftOut: [String: Int] = [:]
  /// The parcel's number; `nil` if there was nothing new.
  package fileprivate(set) var number: Int64?
  /// The list of what the parcel holds.
  package fileprivate(set) var contents = ""
  /// The parcel's folder on the medium, if it was written to one.
  package fileprivate(set) var folder: String?

  /// How a command ends that has done this.
  package var status: ExitStatus { refused > 0 ? .partial : .success }

  fileprivate init(site: String, _ document: KSNDocument, _ choice: SpoolChoice, dryRun: Bool) {
    self.site = site
    proxyEnabled = document.state.flag(.proxyEnabled)
    connected = document.state.flag(.connected)
    statements = document.statements.count
    configurations = document.configurations.count
    licences = document.licences.count
    bodies = choice.bodies.count
    valuesLeftOut = choice.bodies.clampedSum { $0.leftOut }
    sentBefore = choice.sentBefore
    empty = choice.empty
    refused = choice.refused.count
    skipped = choice.skipped
    cleared = choice.cleared
    self.dryRun = dryRun
  }
}
