import BundleFormat
import ContentStore
import JobCore
import MirrorTypes
import Sites
import SystemPackage
import Trust

/// Tells of parcels, of either side.
package struct ParcelListJob: Sendable, InContext {
  package let context: JobContext
  private let site: String?

  /// A job on the context's store.
  ///
  /// - Parameter site: the name of this site, if it has one: parcels that it has made are reported then.
  package init(_ context: JobContext, site: String?) {
    self.context = context
    self.site = site
  }

  /// Tells what was made here, and what has come.
  package func run() throws -> ParcelListReport {
    _ = try ContentStore.open(folder, access: .reading)
    var report = ParcelListReport(sent: try outbox(to: nil)?.parcels() ?? [])
    for name in try SiteRegistry(folders).names() { report.sent += try outbox(to: name)?.parcels() ?? [] }
    for direction in [ParcelDirection.fromSite, .toSite] {
      let inbox = ParcelInbox(context, direction)
      report.taken += try inbox.parcels()
      report.missing += try inbox.missing()
    }
    return report
  }

  /// Tells what a parcel holds.
  ///
  /// - Parameters:
  ///   - number: its number.
  ///   - which: which one of that number.
  package func show(_ number: Int64, _ which: Which) throws -> ParcelContentsReport {
    _ = try ContentStore.open(folder, access: .reading)
    switch which {
    case .cameFrom(let origin): return try taken(number, .fromSite, origin)
    case .delivered:
      guard let site else { throw JobError(.configuration, Self.nameless, remedy: Self.naming) }
      return try taken(number, .toSite, site)
    case .made(let target):
      guard let outbox = try outbox(to: target) else {
        throw JobError(.configuration, Self.nameless, remedy: Self.naming)
      }
      guard let sent = try outbox.parcels().first(where: { $0.number == number }) else {
        throw JobError(
          .notThere,
          "no \(outbox.lane.direction.noun) \(number) is kept here",
          remedy:
            "See 'kscmirror parcel list'; for one that was collected here, add --from with its site, or --delivered."
        )
      }
      return ParcelContentsReport(site: sent.site, number: number, contents: sent.contents)
    }
  }

  /// Which parcel of a number is meant.
  package enum Which: Sendable {
    /// The one that was made here; for a site, if one is named.
    case made(to: String?)
    /// The one that has come of a site.
    case cameFrom(String)
    /// The one that was delivered to this site.
    case delivered
  }

  private func taken(
    _ number: Int64,
    _ direction: ParcelDirection,
    _ site: String
  ) throws -> ParcelContentsReport {
    let contents = try ParcelInbox(context, direction).contents(site: site, number: number)
    return ParcelContentsReport(site: site, number: number, contents: contents)
  }

  private func outbox(to target: String?) throws -> ParcelOutbox? {
    if let target { return try ParcelOutbox(context.silent, .toSite, site: target) }
    return try site.map { name in try ParcelOutbox(context.silent, site: name) }
  }

  package static let nameless = "this site has no name, and so no parcels of its own"
  package static let naming = "Set site = \"NAME\" in the configuration, or pass --site NAME."
}

extension InContext {
  /// The parcels that a person means who names a site, or none: those for that site, or those of this one.
  ///
  /// - Throws: an error with ``ExitStatus/configuration`` where this site has no name; for a site that nobody knows here.
  fileprivate func outbox(of site: String?, to target: String?) throws -> ParcelOutbox {
    _ = try ContentStore.open(folder, access: .reading)
    guard let name = target ?? site else {
      throw JobError(.configuration, ParcelListJob.nameless, remedy: ParcelListJob.naming)
    }
    if let target { try SiteRegistry(folders).refuseUnknown(target) }
    return try ParcelOutbox(context, target == nil ? .fromSite : .toSite, site: name)
  }
}

/// Writes parcels that are kept to a medium.
package struct ParcelSendJob: Sendable, InContext {
  package let context: JobContext
  private let site: String?
  private let target: String?
  private let numbers: [Int64]
  private let output: FilePath
  private let readBack: Bool

  /// A job on the context's store.
  ///
  /// - Parameters:
  ///   - site: the name of this site.
  ///   - target: the site that deliveries are written for; `nil`: parcels of this site are written.
  ///   - numbers: the parcels; none: all that are not known to have arrived.
  ///   - output: the medium's folder.
  ///   - readBack: whether what was written is read back and compared.
  package init(
    _ context: JobContext,
    site: String?,
    to target: String? = nil,
    numbers: [Int64],
    output: FilePath,
    readBack: Bool
  ) {
    self.context = context
    self.site = site
    self.target = target
    self.numbers = numbers
    self.output = output
    self.readBack = readBack
  }

  /// Writes them.
  package func run() throws -> ParcelSendReport {
    let outbox = try outbox(of: site, to: target)
    let medium = try outbox.medium(at: output)
    let written = try outbox.send(numbers.isEmpty ? nil : numbers, to: medium, readBack: readBack)
    return ParcelSendReport(parcels: written, medium: try medium.finish(), readBack: readBack)
  }
}

