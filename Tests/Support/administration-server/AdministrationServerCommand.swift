import AdministrationServerDouble
import ArgumentParser
import Foundation
import TestSupport

/// An Administration Server for the demo and for trying things out.
@main
struct AdministrationServerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "administration-server",
    abstract:
      "Speaks the Open API of an Administration Server over HTTPS, with a CA of its own and synthetic licences.",
    discussion: """
      Faults are METHOD=KIND or METHOD=KIND:TIMES, with one of these kinds: 403, 503, slow, refused, truncated, html, \
      huge, cut. METHOD is a call's name, such as LicenseKeys.EnumKeys, or * for all. Without TIMES the fault is there \
      always.
      """
  )
  @Option(help: "Write the CA's certificate to this file.") var caOut: String
  @Option(help: "Write the address to this file when the server is ready.") var readyFile: String
  @Option(help: "Let in this user, NAME:PASSWORD; without any, admin:secret.") var user: [String] = []
  @Option(help: "Take what the server has from this JSON file.") var fixture: String?
  @Option(help: "How many synthetic keys there are, where there is no fixture.") var keys = 6
  @Option(help: "How many devices use each of them.") var devices = 5
  @Option(help: "It has a task that fetches updates from this folder.") var updateSource: String?
  @Option(help: "A fault.") var fault: [String] = []
  @Option(help: "When the server ends, write what it was given to this file, as JSON.") var report: String?

  func run() throws {
    let secrets = TemporaryFolder()
    let authority = try TestAuthority(in: secrets.path)
    try Data(contentsOf: URL(fileURLWithPath: authority.certificate.string)).write(to: URL(fileURLWithPath: caOut))
    let server = try AdministrationServerDouble(try content(), identity: try authority.issue("localhost"))
    let faults = try fault.map(FaultOption.init)
    server.misbehave { call in faults.lazy.compactMap { $0.misbehaviour(call) }.first }
    try Data(server.url.utf8).write(to: URL(fileURLWithPath: readyFile), options: .atomic)
    print("an Administration Server at \(server.url)")
    waitForSignal()
    try writeReport(of: server)
    withExtendedLifetime(secrets) { server.stop() }
  }

  private func content() throws -> Fixture {
    var content = Fixture(keys: keys, devicesPerKey: devices)
    if let fixture { content = try Fixture.read(Data(contentsOf: URL(fileURLWithPath: fixture))) }
    if let updateSource {
      let name = "Download updates to the Administration Server repository"
      content.updateTasks = [Fixture.UpdateTask(id: "1", name: name, source: updateSource, components: [])]
      content.standalone = []
    }
    let users = try user.map { text in
      let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { throw ValidationError("a user is NAME:PASSWORD, not \(text)") }
      return Fixture.User(name: parts[0], password: parts[1])
    }
    if !users.isEmpty { content.users = users }
    return content
  }

  private func waitForSignal() {
    let ended = DispatchSemaphore(value: 0)
    let sources = [SIGTERM, SIGINT].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { ended.signal() }
      source.resume()
      return source
    }
    withExtendedLifetime(sources) { ended.wait() }
  }

  private func writeReport(of server: AdministrationServerDouble) throws {
    guard let report else { return }
    let facts: [String: Any] = [
      "calls": server.methods, "openLists": server.openLists, "openSessions": server.openSessions,
      "statistics": server.statistics.map { ["name": $0.name, "body": $0.body] },
      "keys": server.fixture.keys.map(\.serial), "packages": server.packages.map(\.name),
    ]
    let data = try JSONSerialization.data(withJSONObject: facts, options: [.prettyPrinted, .sortedKeys])
    try data.write(to: URL(fileURLWithPath: report), options: .atomic)
  }
}
