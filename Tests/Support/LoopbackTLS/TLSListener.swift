import Foundation
import Glibc
import Synchronization
import TestSupport

/// Takes connections over TLS on 127.0.0.1 and gives each a thread of its own. It ends with this object.
public final class TLSListener: Sendable {
  /// What is done with a connection, and its number, from 1 on. The connection is closed when it returns.
  public typealias Service = @Sendable (TLSConnection, Int) -> Void

  /// The port on 127.0.0.1.
  public let port: Int
  private let descriptor: Int32
  private let context: TLSContext
  private let state = Mutex(State())

  private struct State {
    var open: Set<Int32> = []
    var connections = 0
    var isStopped = false
  }

  /// Listens on a free port. Nobody is served before ``start(_:)``.
  public init(_ identity: TestAuthority.Identity) throws {
    // A client that goes away in mid-answer is an error on its connection, not the end of the process.
    signal(SIGPIPE, SIG_IGN)
    context = try TLSContext(identity)
    (descriptor, port) = try Loopback.listen(backlog: 256)
  }

  deinit { stop() }

  /// Begins to serve.
  public func start(_ service: @escaping Service) {
    let (listener, context) = (descriptor, context)
    Thread.detachNewThread { [weak self] in
      while true {
        let descriptor = accept(listener, nil, nil)
        guard descriptor >= 0 else { return }
        guard let number = self?.begin(descriptor) else {
          close(descriptor)
          return
        }
        Thread.detachNewThread { [weak self] in
          if let connection = TLSConnection(descriptor, context) { service(connection, number) }
          self?.end(descriptor)
          close(descriptor)
        }
      }
    }
  }

  /// How many connections there have been.
  public var connections: Int { state.withLock { $0.connections } }

  /// Ends it; connections are cut.
  public func stop() {
    let open = state.withLock { state -> Set<Int32>? in
      defer { state.isStopped = true }
      return state.isStopped ? nil : state.open
    }
    guard let open else { return }
    shutdown(descriptor, Int32(SHUT_RDWR))
    close(descriptor)
    for descriptor in open { shutdown(descriptor, Int32(SHUT_RDWR)) }
  }

  private func begin(_ descriptor: Int32) -> Int? {
    var one: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout.size(ofValue: one)))
    return state.withLock { state in
      guard !state.isStopped else { return nil }
      state.open.insert(descriptor)
      state.connections += 1
      return state.connections
    }
  }

  private func end(_ descriptor: Int32) { state.withLock { _ = $0.open.remove(descriptor) } }
}
