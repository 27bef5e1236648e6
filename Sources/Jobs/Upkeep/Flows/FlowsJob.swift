import FileSystem
import JobCore
import MirrorTypes
import Watching

/// Looks at the flows of an Administration Server from this host: which ports listen here, which answer there, and what
/// becomes of each without internet.
package struct FlowsJob: Sendable, InContext {
  package let context: JobContext
  private let topology: Flow.Topology?
  private let isOnline: Bool

  /// How long a port may take to answer, in milliseconds.
  private static let patience: Int32 = 2000

  /// A job for the configuration's Administration Server.
  ///
  /// - Parameters:
  ///   - topology: where the server stands; `nil`: as the store's side says.
  ///   - isOnline: whether the configured server's ports are asked.
  package init(_ context: JobContext, topology: Flow.Topology?, isOnline: Bool) {
    self.context = context
    self.topology = topology
    self.isOnline = isOnline
  }

  /// Looks.
  package func run() async throws -> FlowsReport {
    let side = StoreSide(folders, hasSources: !configuration.sources.isEmpty)
    let topology = topology ?? (side.isConnected && !side.isTrusting ? .internet : .isolated)
    let listening = ListeningPorts.ofThisHost()
    let host = isOnline ? configuration.administrationServer.flatMap { Self.host(of: $0.url) } : nil
    var answering: [Int: Bool] = [:]
    if let host {
      reporter.report(.phase("asking the ports of \(host)"))
      let ports = Set(Flow.all.filter { $0.transport == .tcp && $0.end == .server }.map(\.port)).sorted()
      try await concurrently(ports, atMost: 16) { port in
        (port, PortProbe.answers(host, port, within: Self.patience))
      } take: { port, answers in
        answering[port] = answers
      }
    }
    let rows = Flow.all.compactMap { flow in
      FlowsReport.Row(flow, topology, listening: listening, answering: answering)
    }
    return FlowsReport(topology: topology, server: host, rows: rows)
  }

  /// The host in an address.
  private static func host(of url: String) -> String? {
    let rest = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
    let authority = rest.prefix { $0 != "/" }
    if authority.hasPrefix("[") { return String(authority.dropFirst().prefix { $0 != "]" }) }
    let host = authority.prefix { $0 != ":" }
    return host.isEmpty ? nil : String(host)
  }
}

/// What was seen of the flows.
package struct FlowsReport: Sendable, Encodable {
  /// Where the server stands.
  package let topology: Flow.Topology
  /// The server whose ports were asked; `nil`: none was.
  package let server: String?
  /// The flows.
  package let rows: [Row]

  /// How a port looks from here.
  package enum State: String, Sendable, Encodable {
    /// Something listens on it on this host.
    case listens
    /// The configured server takes connections on it.
    case answers
    /// Nothing listens or answers.
    case closed
    /// It is another host's, or was not asked.
    case unknown
  }

  /// A flow.
  package struct Row: Sendable, Encodable {
    /// Its stable name.
    package let name: String
    /// The port, a default of the vendor's.
    package let port: Int
    /// TCP or UDP.
    package let transport: Flow.Transport
    /// Who uses it, and for what.
    package let use: String
    /// How it looks.
    package let state: State
    /// How it gets to where it belongs.
    package let carriage: Flow.Carriage
    /// What to do.
    package let todo: String

    init?(
      _ flow: Flow,
      _ topology: Flow.Topology,
      listening: ListeningPorts?,
      answering: [Int: Bool]
    ) {
      guard let advice = flow.advice[topology] else { return nil }
      name = flow.name
      port = flow.port
      transport = flow.transport
      use = flow.use
      carriage = advice.carriage
      todo = advice.text
      state = Self.state(flow, listening, answering)
    }

    private static func state(_ flow: Flow, _ listening: ListeningPorts?, _ answering: [Int: Bool]) -> State {
      guard flow.end != .internet else { return .unknown }
      let ports = flow.transport == .tcp ? listening?.tcp : listening?.udp
      if ports?.contains(flow.port) == true { return .listens }
      // A server that was asked over the network says more than this host; a device's or database's port is another's.
      if flow.transport == .tcp, flow.end == .server, let answers = answering[flow.port] {
        return answers ? .answers : .closed
      }
      return ports == nil || flow.end != .server ? .unknown : .closed
    }
  }
}
