import FileSystem
import Glibc
import NIOCore
import NIOPosix
import Synchronization
import SystemPackage

/// The built-in server: HTTP/1.1 and HTTP/2 over TLS, and plain HTTP/1.1.
///
/// It only reads: nothing that a client sends is kept anywhere but in the log.
package final class WebServer: Sendable {
  /// What somebody should know while it runs.
  package typealias Warn = @Sendable (WebServerError) -> Void

  /// Where it listens: the port of each listener, in their order; `nil` for a socket that has none.
  package let ports: [Int?]
  /// The public key's SHA-256 as curl takes it, of a certificate that was made for this run.
  package let pin: String?

  private let serving: Serving
  private let identity: ServerIdentity?
  private let connections: Connections
  private let loops: MultiThreadedEventLoopGroup
  private let listeners: [any Channel]
  private let warn: Warn
  private let upkeep = Mutex<[Task<Void, Never>]>([])

  /// Threads that may wait for a disk.
  private static let waitingThreads = 4
  /// How many connections may wait to be taken.
  private static let backlog: Int32 = 1024

  private init(
    _ serving: Serving,
    _ identity: ServerIdentity?,
    _ connections: Connections,
    _ loops: MultiThreadedEventLoopGroup,
    _ listeners: [any Channel],
    _ warn: @escaping Warn
  ) {
    self.serving = serving
    self.identity = identity
    self.connections = connections
    self.loops = loops
    self.listeners = listeners
    self.warn = warn
    ports = listeners.map { $0.localAddress?.port }
    pin = identity?.pin
  }

  /// Starts a server, which answers when this returns.
  ///
  /// - Parameter warn: called with what goes wrong later, which does not end the server.
  /// - Throws: ``WebServerError``.
  package static func start(
    _ content: any WebContent,
    _ options: WebServerOptions,
    warn: @escaping Warn = { _ in }
  ) async throws(WebServerError) -> WebServer {
    let identity = try identity(options)
    let log = try accessLog(options.log)
    let threads = NIOThreadPool(numberOfThreads: waitingThreads)
    threads.start()
    let loops = MultiThreadedEventLoopGroup(numberOfThreads: options.threads ?? System.coreCount)
    let serving = Serving(content, options, log: log, threads: threads)
    let connections = Connections(options, metrics: serving.metrics)
    var listeners: [any Channel] = []
    do throws(WebServerError) {
      for listener in options.listeners {
        listeners.append(try await listen(listener, serving, identity, connections, loops))
      }
    } catch {
      for listener in listeners { try? await listener.close() }
      try? await loops.shutdownGracefully()
      try? await threads.shutdownGracefully()
      throw error
    }
    let server = WebServer(serving, identity, connections, loops, listeners, warn)
    server.startUpkeep()
    return server
  }

  private static func identity(_ options: WebServerOptions) throws(WebServerError) -> ServerIdentity? {
    guard options.listeners.contains(where: \.isSecure) else { return nil }
    switch options.certificate {
    case .files(let certificate, let key): return try ServerIdentity(certificate: certificate, key: key)
    case .selfSigned(let names):
      let addresses: [[UInt8]] = [[127, 0, 0, 1], [UInt8](repeating: 0, count: 15) + [1]]
      do {
        return try ServerIdentity(SelfSigned(names: names, addresses: addresses, now: Serving.now))
      } catch let error as WebServerError {
        throw error
      } catch {
        throw .certificate("the self-signed certificate", "\(error)")
      }
    case nil: throw .certificate("TLS", "there is no certificate")
    }
  }

  private static func accessLog(_ log: WebServerOptions.Log) throws(WebServerError) -> AccessLog? {
    do {
      switch log {
      case .none: return nil
      case .standardOutput: return try AccessLog(nil)
      case .file(let path): return try AccessLog(path)
      }
    } catch {
      throw .accessLog(error.description)
    }
  }

  private static func listen(
    _ listener: WebServerOptions.Listener,
    _ serving: Serving,
    _ identity: ServerIdentity?,
    _ connections: Connections,
    _ loops: MultiThreadedEventLoopGroup
  ) async throws(WebServerError) -> any Channel {
    let identity = listener.isSecure ? identity : nil
    let bootstrap = ServerBootstrap(group: loops)
      .serverChannelOption(.backlog, value: backlog)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let address = ClientAddress(channel.remoteAddress)
          if connections.admit(channel, from: address) != nil { throw Refused() }
          try Pipelines.configure(channel, serving, identity, from: address)
        }
      }
    switch listener {
    case .inherited(let socket, _):
      do {
        return try await bootstrap.withBoundSocket(socket.descriptor).get()
      } catch {
        throw .listen("socket \(socket.descriptor) of the service manager", "\(error)")
      }
    case .address(let host, let port, _):
      do {
        if !host.isEmpty { return try await bootstrap.bind(host: host, port: port).get() }
        // All addresses: a socket of IPv6 takes those of IPv4 as well; where there is no IPv6, those alone.
        do {
          return try await bootstrap.bind(host: "::", port: port).get()
        } catch let error as IOError where error.errnoCode == EAFNOSUPPORT || error.errnoCode == EADDRNOTAVAIL {
          return try await bootstrap.bind(host: "0.0.0.0", port: port).get()
        }
      } catch {
        let reason = (error as? IOError).map { "\(Errno(rawValue: $0.errnoCode))" } ?? "\(error)"
        throw .listen("\(host.isEmpty ? "all addresses" : host), port \(port)", reason)
      }
    }
  }

  /// A connection that is closed at once.
  private struct Refused: Error {}

  // MARK: - Upkeep

  /// Looks for a new release, a new certificate, and writes the log, as long as the server runs.
  private func startUpkeep() {
    let warn = warn
    let content = serving.site.content
    every(.milliseconds(500)) { try? content.refresh() }
    if let log = serving.log {
      let failed = Flag()
      every(.seconds(1)) {
        do {
          try log.flush()
          failed.isSet.store(false, ordering: .relaxed)
        } catch {
          // Told once, not each second.
          if !failed.isSet.exchange(true, ordering: .relaxed) { warn(.accessLog("\(error)")) }
        }
      }
    }
    if identity != nil { every(.seconds(2)) { [weak self] in self?.reloadCertificate(evenIfUnchanged: false) } }
  }

  private final class Flag: Sendable {
    let isSet = Atomic(false)
  }

  /// Does something again and again on a thread that may wait for a disk. No event loop has a part in it, so that one
  /// that has ended cannot be asked to take the result.
  private func every(_ time: Duration, _ work: @escaping @Sendable () -> Void) {
    let threads = serving.threads
    let task = Task {
      while (try? await Task.sleep(for: time)) != nil {
        do { try await threads.runIfActive(work) } catch { return }
      }
    }
    upkeep.withLock { $0.append(task) }
  }

  /// Reads the certificate again.
  package func reloadCertificate(evenIfUnchanged: Bool = true) {
    do { _ = try identity?.reload(evenIfUnchanged: evenIfUnchanged) } catch { warn(error) }
  }

  /// Ends the server: no new connections from now on, and each that is open ends with the answer that is under way.
  package func stop() async {
    for listener in listeners { try? await listener.close() }
    await settle()
    await connections.close(within: .time(serving.options.shutdownTimeout))
    let tasks = upkeep.withLock { $0 }
    for task in tasks { task.cancel() }
    for task in tasks { await task.value }
    // What a thread still reads for an answer is handed to an event loop: the loops end last.
    try? await serving.threads.shutdownGracefully()
    await settle()
    try? await loops.shutdownGracefully()
    try? serving.log?.flush()
  }

  /// Waits until the event loops have done what waits for them: a connection that has just come is prepared on one loop, and
  /// reported to the one that listens, which must not have ended then. What one hands to another needs a second round.
  private func settle() async {
    for _ in 0..<2 { for loop in loops.makeIterator() { try? await loop.submit {}.get() } }
  }
}
