import Curl
import Glibc

/// The servers that a client knows, how they have done of late, and which one is asked next.
///
/// The pool's own servers stand in an order drawn by weight when the client is made, and the first of them that is
/// well is asked: servers of a pool may be minutes apart, and one tree should come from one of them. A server that
/// fails is skipped for a while that grows with each failure in a row; after it, one transfer tries it out before
/// the others follow.
struct ServerPool {
  typealias Index = Int

  struct Server {
    /// What paths are put behind; empty for a server that is only asked for whole addresses.
    let baseURL: String
    /// Its name in messages and statistics.
    let name: String
    /// How many transfers it has at the moment.
    var running = 0
    /// Whether one connection carries many transfers (HTTP/2): unknown until it has answered.
    var multiplexes = false
    /// Failures since it last did well that do not yet count against all transfers.
    var strikes = 0
    /// How often in a row it has been skipped.
    var rounds = 0
    var passedOverUntil: Moment?
    var passedOverSince: Moment?
    var lastFailure: TransferError?
    /// Whether it has given a file, or said of one that it is unchanged.
    var hasGiven = false
    var counts = TransferStatistics.Server()
    /// Whether only HTTP/1.1 is spoken with it.
    var isWithoutHTTP2 = false
    /// How often HTTP/2 itself has failed.
    var http2Faults = 0

    /// One transfer tries out a server that was skipped, before the others follow.
    var isOnTrial: Bool { rounds > 0 }
  }

  /// Which server comes next for a transfer.
  enum Choice {
    case server(Index)
    /// All that are left are being skipped.
    case wait(Moment)
    /// The one to ask has as many transfers as it may.
    case busy
    /// All have failed for this transfer, or are down.
    case none
  }

  private(set) var servers: [Server] = []
  private var pool: [Index] = []
  private var origins: [String: Index] = [:]
  /// How long servers that asked for it were waited for, all together.
  private var waited: Duration = .zero
  private let options: TransferOptions

  init(_ options: TransferOptions) throws(TransferError) {
    self.options = options
    var drawn: [(key: Double, server: Server)] = []
    for server in options.servers {
      let address = try WebAddress(server.baseURL)
      guard options.connection.allowsPlainHTTP || !address.isPlain else {
        throw TransferError(.refusedPlainHTTP, url: address.redacted, server: address.redacted)
      }
      // The smallest of exponentially distributed numbers falls on each in proportion to its weight.
      let key = -log(Double.random(in: Double.leastNonzeroMagnitude..<1)) / Double(server.weight)
      drawn.append((key, Server(baseURL: server.baseURL, name: address.redacted)))
    }
    servers = drawn.sorted { $0.key < $1.key }.map(\.server)
    pool = Array(servers.indices)
  }

  /// The server of a whole address; it is remembered with the others.
  mutating func index(of address: WebAddress) -> Index {
    if let known = origins[address.origin] { return known }
    servers.append(Server(baseURL: "", name: address.origin))
    origins[address.origin] = servers.count - 1
    return servers.count - 1
  }

  /// Those that may be asked for a request: the pool, or the one server that a whole address names.
  func candidates(for origin: Index?) -> [Index] { origin.map { [$0] } ?? pool }

  /// Which server is asked next.
  ///
  /// - Parameters:
  ///   - excluded: servers that have given their last word on this file.
  ///   - tried: servers that failed since this transfer last paused; others are taken first.
  func choose(origin: Index?, excluding excluded: Set<Index>, tried: Set<Index>, now: Moment) -> Choice {
    var earliest: Moment?
    var second: Index?
    let candidates = candidates(for: origin)
    for index in candidates where !excluded.contains(index) {
      let server = servers[index]
      if let until = server.passedOverUntil, until > now {
        // One that fails round after round is down: nothing waits for it, until its time is over and one tries again.
        if server.rounds < options.retries.attempts { earliest = min(earliest ?? until, until) }
        continue
      }
      if tried.contains(index) {
        second = second ?? index
        continue
      }
      if server.isOnTrial && server.running > 0 {
        // Somebody else is trying it out. Where there is another server, that one is asked meanwhile.
        if candidates.count == 1 { return .busy }
        second = second ?? index
        continue
      }
      return hasRoom(server) ? .server(index) : .busy
    }
    if let second {
      let server = servers[second]
      return hasRoom(server) && !(server.isOnTrial && server.running > 0) ? .server(second) : .busy
    }
    return earliest.map { .wait($0) } ?? .none
  }

  private func hasRoom(_ server: Server) -> Bool {
    server.running < (server.multiplexes ? options.concurrentTransfers : options.connectionsPerServer)
  }

  mutating func started(_ index: Index) {
    servers[index].running += 1
    servers[index].counts.requests += 1
  }

