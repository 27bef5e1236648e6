import Glibc
import TestSupport

/// Takes connections over TLS on 127.0.0.1 and gives each a thread of its own. It ends with this object.
package final class TLSListener: Sendable {
  /// What is done with a connection, and its number, from 1 on. The connection is closed when it returns.
  package typealias Service = @Sendable (TLSConnection, Int) -> Void

  private let listener: LoopbackListener
  private let context: TLSContext

  /// Listens on a free port. Nobody is served before ``start(_:)``.
  package init(_ identity: TestAuthority.Identity) throws {
    context = try TLSContext(identity)
    listener = try LoopbackListener()
  }

  /// The port on 127.0.0.1.
  package var port: Int { listener.port }

  /// Begins to serve.
  package func start(_ service: @escaping Service) {
    let context = context
    listener.start { descriptor, number in
      var one: Int32 = 1
      setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout.size(ofValue: one)))
      if let connection = TLSConnection(descriptor, context) { service(connection, number) }
    }
  }

  /// How many connections there have been.
  package var connections: Int { listener.connections }

  /// Ends it; connections are cut.
  package func stop() { listener.stop() }
}
