import Catalogue
import ContentStore
import JobCore
import MirrorTypes
import ServerJobs
import Sites
import SystemPackage

/// Asks this site's Administration Server which applications and versions its devices have, and keeps the answer for
/// the receipts that are written from now on.
package struct DemandAskJob: Sendable, InContext {
  package let context: JobContext
  private let maximumDevices: Int
  private let dryRun: Bool

  /// How many devices are asked for one by one, where nothing else is said.
  package static let defaultDevices = 20_000

  /// A job.
  ///
  /// - Parameters:
  ///   - maximumDevices: the most devices that are asked for one by one.
  ///   - dryRun: whether the answer is only shown.
  package init(_ context: JobContext, maximumDevices: Int = DemandAskJob.defaultDevices, dryRun: Bool = false) {
    self.context = context
    self.maximumDevices = max(1, maximumDevices)
    self.dryRun = dryRun
  }

  /// A site may tell what it needs before anything was imported there.
  private func openStore() throws {
    do {
      _ = try ContentStore.open(configuration.store, access: .reading)
    } catch StoreError.notAStore {
      _ = try ContentStore.open(configuration.store, access: .writing, create: true)
    }
  }

  /// Asks, and keeps what came. What was kept before stays if the server cannot be asked.
  package func run() async throws -> OwnDemandReport {
    // A store that is none should be known before a server is asked for minutes.
    if !dryRun { try openStore() }
    let connection = try ServerConnection(context)
    guard !dryRun else {
      return OwnDemandReport(try await gather(connection), of: connection, at: configuration.site, kept: nil)
    }
    let kept = OwnDemand(folders)
    let beginning = AuditNote(
      .demand,
      "the asking of \(connection.address) for what its devices need",
      ["server": .string(connection.address)],
      refused: "what \(connection.address) says of its devices",
      if: \.isOfWhatCame
    )
    let demand = try await audit.noting(beginning) { _ in
      let demand = try await gather(connection)
      try StoreLock.receipts.holding(folders) { try kept.write(demand) }
      return (demand, AuditNote(.demand, "\(connection.address) was asked what its devices need", beginning.facts))
    }.value
    return OwnDemandReport(demand, of: connection, at: configuration.site, kept: kept.file.string)
  }

  private func gather(_ connection: ServerConnection) async throws -> ReportedDemand {
    let demand = try await DemandGathering(context: context, maximumDevices: maximumDevices).gather(connection)
    if demand.leftOut > 0 {
      reporter.warning(
        "left-out",
        "\(Words.count(demand.leftOut, "application or component was", "applications or components were")) left out: too many, or with an invalid name"
      )
    }
    return demand
  }
}

extension OwnDemandReport {
  fileprivate init(_ demand: ReportedDemand, of server: ServerConnection, at site: String?, kept: String?) {
    self.init(server: server.address, demand: demand, kept: kept, site: site)
  }
}

/// What this site's Administration Server told.
package struct OwnDemandReport: Sendable, Encodable {
  /// The server's address; `nil` where what was kept is shown.
  package let server: String?
  /// What it reported.
  package let demand: ReportedDemand
  /// The file that it is kept in; `nil` for a dry run.
  package let kept: String?
  /// The name of this site; `nil`: it writes no receipts.
  package let site: String?

  package init(server: String?, demand: ReportedDemand, kept: String?, site: String?) {
    self.server = server
    self.demand = demand
    self.kept = kept
    self.site = site
  }
}
