import AdministrationServer
import JobCore
import MirrorConfiguration
import MirrorTypes
import ServerJobs
import Sites
import Synchronization

/// Asks an Administration Server what its devices have.
///
/// What is installed on a device takes a call of its own, and a session makes one call at a time: several sessions share
/// the devices. Of a server with more devices than are asked for one by one, the rest is known by the licences that they
/// use, hundreds of devices a call, without full versions.
struct DemandGathering: InContext {
  let context: JobContext
  /// The most devices that are asked for one by one.
  let maximumDevices: Int

  /// How many sessions ask at once.
  static let sessions = 4
  /// The most devices that are listed at all.
  private static let maximumListed = 1_000_000
  private static let progressStep = 1000

  /// Asks.
  ///
  /// - Parameter connection: the server; further sessions are those of the same user.
  func gather(_ connection: ServerConnection) async throws -> ReportedDemand {
    let asked = clock.now
    return try await connection.use { server in
      reporter.report(.phase("asking \(connection.address) for its devices"))
      let info = try await server.serverInfo()
      let components = try await components(of: server)
      var ids: [String] = []
      try await server.readDevices { page in
        ids += page.map(\.id)
        return ids.count < Self.maximumListed ? .more : .stop
      }
      let devices = SharedDevices(Array(ids.prefix(maximumDevices)))
      try await ask(server, connection, devices)
      var tally = try devices.tally()
      if ids.count > maximumDevices { try await readLicences(of: server, but: Set(devices.ids), into: &tally) }
      note(info, in: &tally)
      return tally.demand(asked: asked, devices: ids.count, components: components)
    }
  }

  /// A server that is too old to know of components, or a virtual one, is no reason to learn nothing.
  private func components(of server: AdministrationServer) async throws -> [UpdateComponent] {
    do throws(AdministrationServerError) {
      return try await server.updateComponents()
    } catch {
      guard error.fault?.kind == .unknownCall || error.fault?.kind == .notPermitted else { throw error }
      reporter.information("no-components", "this Administration Server does not report components")
      return []
    }
  }

  /// The server is an application too, also where it is not a device of its own.
  private func note(_ info: ServerInfo, in tally: inout DemandTally) {
    guard let build = info.fullVersion, tally.has("1093", build: build) == false else { return }
    tally.note(
      .init(name: "1093", version: info.version ?? build, build: build, displayName: nil, devices: 1)
    )
  }

  // MARK: - Device by device

  private func ask(
    _ server: AdministrationServer,
    _ connection: ServerConnection,
    _ devices: SharedDevices
  ) async throws {
    try await connection.withColleagues(min(Self.sessions - 1, devices.ids.count / 2)) { others in
      let workers = [server] + others
      try await concurrently(workers, atMost: workers.count) { [reporter] server in
        try await Self.work(server, devices, reporter)
      }
    }
    // Who was interrupted knows a part only.
    try Task.checkCancellation()
  }

  private static func work(
    _ server: AdministrationServer,
    _ devices: SharedDevices,
    _ reporter: any JobReporter
  ) async throws {
    while let (id, number) = devices.next() {
      if number % progressStep == 0 && number > 0 {
        reporter.report(.phase("asked for \(number) of \(devices.ids.count) devices"))
      }
      do throws(AdministrationServerError) {
        devices.note(try await server.products(onDevice: id))
      } catch {
        // One that is gone meanwhile, or of which the server tells nonsense, says nothing of the others.
        switch error {
        case .malformed: devices.noteUnreadable(error)
        case .refused(_, let fault, _) where fault.kind == .notFound || fault.kind == .badFormat:
          devices.noteUnreadable(error)
        default: throw error
        }
      }
    }
  }

  // MARK: - By licences

  private func readLicences(
    of server: AdministrationServer,
    but known: Set<String>,
    into tally: inout DemandTally
  ) async throws {
    reporter.information(
      "many-devices",
      "of more than \(maximumDevices) devices what is installed is known by their licences alone, without full versions"
    )
    var counts: [[String]: Int] = [:]
    for key in try await server.licences() {
      try await server.readDevices(usingKey: key.serial) { page in
        for device in page where device.isActive != false && !known.contains(device.id) {
          guard let product = device.product, let version = device.version, counts.count < 20_000 else { continue }
          counts[[product, version], default: 0] += 1
        }
        return .more
      }
    }
    for (identity, count) in counts {
      tally.note(.init(name: identity[0], version: identity[1], build: nil, displayName: nil, devices: count))
    }
  }
}

/// Devices that several sessions ask for, each once.
private final class SharedDevices: Sendable {
  let ids: [String]

  private struct State {
    var next = 0
    var tally = DemandTally()
    var unreadable = 0
    var firstFailure: AdministrationServerError?
  }

  private let state = Mutex(State())

  init(_ ids: [String]) { self.ids = ids }

  /// The next device, and how many there were before it.
  func next() -> (id: String, number: Int)? {
    state.withLock { state in
      guard state.next < ids.count, !Task.isCancelled else { return nil }
      defer { state.next += 1 }
      return (ids[state.next], state.next)
    }
  }

  func note(_ products: [InstalledProduct]) { state.withLock { $0.tally.note(products) } }

  func noteUnreadable(_ error: AdministrationServerError) {
    state.withLock {
      $0.unreadable += 1
      $0.firstFailure = $0.firstFailure ?? error
    }
  }

  /// All that was counted.
  ///
  /// - Throws: the first failure where not one of the devices could be read.
  func tally() throws -> DemandTally {
    try state.withLock { state in
      if let failure = state.firstFailure, state.tally.devicesRead == 0 { throw failure }
      return state.tally
    }
  }
}
