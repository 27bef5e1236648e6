import Glibc
import Synchronization
import SystemPackage

/// A server without TLS that says byte for byte what a test wants it to say, right or wrong.
///
/// Each connection has a thread of its own. What it was asked is kept for the test to look at.
package final class ScriptedServer: Sendable {
  package struct Request: Sendable {
    package let method: String
    package let target: String
    /// By name in lower case.
    package let headers: [String: String]
    /// Its body, where there is one and it was let through.
    package var body: [UInt8] = []
    /// Which request of all it is, from 0 on.
    package let number: Int
    package let moment = ContinuousClock.now
  }

  /// The connection a request came on.
  package struct Connection: Sendable {
    fileprivate let descriptor: Int32

    package func send(_ bytes: some Sequence<UInt8>) {
      var rest = Array(bytes)[...]
      while !rest.isEmpty {
        let sent = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        if sent <= 0 { return }
        rest = rest.dropFirst(sent)
      }
    }

    package func send(_ text: String) { send(text.utf8) }

    package func answer(_ status: String = "200 OK", _ headers: [String] = [], _ body: some Collection<UInt8>) {
      let lines = ["HTTP/1.1 \(status)", "Content-Length: \(body.count)"] + headers
      send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)
    }

    package func answer(_ status: String = "200 OK", _ headers: [String] = []) { answer(status, headers, [UInt8]()) }

    /// Says no more, until the other side goes away or `seconds` have passed. Returns whether it went away.
    @discardableResult
    package func stall(seconds: Double = 300) -> Bool {
      var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      return poll(&waiting, 1, Int32(seconds * 1000)) > 0
    }

    /// Ends the connection the hard way.
    package func cut() {
      var linger = linger(l_onoff: 1, l_linger: 0)
      setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
      shutdown(descriptor, Int32(SHUT_RDWR))
    }

    /// Carries bytes both ways until either side ends.
    package func tunnel(to port: Int) {
      guard let other = Loopback.connect(port) else { return }
      defer { close(other) }
      var ends = [descriptor, other].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      var buffer = [UInt8](repeating: 0, count: 65536)
      while poll(&ends, 2, 20_000) > 0 {
        for index in 0..<2 where ends[index].revents != 0 {
          let count = recv(ends[index].fd, &buffer, buffer.count, 0)
          if count <= 0 { return }
          Connection(descriptor: ends[1 - index].fd).send(buffer[..<count])
        }
      }
    }
  }

  /// Whether the connection stays open for another request.
  package enum After { case keep, close }
  package typealias Script = @Sendable (Request, Connection) -> After

  private let listener: LoopbackListener
  private let log: Log

  /// What was asked, noted by the threads of the connections.
  private final class Log: Sendable {
    struct Entries {
      var requests: [Request] = []
      var answering = 0
      var mostAnswering = 0
    }
    let entries = Mutex(Entries())
  }

  /// - Parameter givesLeave: whether bodies that wait for `100 Continue` get it.
  package init(givesLeave: Bool = true, _ script: @escaping Script) throws {
    let log = Log()
    self.log = log
    listener = try LoopbackListener()
    listener.start { descriptor, _ in
      Self.serve(Connection(descriptor: descriptor), log, givesLeave, script)
    }
  }

  package func stop() { listener.stop() }

  package var port: Int { listener.port }
  package var url: String { "http://127.0.0.1:\(port)/" }
  package var requests: [Request] { log.entries.withLock { $0.requests } }
  package var connections: Int { listener.connections }
  package var mostConnectionsAtOnce: Int { listener.mostConnectionsAtOnce }
  package var mostRequestsAtOnce: Int { log.entries.withLock { $0.mostAnswering } }

  // MARK: - On the threads

  private static func serve(_ connection: Connection, _ log: Log, _ givesLeave: Bool, _ script: Script) {
    var pending: [UInt8] = []
    while let head = readHead(connection, &pending), var request = note(head, in: log) {
      if request.headers["expect"] == nil || givesLeave {
        if request.headers["expect"] != nil { connection.send("HTTP/1.1 100 Continue\r\n\r\n") }
        guard let body = readBody(connection, &pending, request) else { return }
        request.body = body
      }
      let after = script(request, connection)
      log.entries.withLock { $0.answering -= 1 }
      if after == .close { return }
    }
  }

  private static func readHead(_ connection: Connection, _ pending: inout [UInt8]) -> String? {
    var buffer = [UInt8](repeating: 0, count: 16384)
    while true {
      if let end = pending.firstRange(of: Array("\r\n\r\n".utf8)) {
        defer { pending.removeSubrange(..<end.upperBound) }
        return String(decoding: pending[..<end.lowerBound], as: UTF8.self)
      }
      let count = recv(connection.descriptor, &buffer, buffer.count, 0)
      if count <= 0 { return nil }
      pending += buffer[..<count]
    }
  }

  private static func readBody(_ connection: Connection, _ pending: inout [UInt8], _ request: Request) -> [UInt8]? {
    let length = request.headers["content-length"].flatMap { Int($0) } ?? 0
    var buffer = [UInt8](repeating: 0, count: 65536)
    while pending.count < length {
      let count = recv(connection.descriptor, &buffer, buffer.count, 0)
      if count <= 0 { return nil }
      pending += buffer[..<count]
    }
    defer { pending.removeSubrange(..<length) }
    return Array(pending[..<length])
  }

  private static func note(_ head: String, in log: Log) -> Request? {
    var lines = head.split(separator: "\r\n").map(String.init)
    let words = lines.removeFirst().split(separator: " ").map(String.init)
    guard words.count == 3 else { return nil }
    var headers: [String: String] = [:]
    for line in lines {
      let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
      if parts.count == 2 { headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " }) }
    }
    return log.entries.withLock { state in
      let request = Request(method: words[0], target: words[1], headers: headers, number: state.requests.count)
      state.requests.append(request)
      state.answering += 1
      state.mostAnswering = max(state.mostAnswering, state.answering)
      return request
    }
  }
}
