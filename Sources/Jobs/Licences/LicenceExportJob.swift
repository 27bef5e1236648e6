import ContentStore
import FileSystem
import JobCore
import MirrorTypes
import Parcels
import SiteDocuments
import SystemPackage
import Trust

/// Writes down what a site has of licences, with what of it may leave, and seals that in a parcel.
package struct LicenceExportJob: Sendable, InContext {
  /// What leaves.
  package struct Options: Sendable {
    /// Where the licences are read from.
    package var origin = LicenceOrigin.server
    /// Whether the devices that use a key are listed; `nil`: as the configuration says.
    package var devices: Bool?
    /// Whether devices leave by their own names, and not by pseudonyms; `nil`: as the configuration says.
    package var names: Bool?
    /// Whether personal data leaves: who has bought a licence and where, groups of devices, all other free texts.
    package var personal = false
    /// Whether the bodies of keys leave: secrets.
    package var withKeys = false
    /// The medium; `nil`: the parcel stays in the store until `kscmirror parcel send`.
    package var output: FilePath?
    /// Whether what was written to the medium is read back and compared.
    package var readBack = true
    /// Whether nothing is made, and what would leave is shown.
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

  /// Makes the parcel.
  ///
  /// - Parameter show: takes the very bytes of the document, in a dry run.
  /// - Throws: an error; no parcel is made then.
  package func run(show: ([UInt8]) throws -> Void = { _ in }) async throws -> LicenceExportReport {
    guard let site = configuration.site else {
      throw JobError(.configuration, ParcelListJob.nameless, remedy: ParcelListJob.naming)
    }
    _ = try ContentStore.open(configuration.store, access: .reading)
    let outbox = try ParcelOutbox(context, site: site)
    let draft = try PrivateDraft(in: folders.parcels, context.randomness)
    let (gathered, totals) = try await write(to: draft, site)
    gathered.tellUnreadable(reporter)
    let bodies = options.withKeys && gathered.bodies.count > 0 ? gathered.bodies : nil
    var report = LicenceExportReport(site: site, totals, bodies: bodies?.count ?? 0, dryRun: options.dryRun)
    let kinds: [ParcelKind] = bodies == nil ? [.licence] : [.licence, .keys]
    func fill(_ writer: ParcelWriter) throws {
      try writer.add(file: draft.path, as: try TreePath(LicenceDocument.fileName), of: .licence)
      if let bodies {
        try writer.add(bodies.serializedWithSecrets(), as: try TreePath(LicenceBodies.fileName), of: .keys)
      }
    }
    if options.dryRun {
      let preview = try outbox.preview(carrying: kinds, fill)
      (report.number, report.contents) = (preview.number, preview.contents)
      try draft.read(show)
      return report
    }
    // Where no stick is mounted, nothing is made.
    let medium = try options.output.map(outbox.medium)
    let parcel = try outbox.make(carrying: kinds, fill)
    (report.number, report.contents) = (parcel.number, parcel.contents)
    if let medium {
      report.folder = try outbox.send([parcel.number], to: medium, readBack: options.readBack).first?.folder
    }
    return report
  }

  private func write(
    to draft: PrivateDraft,
    _ site: String
  ) async throws -> (LicenceGathering.Gathered, LicenceTotals) {
    let gathering = LicenceGathering(context: context, origin: options.origin, site: site)
    let result = try await gathering.write(try redaction(), bodies: options.withKeys) { try draft.write($0) }
    try draft.finish()
    return result
  }

  private func redaction() throws -> Redaction {
    let key = PseudonymKey(configuration.store)
    let secret = options.dryRun ? try key.readOrImprovise() : try key.readOrMake()
    var redaction = Redaction(personal: options.personal ? Redaction.personalFields : [], secret: secret)
    guard options.devices ?? configuration.licence.devices else { return redaction }
    redaction.devices = options.names ?? !configuration.licence.pseudonyms ? .named : .pseudonyms(secret)
    return redaction
  }
}

/// What has left, or would.
package struct LicenceExportReport: Sendable, Encodable {
  /// The site.
  package let site: String
  /// How many keys.
  package let keys: Int
  /// How many devices.
  package let devices: Int
  /// How many key files, by name and digest.
  package let files: Int
  /// How many bodies of keys: secrets.
  package let bodies: Int
  /// What was left out, and how often.
  package let leftOut: [String: Int]
  /// Whether nothing was made.
  package let dryRun: Bool
  /// The parcel's number.
  package fileprivate(set) var number: Int64 = 0
  /// The list of what the parcel holds.
  package fileprivate(set) var contents = ""
  /// The parcel's folder on the medium, if it was written to one.
  package fileprivate(set) var folder: String?

  fileprivate init(site: String, _ totals: LicenceTotals, bodies: Int, dryRun: Bool) {
    self.site = site
    keys = totals.keys
    devices = totals.devices
    files = totals.files
    self.bodies = bodies
    self.dryRun = dryRun
    leftOut = Dictionary(totals.leftOut.ordered.map { ($0.name, $0.count) }, uniquingKeysWith: +)
  }
}
