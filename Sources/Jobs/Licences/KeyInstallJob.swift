import AdministrationServer
import ContentStore
import Failures
import FileSystem
import JobCore
import Journal
import MirrorTypes
import Parcels
import ServerJobs
import SiteDocuments
import SystemPackage
import Trust

/// Installs the licence keys that have come to a site, after somebody has seen and confirmed it; none twice.
package struct KeyInstallJob: Sendable, InContext {
  /// How it is done.
  package struct Options: Sendable {
    /// Whether keys are installed again that were installed before.
    package var again = false
    /// Whether the server is to give the keys to devices by itself; `nil`: as the deliveries say.
    package var isAutomatic: Bool?
    /// The numbers of deliveries that are put away, their keys not installed.
    package var dismissed: [Int64] = []
    /// Whether nothing is installed, and what would be done is reported.
    package var dryRun = false

    /// The defaults.
    package init() {}
  }

  /// Shows what would be installed, and says whether it shall be.
  package typealias Confirmation = (KeyInstallPlan) throws -> Bool

  package let context: JobContext
  private let options: Options
  private var inbox: ParcelInbox { ParcelInbox(context, .toSite) }

  /// A job.
  ///
  /// - Parameters:
  ///   - options: how it is done.
  package init(_ context: JobContext, options: Options) {
    self.context = context
    self.options = options
  }

  /// Installs what waits; `nil` when nothing does.
  ///
  /// - Parameter confirm: is asked once, when there is something to install.
  /// - Throws: an error; keys that were installed before it are not installed again by the next run.
  package func run(confirm: Confirmation) async throws -> KeyInstallReport? {
    guard let site = configuration.site else { return nil }
    let all = try inbox.pending(.keys, of: site)
    try refuseUnknown(all)
    guard !all.isEmpty else { return nil }
    let lock = try StoreLock.keyInstall.take(in: configuration.store)
    defer { withExtendedLifetime(lock) {} }
    let log = try KeyLog(configuration.store)
    var round = ParcelRound(inbox, dryRun: options.dryRun)
    var plan = KeyInstallPlan()
    let waiting = try round.look(at: all.filter { !options.dismissed.contains($0.number) }) { delivery in
      try plan.add(delivery, inbox, log, again: options.again, isAutomatic: options.isAutomatic)
    }
    try round.refusals.tell(reporter, elseNothing: waiting.isEmpty && options.dismissed.isEmpty)
    var report = KeyInstallReport(plan, dryRun: options.dryRun)
    report.status = round.refusals.status
    if options.dryRun { return report }
    for delivery in all where options.dismissed.contains(delivery.number) { try dismiss(delivery) }
    if !plan.isEmpty {
      guard try confirm(plan) else { return report }
      report.isConfirmed = true
      let connection = try ServerConnection(context)
      let before = report
      report = try await connection.use { server in
        try await install(plan, on: server, at: connection.address, log: log, before)
      }
    }
    let failed = Set(report.failed.map(\.delivery))
    for delivery in waiting where !failed.contains(delivery.number) { try finish(delivery) }
    return report
  }

  private func refuseUnknown(_ waiting: [TakenParcel]) throws {
    guard let number = options.dismissed.first(where: { number in !waiting.contains { $0.number == number } }) else {
      return
    }
    throw JobError(
      .notThere,
      "no delivery \(number) with keys waits here",
      remedy: waiting.isEmpty
        ? "None does." : "Those that do: \(waiting.map { "\($0.number)" }.joined(separator: ", "))."
    )
  }

  private func dismiss(_ delivery: TakenParcel) throws {
    let what = "the keys of delivery \(delivery.number)"
    func note(_ text: String) -> AuditNote { .parcel(text, site: delivery.site, number: delivery.number) }
    try audit.noting(note("putting away \(what)")) { _ in
      try finish(delivery)
      return note("\(what) were put away, not installed")
    }
  }

  // MARK: - One key after the other

  private func install(
    _ plan: KeyInstallPlan,
    on server: AdministrationServer,
    at address: String,
    log: KeyLog,
    _ report: KeyInstallReport
  ) async throws -> KeyInstallReport {
    var (log, report) = (log, report)
    for key in plan.keys where key.isDue {
      // The same key may have come twice.
      if !options.again, case .installed = log.step(key.digest) { continue }
      reporter.report(.phase("installing \(key.name)"))
      let serial: String
      do {
        let beginning = AuditNote.key(
          key,
          "the installation of key \(key.name) of delivery \(key.delivery)",
          by: address
        )
        serial = try await audit.noting(beginning) { _ in
          let serial = try await install(key, on: server, &log)
          if key.isAutomatic { try await server.setAutomatic(true, serial: serial) }
          try log.append(.installed(serial: serial, time: clock.now), key.digest)
          let text = "key \(key.name) of delivery \(key.delivery) was installed on \(address) as \(serial)"
          return (serial, .key(key, text, serial: serial, by: address))
        }.value
      } catch let error as AdministrationServerError {
        // What the server says of one key says nothing of the others.
        guard case .refused = error else { throw error }
        let failure = JobError(error, at: address)
        report.failed.append(.init(delivery: key.delivery, name: key.name, message: failure.message))
        report.status = failure.status
        continue
      }
      report.installed.append(.init(name: key.name, serial: serial, isAutomatic: key.isAutomatic))
    }
    return report
  }

  /// Installs a key, or finds the one that a killed run has installed.
  ///
  /// - Returns: its serial number.
  private func install(
    _ key: KeyInstallPlan.Key,
    on server: AdministrationServer,
    _ log: inout KeyLog
  ) async throws -> String {
    let now = Set(try await server.licences().map(\.serial))
    if !options.again, case .begun(let before) = log.step(key.digest) {
      let since = now.subtracting(before).sorted()
      if since.count == 1 { return since[0] }
      guard since.isEmpty else { throw unclear(key, since) }
    }
    try log.append(.begun(before: now), key.digest)
    let body = key.body.revealed { KeyBody($0) }
    return try await server.installKey(body)
  }

  private func unclear(_ key: KeyInstallPlan.Key, _ serials: [String]) -> JobError {
    let shown = serials.prefix(5).map(SafeText.printable).joined(separator: ", ")
    return JobError(
      .partial,
      "\(key.name) of delivery \(key.delivery): a run was killed while it was being installed, and \(serials.count) keys have come to the server since: \(shown)",
      remedy: "See on the server whether it is among them; if not, run 'kscmirror licence import --again'."
    )
  }

  /// Takes note that all keys of a delivery are installed.
  private func finish(_ delivery: TakenParcel) throws {
    _ = try inbox.consume(delivery, as: .keys) { _ in }
  }
}

