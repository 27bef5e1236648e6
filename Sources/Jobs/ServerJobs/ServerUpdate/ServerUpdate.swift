import AdministrationServer
import ContentStore
import JobCore
import Journal
import MirrorTypes
import Releases
import SystemPackage

/// Has an Administration Server fetch the current release into its repository, and looks whether it did.
///
/// The server fetches from where its own settings say: it is asked when, not from where. Where it has a task that fetches
/// updates, that is run, since its settings name this store; a server without one fetches from where it does by default.
package struct ServerUpdate: Sendable, InContext {
  /// The most files of its repository that a server may list.
  private static let mostFiles = 1_000_000

  /// How long a task may run.
  private static let patience = Duration.seconds(3600)
  /// How long a task may take to begin.
  private static let beginning = Duration.seconds(60)

  package let context: JobContext
  private let connection: ServerConnection

  /// Gets ready; nothing is asked of the server yet.
  ///
  /// - Throws: an error with ``ExitStatus/configuration`` when there is no server in the configuration.
  package init(_ context: JobContext) throws {
    self.context = context
    connection = try ServerConnection(context)
  }

  /// Does it, and notes in the journal what came of it.
  ///
  /// - Returns: what came of it, also where the server could not be asked: what is published here stays.
  package func run() async -> ServerUpdateReport {
    var report = ServerUpdateReport(server: connection.address)
    do {
      let opened = try ContentStore.open(folder, access: .reading)
      let release = try opened.published()
      report.release = release.number
      let carried = try ReleaseComponents(of: release.number, opened)
      let beginning = report.note("fetching release \(release.number) by \(connection.address)")
      try await audit.noting(beginning) { _ in
        do {
          try await fetch(carried, &report)
          report.failure = report.judgement
        } catch {
          report.failure = JobError(error).message
        }
        let told = "\(report.server) was asked to fetch release \(release.number)"
        // What the server has not taken is a failure in the journal too.
        if let failure = report.failure {
          throw JobError(.serverNotUpdated, "\(told), and did not take it: \(failure)")
        }
        return ((), report.note("\(told), and has it"))
      }
    } catch {
      report.failure = report.failure ?? JobError(error).message
    }
    if let failure = report.failure {
      reporter.warning(
        "server-update",
        "the release is published here, but \(connection.address) has not fetched it: \(failure). Its update source has to be "
          + "this store's updates/, in a folder or by 'kscmirror serve'. To try again, run the same command once more."
      )
    }
    return report
  }

  private func fetch(_ carried: ReleaseComponents, _ report: inout ServerUpdateReport) async throws {
    let (task, outcome) = try await connection.use { server -> (UpdateTask?, TaskOutcome) in
      let known = Set(try await server.updateComponents().map(\.id))
      let names = carried.names.filter(known.contains)
      guard !names.isEmpty else {
        throw JobError(
          .notThere,
          "the server knows no component of the release, which has \(Words.count(carried.names.count))"
        )
      }
      let before = try await repository(server)
      let task = try await updateTask(of: server)
      reporter.report(.phase("waiting for \(connection.address) to fetch the release"))
      guard let task else {
        try await server.fetchUpdates(of: names, for: .repository)
        return (nil, TaskOutcome(Self.verdicts(names, carried, before, try await repository(server))))
      }
      try await server.run(task)
      return (task, try await ended(task, server) { Self.verdicts(names, carried, before, $0) })
    }
    report.task = task.map {
      .init(name: $0.name, sources: $0.sources.filter(\.isNamed).map(\.url), hasFailed: outcome.hasFailed)
    }
    report.components = outcome.components
  }

  /// What came of a task.
  private struct TaskOutcome {
    let components: [ServerUpdateReport.Component]
    /// Whether the server says of its last run that it failed.
    let hasFailed: Bool

    init(_ components: [ServerUpdateReport.Component], hasFailed: Bool = false) {
      self.components = components
      self.hasFailed = hasFailed
    }
  }

  /// The task that fetches updates; one whose source somebody has named comes first.
  private func updateTask(of server: AdministrationServer) async throws -> UpdateTask? {
    do {
      let tasks = try await server.updateTasks()
      return tasks.first { $0.sources.contains(where: \.isNamed) } ?? tasks.first
    } catch {
      // Who may not see tasks can have updates fetched all the same.
      guard case .refused = error else { throw error }
      return nil
    }
  }

  /// Waits until a task has run.
  ///
  /// - Parameter judge: compares what is in the repository now.
  private func ended(
    _ task: UpdateTask,
    _ server: AdministrationServer,
    _ judge: ([String: [String: UTCTime]]) -> [ServerUpdateReport.Component]
  ) async throws -> TaskOutcome {
    let clock = ContinuousClock()
    let begin = clock.now
    var hasRun = false
    var pause = Duration.milliseconds(500)
    while true {
      try await Task.sleep(for: pause)
      pause = min(pause * 2, .seconds(15))
      let waited = clock.now - begin
      let state = try await server.state(of: task)
      if case .running = state {
        hasRun = true
        guard waited < Self.patience else {
          throw JobError(
            .busy,
            "the task '\(task.name)' still runs after \(Words.count(waited.components.seconds / 60, "minute"))"
          )
        }
        continue
      }
      // That it was not seen running may mean that it has not begun, or that it is done.
      let components = judge(try await repository(server))
      let isDone = ServerUpdateReport.judgement(of: components, lacksAreNormal: true) == nil
      if isDone || hasRun || waited > Self.beginning {
        return TaskOutcome(components, hasFailed: state == .failed)
      }
    }
  }

  /// The dates of the components in the server's repository: by component, and by primary index.
  private func repository(_ server: AdministrationServer) async throws -> [String: [String: UTCTime]] {
    let files = try await server.updateFiles(attributes: [
      "Index", "CompId", "Component", "ComponentList", "Type", "Date",
    ])
    guard files.count <= Self.mostFiles else { throw JobError(.badAnswer, "the server lists \(files.count) files") }
    // Where a server tells which rows stand for components, files are no matter: theirs are older dates.
    let hasTypes = files.contains { $0.type == "Desc" }
    var dates: [String: [String: UTCTime]] = [:]
    for file in files where !hasTypes || file.type == "Desc" {
      guard let index = file.index?.lowercased(), let date = file.date else { continue }
      for component in file.components {
        let known = dates[component]?[index]
        dates[component, default: [:]][index] = known.map { max($0, date) } ?? date
      }
    }
    return dates
  }

  private static func verdicts(
    _ names: [String],
    _ carried: ReleaseComponents,
    _ before: [String: [String: UTCTime]],
    _ after: [String: [String: UTCTime]]
  ) -> [ServerUpdateReport.Component] {
    names.map { verdict($0, carried, before: before[$0] ?? [:], after: after[$0] ?? [:]) }
  }

  private static func verdict(
    _ component: String,
    _ carried: ReleaseComponents,
    before: [String: UTCTime],
    after: [String: UTCTime]
  ) -> ServerUpdateReport.Component {
    typealias Component = ServerUpdateReport.Component
    let compared = after.compactMap { index, there -> (here: UTCTime, there: UTCTime, before: UTCTime?)? in
      carried.dates[.init(primary: index, component: component)].map { ($0, there, before[index]) }
    }
    // The one that lags most tells.
    guard let last = compared.min(by: { $0.there.seconds(since: $0.here) < $1.there.seconds(since: $1.here) }) else {
      let newest = carried.dates.filter { $0.key.component == component }.values.max() ?? .epoch
      return Component(name: component, release: newest, server: nil, state: .missing)
    }
    let state: Component.State =
      last.there < last.here ? .older : last.there > last.here ? .newer : last.before == last.there ? .same : .taken
    return Component(name: component, release: last.here, server: last.there, state: state)
  }
}

extension ServerUpdateReport {
  /// What a server makes of a release, for the journal.
  fileprivate func note(_ text: String) -> AuditNote {
    AuditNote(
      .serverUpdate,
      text,
      [
        "server": .string(server), "snapshot": .integer(Int64(release ?? 0)), "task": .string(task?.name ?? ""),
      ]
    )
  }
}
