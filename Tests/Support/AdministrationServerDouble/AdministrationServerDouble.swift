import Foundation
import LoopbackTLS
import Synchronization
import TestSupport

/// An Administration Server: speaks the Open API over HTTPS on 127.0.0.1, and misbehaves as it is told.
///
/// It keeps to the protocol as the vendor's own client KlAkOAPI needs it, and remembers what it was asked and given.
/// It ends with this object.
package final class AdministrationServerDouble: Sendable {
  /// A body of statistics that was handed over to KSN.
  package struct Statistics: Sendable, Equatable {
    /// Its name.
    package let name: String
    /// The body, as JSON with names in order.
    package let body: String
  }

  /// A package that was made.
  package struct Package: Sendable {
    let id: Int
    /// Its name.
    package let name: String
    /// The file that it was made of.
    package let content: [UInt8]
    /// What is run, and with what, as far as it was told.
    package let command: [String]
    /// What its agreements are named by, in base64; empty: it has none.
    var agreementUID = ""
    /// The management plug-in that it brings.
    var plugin: PackedFile?
  }

  private let listener: TLSListener
  let state: Mutex<ServerState>

  /// Starts a server.
  package init(_ fixture: Fixture = Fixture(), identity: TestAuthority.Identity) throws {
    state = Mutex(ServerState(fixture: fixture))
    listener = try TLSListener(identity)
    state.withLock { $0.url = "https://localhost:\(listener.port)" }
    listener.start { [weak self] connection, number in self?.serve(connection, number) }
  }

  deinit { stop() }

  /// The port on 127.0.0.1.
  package var port: Int { listener.port }
  /// Its address.
  package var url: String { "https://localhost:\(port)" }
  /// How many connections there have been.
  package var connections: Int { listener.connections }
  /// All calls so far.
  package var calls: [DoubleCall] { state.withLock { $0.calls } }
  /// The methods of all calls so far.
  package var methods: [String] { calls.map(\.method) }
  /// Lists that clients have begun and not released.
  package var openLists: Int { state.withLock { $0.iterators.count + $0.accessors.count + $0.taskIterators.count } }
  /// Sessions that are open, those of accounts that have not shown their second factor among them.
  package var openSessions: Int { state.withLock { $0.sessions.count + $0.unfinished.count } }
  /// How many sign-ins there were at once, at the most.
  package var mostSignInsAtOnce: Int { state.withLock { $0.mostSignInsAtOnce } }
  /// How often a wrong password or code was tried.
  package var wrongTries: Int { state.withLock { $0.wrongTries.values.reduce(0, +) } }
  /// Files that were begun and are neither used nor cancelled.
  package var openUploads: Int { state.withLock { $0.uploads.count } }
  /// Statistics that were handed over to KSN.
  package var statistics: [Statistics] { state.withLock { $0.statistics } }
  /// The packages that were made.
  package var packages: [Package] { state.withLock { $0.packages } }
  /// How often a client asked for an action earlier than allowed or on another connection, or made two calls at once on
  /// one connection.
  package var rulesBroken: Int { state.withLock { $0.rulesBroken } }
  /// What it has and knows.
  package var fixture: Fixture { state.withLock { $0.fixture } }

  /// The bytes of a file that is being sent, or has been.
  package func uploaded(_ id: String) -> [UInt8]? { state.withLock { $0.uploads[id]?.bytes } }

  /// From now on misbehaves as `script` says; `nil`: not.
  package func misbehave(_ script: @escaping @Sendable (DoubleCall) -> Misbehaviour?) {
    state.withLock { $0.script = script }
  }

  /// Closes all sessions, as a server does by and by. What belongs to them is gone.
  package func expireSessions() {
    state.withLock { state in
      state.sessions = [:]
      state.connections = [:]
    }
  }

  /// Changes what it has.
  package func change(_ change: (inout Fixture) -> Void) { state.withLock { change(&$0.fixture) } }

  /// Ends it; connections are cut.
  package func stop() { listener.stop() }
}