extension AuditNote {
  /// A key is installed.
  fileprivate static func key(
    _ key: KeyInstallPlan.Key,
    _ text: String,
    serial: String? = nil,
    by address: String
  ) -> AuditNote {
    var facts: [String: JournalValue] = [
      "delivery": .integer(key.delivery), "name": .string(key.name), "server": .string(address),
      "sha256": .string(key.sha256 ?? ""),
    ]
    if let serial { facts["serial"] = .string(serial) }
    return AuditNote(.licence, text, facts)
  }
}

/// What was installed, or would be.
package struct KeyInstallReport: Sendable, Encodable {
  /// A key that was installed.
  package struct Installed: Sendable, Encodable {
    /// Its name in the delivery.
    package let name: String
    /// What the server calls it.
    package let serial: String
    /// Whether the server gives it to devices by itself.
    package let isAutomatic: Bool
  }

  /// A key that the server did not take.
  package struct Failed: Sendable, Encodable {
    /// The number of its delivery.
    package let delivery: Int64
    /// Its name in the delivery.
    package let name: String
    /// What the server says.
    package let message: String
  }

  /// What had come.
  package let plan: KeyInstallPlan
  /// Whether nothing was done.
  package let dryRun: Bool
  /// Whether somebody has said that it shall be done.
  package internal(set) var isConfirmed = false
  /// What was installed.
  package internal(set) var installed: [Installed] = []
  /// What the server did not take; it waits for the next run.
  package internal(set) var failed: [Failed] = []
  /// How a command ends that has done this.
  package internal(set) var status = ExitStatus.success

  private enum CodingKeys: String, CodingKey { case plan, dryRun, isConfirmed, installed, failed }

  init(_ plan: KeyInstallPlan, dryRun: Bool) {
    self.plan = plan
    self.dryRun = dryRun
  }
}
