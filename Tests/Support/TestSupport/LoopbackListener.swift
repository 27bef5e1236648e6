import Foundation
import Glibc
import Synchronization

/// Takes connections on a free port of 127.0.0.1 and gives each a thread of its own. It ends with this object.
///
/// A number of a descriptor comes again as soon as it is closed. Hence each is closed by the thread that uses it and by
/// nobody else, and others touch it only while it is noted here, under the lock: else a socket, a pipe or a bell of some
/// other test in this process would be shut.
package final class LoopbackListener: Sendable {
  /// What is done with a connection, and its number, from 1 on. The connection is closed when it returns.
  package typealias Service = @Sendable (Int32, Int) -> Void

  /// The port on 127.0.0.1.
  package let port: Int
  private let books: Books

  /// What the threads and the object have in common, and what outlives the object until the last thread has ended.
  private final class Books: Sendable {
    struct Entries {
      var listener: Int32?
      var open: Set<Int32> = []
      var connections = 0
      var mostAtOnce = 0
      var isStopped = false
    }

    let entries: Mutex<Entries>

    init(_ listener: Int32) { entries = Mutex(Entries(listener: listener)) }

    deinit { closeListener() }

    /// The number of a new connection; `nil` when none is taken any more.
    func begin(_ descriptor: Int32) -> Int? {
      entries.withLock { entries in
        guard !entries.isStopped else { return nil }
        entries.open.insert(descriptor)
        entries.connections += 1
        entries.mostAtOnce = max(entries.mostAtOnce, entries.open.count)
        return entries.connections
      }
    }

    func end(_ descriptor: Int32) {
      entries.withLock { _ = $0.open.remove(descriptor) }
      close(descriptor)
    }

    func closeListener() {
      let listener = entries.withLock { $0.listener.take() }
      if let listener { close(listener) }
    }

    func stop() {
      entries.withLock { entries in
        entries.isStopped = true
        for descriptor in entries.open.union(entries.listener.map { [$0] } ?? []) {
          shutdown(descriptor, Int32(SHUT_RDWR))
        }
      }
    }
  }

  /// Listens on a free port. Nobody is served before ``start(_:)``.
  package init() throws {
    // A client that goes away in mid-answer is an error on its connection, not the end of the process.
    signal(SIGPIPE, SIG_IGN)
    let (descriptor, port) = try Loopback.listen(backlog: 256)
    self.port = port
    books = Books(descriptor)
  }

  deinit { stop() }

  /// Begins to serve. To be called once.
  package func start(_ service: @escaping Service) {
    guard let listener = books.entries.withLock({ $0.listener }) else { return }
    let books = books
    Thread.detachNewThread {
      defer { books.closeListener() }
      while true {
        let descriptor = accept(listener, nil, nil)
        guard descriptor >= 0 else { return }
        guard let number = books.begin(descriptor) else {
          close(descriptor)
          return
        }
        Thread.detachNewThread {
          service(descriptor, number)
          books.end(descriptor)
        }
      }
    }
  }

  /// How many connections there have been.
  package var connections: Int { books.entries.withLock { $0.connections } }
  /// The most connections that there were at once.
  package var mostConnectionsAtOnce: Int { books.entries.withLock { $0.mostAtOnce } }

  /// Takes no more connections, and cuts those that there are.
  package func stop() { books.stop() }
}
