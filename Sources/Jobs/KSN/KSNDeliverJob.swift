import AdministrationServer
import ContentStore
import Failures
import FileSystem
import JobCore
import MirrorTypes
import ServerJobs
import SiteDocuments
import SystemPackage

/// Hands the bodies of statistics that sites have sent to KSN, each once, by an Administration Server with internet.
package struct KSNDeliverJob: Sendable, InContext {
  /// What is handed over.
  package struct Options: Sendable {
    /// The site; `nil`: all.
    package var site: String?
    /// Whether bodies are handed over again of which it is unknown whether KSN has them.
    package var retryUnknown = false
    /// Whether nothing is handed over, and what would be done is reported.
    package var dryRun = false

    /// The defaults.
    package init() {}
  }

  package let context: JobContext
  private let options: Options

  /// A job.
  ///
  /// - Parameters:
  ///   - options: what is handed over.
  package init(_ context: JobContext, options: Options) {
    self.context = context
    self.options = options
  }

  /// Hands them over, in the order of their sites, parcels and names.
  ///
  /// - Throws: an error when the server cannot go on; what was handed over before is not handed over again.
  package func run() async throws -> KSNDeliverReport {
    let store = configuration.store
    _ = try ContentStore.open(store, access: .reading)
    let lock = options.dryRun ? nil : try StoreLock.ksnDeliver.take(in: store)
    defer { withExtendedLifetime(lock) {} }
    var plans: [DeliveryPlan] = []
    for site in try sites(store) { plans.append(try DeliveryPlan(KSNShelf(store, site: site), clock)) }
    var report = KSNDeliverReport(plans, options)
    for item in report.isRetrying ? [] : plans.flatMap(\.unknown) {
      reporter.warning(
        "delivery-unknown",
        "it is unknown whether KSN has \(item.text): the run that delivered it was interrupted; --retry-unknown sends it again"
      )
    }
    guard !options.dryRun, !report.pending.isEmpty else { return report }
    let connection = try ServerConnection(context)
    let chosen = plans
    let run = try await connection.use { server -> DeliveryRun? in
      guard try await server.mayTakeKSNStatistics() else { return nil }
      var run = DeliveryRun(context, address: connection.address)
      for plan in chosen {
        try await run.deliver(plan.pending + (options.retryUnknown ? plan.unknown : []), plan.log, to: server)
      }
      return run
    }
    report.take(run)
    return report
  }

  private func sites(_ store: FilePath) throws -> [String] {
    let known = try KSNShelf.sites(store)
    guard let site = options.site else { return known }
    guard known.contains(site) else {
      throw JobError(
        .notThere,
        "nothing is known here of site '\(site)' and KSN",
        remedy: "Run 'kscmirror ksn export' there, 'kscmirror collect' and 'kscmirror ksn import' here."
      )
    }
    return [site]
  }
}

/// What was handed over.
package struct KSNDeliverReport: Sendable, Encodable {
  /// A body of statistics.
  package struct Body: Sendable, Encodable {
    /// The site.
    package let site: String
    /// The number of the parcel that it came in.
    package let number: Int64
    /// The name that it is delivered under.
    package let name: String
    /// Its SHA-256, in hexadecimal digits.
    package let sha256: String
    /// Its bytes.
    package let bytes: Int

    init(_ item: DeliveryPlan.Item) {
      site = item.site
      number = item.number
      name = item.body.name
      sha256 = item.body.digest.hex
      bytes = item.size
    }
  }

  /// The bodies that were handed over now.
  package private(set) var delivered: [Body] = []
  /// The bodies that wait.
  package private(set) var pending: [Body]
  /// The bodies of which it is unknown whether KSN has them, and that were not sent again.
  package let unknown: [Body]
  /// How many were handed over before.
  package let deliveredBefore: Int
  /// Whether the server sends statistics to KSN; `nil` where it was not asked.
  package private(set) var isWanted: Bool?
  /// Whether this was a dry run: nothing was handed over.
  package let dryRun: Bool
  /// How a command ends that has done this.
  package private(set) var status = ExitStatus.success
  let isRetrying: Bool

  private enum CodingKeys: String, CodingKey { case delivered, pending, unknown, deliveredBefore, isWanted, dryRun }

  init(_ plans: [DeliveryPlan], _ options: KSNDeliverJob.Options) {
    isRetrying = options.retryUnknown
    let retried = options.retryUnknown ? plans.flatMap(\.unknown) : []
    pending = (plans.flatMap(\.pending) + retried).map { Body($0) }
    unknown = options.retryUnknown ? [] : plans.flatMap(\.unknown).map { Body($0) }
    deliveredBefore = plans.clampedSum { $0.delivered }
    dryRun = options.dryRun
    if !unknown.isEmpty { status = .partial }
  }

  /// Takes what came of it; `nil`: the server wants no statistics.
  mutating func take(_ run: DeliveryRun?) {
    isWanted = run != nil
    guard let run else { return }
    delivered = run.delivered.map { Body($0) }
    pending = run.failed.map { Body($0.item) }
    status = run.failed.first?.status ?? status
  }
}