/// Removes parcels that have come and are not wanted, such as one that can never be used.
package struct ParcelDropJob: Sendable, InContext {
  package let context: JobContext
  private let site: String
  private let numbers: [Int64]
  private let dryRun: Bool

  /// A job on the context's store.
  ///
  /// - Parameters:
  ///   - site: the site that the parcels are of; at a site itself, deliveries for it are meant.
  ///   - numbers: their numbers.
  ///   - dryRun: whether nothing is removed, and what would be is told.
  package init(_ context: JobContext, site: String, numbers: [Int64], dryRun: Bool) {
    self.context = context
    self.site = site
    self.numbers = numbers
    self.dryRun = dryRun
  }

  /// Removes them: all that are named, or, if one of them is not here, none.
  package func run() throws -> ParcelDropReport {
    _ = try ContentStore.open(folder, access: .reading)
    let ways = [ParcelDirection.fromSite, .toSite].map { ParcelInbox(context, $0) }
    let here = try ways.map { inbox in try inbox.parcels(of: site).filter(\.isKept) }
    var dropped: [TakenParcel] = []
    for number in numbers where !dropped.contains(where: { $0.number == number }) {
      guard let parcel = here.joined().first(where: { $0.number == number }) else {
        let known = Set(try ways.flatMap { try $0.parcels() }.filter(\.isKept).map(\.site)).sorted()
        let numbers = here.joined().map { "\($0.number)" }.joined(separator: ", ")
        throw JobError(
          .notThere,
          "there is no parcel \(number) of site '\(site)' here",
          remedy: numbers.isEmpty
            ? "Parcels are here of: \(known.isEmpty ? "no site" : known.joined(separator: ", ")). See 'kscmirror parcel list'."
            : "Those that are here of it: \(numbers)."
        )
      }
      dropped.append(parcel)
    }
    guard !dryRun else { return ParcelDropReport(dropped: dropped, dryRun: true) }
    try StoreLock.parcelsIntake.holding(folders) {
      for parcel in dropped {
        try ParcelInbox(context, parcel.direction).drop(site: parcel.site, number: parcel.number)
      }
    }
    return ParcelDropReport(dropped: dropped, dryRun: false)
  }
}

/// Takes parcels back that were made here and have not arrived.
package struct ParcelWithdrawJob: Sendable, InContext {
  package let context: JobContext
  private let site: String?
  private let target: String?
  private let numbers: [Int64]
  private let dryRun: Bool

  /// A job on the context's store.
  ///
  /// - Parameters:
  ///   - site: the name of this site.
  ///   - target: the site that deliveries were made for; `nil`: parcels of this site are meant.
  ///   - numbers: their numbers.
  ///   - dryRun: whether nothing is taken back, and what would be is reported.
  package init(_ context: JobContext, site: String?, from target: String?, numbers: [Int64], dryRun: Bool) {
    self.context = context
    self.site = site
    self.target = target
    self.numbers = numbers
    self.dryRun = dryRun
  }

  /// Takes them back: all that are named, or, if one of them cannot be, none.
  package func run() throws -> ParcelWithdrawReport {
    let outbox = try outbox(of: site, to: target)
    let withdrawn = try outbox.withdraw(numbers, dryRun: dryRun)
    for parcel in withdrawn where parcel.written != nil {
      let names = ParcelNames(outbox.lane.direction, site: outbox.lane.site, number: parcel.number)
      reporter.warning(
        "written-before",
        "\(names.folder) was written to a stick: remove it there, or it arrives all the same"
      )
    }
    return ParcelWithdrawReport(withdrawn: withdrawn, dryRun: dryRun)
  }
}

/// Parcels that were taken back, or would be.
package struct ParcelWithdrawReport: Sendable, Encodable {
  /// The parcels, as they were.
  package let withdrawn: [SentParcel]
  /// Whether nothing was taken back.
  package let dryRun: Bool
}

/// Parcels that were removed, or would be.
package struct ParcelDropReport: Sendable, Encodable {
  /// The parcels, as they were.
  package let dropped: [TakenParcel]
  /// Whether nothing was removed.
  package let dryRun: Bool
}

/// Parcels of either side.
package struct ParcelListReport: Sendable, Encodable {
  /// Those that were made here and are kept.
  package fileprivate(set) var sent: [SentParcel]
  /// Those that have come here.
  package fileprivate(set) var taken: [TakenParcel] = []
  /// Those that have not.
  package fileprivate(set) var missing: [MissingParcels] = []

  fileprivate init(sent: [SentParcel]) { self.sent = sent }
}

/// What a parcel holds.
package struct ParcelContentsReport: Sendable, Encodable {
  /// The site that has made it.
  package let site: String
  /// Its number.
  package let number: Int64
  /// The list.
  package let contents: String
}

/// Parcels that were written to a medium.
package struct ParcelSendReport: Sendable, Encodable {
  /// The parcels.
  package let parcels: [WrittenParcel]
  /// What they were written to.
  package let medium: MediumFacts
  /// Whether what was written was read back and compared.
  package let readBack: Bool
}