  mutating func ended(_ index: Index, bytes: Int64, failed: Bool, multiplexed: Bool) {
    servers[index].running -= 1
    servers[index].counts.bytesReceived += bytes
    if failed { servers[index].counts.failures += 1 }
    if multiplexed && !servers[index].isWithoutHTTP2 { servers[index].multiplexes = true }
  }

  /// How often HTTP/2 may fail with a server that it has worked with.
  private static let mostHTTP2Faults = 3

  /// Whether HTTP/2 is given up for a server, after an attempt that failed: something on the way to it may not carry it.
  ///
  /// One that has never answered over HTTP/2 gets no second try; one that has gets some, since it may close a connection
  /// whenever it likes.
  mutating func leavesHTTP2(_ index: Index, _ report: AttemptReport) -> Bool {
    guard report.mayBeOfHTTP2 != .none, !servers[index].isWithoutHTTP2 else { return false }
    if servers[index].multiplexes {
      guard report.mayBeOfHTTP2 == .strong else { return false }
      servers[index].http2Faults += 1
      guard servers[index].http2Faults >= Self.mostHTTP2Faults else { return false }
    } else if servers[index].hasGiven {
      // It speaks HTTP/1.1 already.
      return false
    }
    servers[index].isWithoutHTTP2 = true
    servers[index].multiplexes = false
    return true
  }

  /// Takes a server out of the pool, as long as another one is left in it.
  ///
  /// - Returns: whether another one is left.
  mutating func setAside(_ name: String) -> Bool {
    let others = pool.filter { servers[$0].name != name }
    guard !others.isEmpty, others.count < pool.count else { return false }
    pool = others
    return true
  }

  /// The server has given what was asked for.
  mutating func gave(_ index: Index) {
    servers[index].hasGiven = true
    didWell(index)
  }

  /// The server has sent what was asked for, or said plainly that it does not have it.
  mutating func didWell(_ index: Index) {
    guard servers[index].strikes > 0 || servers[index].rounds > 0 else { return }
    servers[index].strikes = 0
    servers[index].rounds = 0
    servers[index].passedOverUntil = nil
    servers[index].passedOverSince = nil
    servers[index].lastFailure = nil
  }

  /// The server has failed.
  ///
  /// - Parameters:
  ///   - attemptBegan: failures of attempts that were under way when it was last skipped are no further ones.
  ///   - isUnreachable: whether it did not answer at all. Otherwise it takes three failures in a row, so that one bad
  ///     file does not hold up the others.
  /// - Returns: the pause that it gets because it asked for one.
  mutating func didFail(
    _ index: Index,
    with error: TransferError,
    attemptBegan: Moment,
    isUnreachable: Bool,
    retryAfter: Duration?,
    now: Moment
  ) -> TransferPause? {
    servers[index].lastFailure = error
    if let since = servers[index].passedOverSince, attemptBegan < since { return nil }
    servers[index].strikes += 1
    guard isUnreachable || retryAfter != nil || servers[index].strikes >= 3 || servers[index].isOnTrial else {
      return nil
    }
    let pause = max(options.retries.pause(round: servers[index].rounds), options.retries.bounded(retryAfter))
    defer {
      servers[index].strikes = 0
      servers[index].passedOverSince = now
      servers[index].passedOverUntil = now + pause
    }
    if case .asksToWait = error.reason {
      // It counts as down: nothing waits for it any more.
      servers[index].rounds = max(servers[index].rounds, options.retries.attempts)
      return nil
    }
    servers[index].rounds += 1
    guard let retryAfter else { return nil }
    waited += pause
    return TransferPause(server: servers[index].name, status: error.reason.httpStatus, asked: retryAfter, pause: pause)
  }

  /// Whether a server that asks for a pause still gets one: all that servers ask for together has a limit.
  func mayWait(_ asked: Duration) -> Bool {
    waited + options.retries.bounded(asked) <= options.retries.longestWaiting
  }
}

/// A pause that a server has asked for (`Retry-After`), and gets.
package struct TransferPause: Hashable, Sendable {
  /// The server's base address, without credentials.
  package let server: String
  /// The HTTP status that it answered with.
  package let status: Int
  /// How long it asked to be left in peace.
  package let asked: Duration
  /// How long it is.
  package let pause: Duration
}

extension TransferRetries {
  /// The pause after `round` earlier ones: growing, and less up to a half by chance, so that many clients that lost
  /// the same server do not come back all at once.
  func pause(round: Int) -> Duration {
    let grown = firstPause * Double(1 << min(round, 30))
    return min(grown, longestPause) * Double.random(in: 0.5...1)
  }

  func bounded(_ asked: Duration?) -> Duration { min(asked ?? .zero, longestPause) }
}
