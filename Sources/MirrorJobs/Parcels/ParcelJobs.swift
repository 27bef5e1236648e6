import ContentStore
import MirrorConfiguration
import SystemPackage
import Trust

/// Tells of parcels, of either side.
public struct ParcelListJob: Sendable {
  private let folder: FilePath
  private let site: String?

  /// A job on the store in the folder `store`.
  ///
  /// - Parameter site: the name of this site, if it has one: parcels that it has made are told then.
  public init(store: FilePath, site: String?) {
    folder = store
    self.site = site
  }

  /// Tells what was made here, and what has come.
  public func run() throws(JobError) -> ParcelListReport {
    _ = try translatingErrors { try ContentStore.open(folder, access: .reading) }
    let inbox = ParcelInbox(store: folder)
    return ParcelListReport(
      sent: try outbox()?.parcels() ?? [],
      taken: try inbox.parcels(),
      missing: try inbox.missing()
    )
  }

  /// Tells what a parcel holds.
  ///
  /// - Parameters:
  ///   - number: its number.
  ///   - origin: the site that it has come of; `nil`: it was made here.
  public func show(_ number: Int64, of origin: String?) throws(JobError) -> ParcelContentsReport {
    _ = try translatingErrors { try ContentStore.open(folder, access: .reading) }
    if let origin {
      let contents = try ParcelInbox(store: folder).contents(site: origin, number: number)
      return ParcelContentsReport(site: origin, number: number, contents: contents)
    }
    guard let outbox = try outbox() else { throw JobError(.configuration, Self.nameless, remedy: Self.naming) }
    guard let sent = try outbox.parcels().first(where: { $0.number == number }) else {
      throw JobError(
        .notThere,
        "no parcel \(number) is kept here",
        remedy: "See 'kscmirror parcel list'; for one that has come here, add --from with its site."
      )
    }
    return ParcelContentsReport(site: sent.site, number: number, contents: sent.contents)
  }

  private func outbox() throws(JobError) -> ParcelOutbox? {
    try site.map { (name) throws(JobError) in try ParcelOutbox(store: folder, site: name, reporter: SilentReporter()) }
  }

  static let nameless = "this site has no name, and so no parcels of its own"
  static let naming = "Set site = \"NAME\" in the configuration, or pass --site NAME."
}

/// Writes parcels that are kept to a medium.
public struct ParcelSendJob: Sendable {
  private let folder: FilePath
  private let site: String?
  private let numbers: [Int64]
  private let output: FilePath
  private let settings: ParcelSettings
  private let readBack: Bool
  private let reporter: any JobReporter

  /// A job on the store in the folder `store`.
  ///
  /// - Parameters:
  ///   - store: the store's folder.
  ///   - site: the name of this site.
  ///   - numbers: the parcels; none: all that are not known to have arrived.
  ///   - output: the medium's folder.
  ///   - settings: how long parcels are kept.
  ///   - readBack: whether what was written is read back and compared.
  ///   - reporter: takes what the job tells.
  public init(
    store: FilePath,
    site: String?,
    numbers: [Int64],
    output: FilePath,
    settings: ParcelSettings,
    readBack: Bool,
    reporter: any JobReporter
  ) {
    folder = store
    self.site = site
    self.numbers = numbers
    self.output = output
    self.settings = settings
    self.readBack = readBack
    self.reporter = reporter
  }

  /// Writes them.
  public func run() throws(JobError) -> ParcelSendReport {
    _ = try translatingErrors { try ContentStore.open(folder, access: .reading) }
    guard let site else {
      throw JobError(.configuration, ParcelListJob.nameless, remedy: ParcelListJob.naming)
    }
    let outbox = try ParcelOutbox(store: folder, site: site, settings: settings, reporter: reporter)
    return ParcelSendReport(
      parcels: try outbox.send(numbers.isEmpty ? nil : numbers, to: output, readBack: readBack)
    )
  }
}

/// Tells nothing to anybody.
private struct SilentReporter: JobReporter {
  func report(_ event: JobEvent) {}
}

/// Parcels of either side.
public struct ParcelListReport: Sendable, Encodable {
  /// Those that were made here and are kept.
  public let sent: [SentParcel]
  /// Those that have come here.
  public let taken: [TakenParcel]
  /// Those that have not.
  public let missing: [MissingParcels]
}

/// What a parcel holds.
public struct ParcelContentsReport: Sendable, Encodable {
  /// The site that has made it.
  public let site: String
  /// Its number.
  public let number: Int64
  /// The list.
  public let contents: String
}

/// Parcels that were written to a medium.
public struct ParcelSendReport: Sendable, Encodable {
  /// The parcels.
  public let parcels: [WrittenParcel]
}
