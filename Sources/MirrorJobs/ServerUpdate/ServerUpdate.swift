import AdministrationServer
import ContentStore
import MirrorConfiguration
import SystemPackage

/// Has an Administration Server fetch the current release into its repository, and looks whether it did.
///
/// The server fetches from where its own settings say: it is told when, not from where.
public struct ServerUpdate: Sendable {
  /// The most files of its repository that a server may list.
  private static let mostFiles = 1_000_000

  private let store: FilePath
  private let connection: ServerConnection
  private let reporter: any JobReporter

  /// Gets ready; nothing is asked of the server yet.
  ///
  /// - Parameters:
  ///   - configuration: tells how the Administration Server is reached.
  ///   - store: the store's folder.
  ///   - password: asks a person for the password of a user, where no other place has it.
  ///   - reporter: takes what is told meanwhile.
  /// - Throws: ``JobError`` with ``ExitStatus/configuration`` when there is no server in the configuration.
  public init(
    _ configuration: Configuration,
    store: FilePath,
    password: (@Sendable (String) throws -> String)? = nil,
    reporter: any JobReporter
  ) throws(JobError) {
    self.store = store
    connection = try ServerConnection(configuration, password: password)
    self.reporter = reporter
  }

  /// Does it, and notes in the journal what came of it.
  ///
  /// - Returns: what came of it, also where the server could not be asked: what is published here stays.
  public func run() async -> ServerUpdateReport {
    var report = ServerUpdateReport(server: connection.address)
    do throws(JobError) {
      let opened = try translatingErrors { try ContentStore.open(store, access: .reading) }
      guard let release = try translatingErrors({ try opened.current() }) else {
        throw JobError(.notThere, "\(store): there is no release yet")
      }
      report.release = release.number
      let carried = try ReleaseComponents(of: release.number, opened)
      report.components = try await fetched(carried)
      report.failure = report.judgement
    } catch {
      report.failure = error.message
    }
    do { try Audit(StoreFolders(store).journal).note(report) } catch {
      reporter.warning("journal", "what became of the server's update could not be noted: \(error.message)")
    }
    return report
  }

  private func fetched(_ carried: ReleaseComponents) async throws(JobError) -> [ServerUpdateReport.Component] {
    try await connection.use { server in
      let known = Set(try await server.updateComponents().map(\.id))
      let names = carried.names.filter(known.contains)
      guard !names.isEmpty else {
        throw JobError(.notThere, "the server knows none of the \(carried.names.count) components of the release")
      }
      let before = try await repository(server)
      reporter.report(.phase("waiting for \(connection.address) to fetch the release"))
      try await server.fetchUpdates(of: names, for: .repository)
      let after = try await repository(server)
      return names.map { Self.verdict($0, carried, before: before[$0] ?? [:], after: after[$0] ?? [:]) }
    }
  }

  /// The dates of the components in the server's repository: by component, and by primary index.
  private func repository(_ server: AdministrationServer) async throws -> [String: [String: Int64]] {
    let files = try await server.updateFiles(attributes: ["Index", "Component", "ComponentList", "Type", "Date"])
    guard files.count <= Self.mostFiles else { throw JobError(.badAnswer, "the server lists \(files.count) files") }
    // Where a server tells which rows stand for components, files are no matter: theirs are older dates.
    let hasTypes = files.contains { $0.type == "Desc" }
    var dates: [String: [String: Int64]] = [:]
    for file in files where !hasTypes || file.type == "Desc" {
      guard let index = file.index?.lowercased(), let date = file.date?.seconds else { continue }
      for component in file.components {
        dates[component, default: [:]][index] = max(dates[component]?[index] ?? .min, date)
      }
    }
    return dates
  }

  private static func verdict(
    _ component: String,
    _ carried: ReleaseComponents,
    before: [String: Int64],
    after: [String: Int64]
  ) -> ServerUpdateReport.Component {
    typealias Component = ServerUpdateReport.Component
    let compared = after.compactMap { index, there -> (here: Int64, there: Int64, before: Int64?)? in
      carried.dates[.init(primary: index, component: component)].map { ($0, there, before[index]) }
    }
    // The one that lags most tells.
    guard let last = compared.min(by: { $0.there - $0.here < $1.there - $1.here }) else {
      let newest = carried.dates.filter { $0.key.component == component }.values.max() ?? 0
      return Component(name: component, release: newest, server: nil, state: .missing)
    }
    let state: Component.State =
      last.there < last.here ? .older : last.there > last.here ? .newer : last.before == last.there ? .same : .taken
    return Component(name: component, release: last.here, server: last.there, state: state)
  }
}

extension Audit {
  /// Notes what a server has made of a release.
  fileprivate func note(_ report: ServerUpdateReport) throws(JobError) {
    let what = report.failure.map { "did not take it: \($0)" } ?? "has it"
    _ = try append(
      .serverUpdate,
      report.failure == nil ? .ok : .failed,
      "\(report.server) was told to fetch release \(report.release ?? 0), and \(what)",
      ["server": .string(report.server), "snapshot": .integer(Int64(report.release ?? 0))]
    )
  }
}
