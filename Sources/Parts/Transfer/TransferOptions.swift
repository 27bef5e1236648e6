import Curl

/// A server that holds the whole tree.
package struct TransferServer: Hashable, Sendable {
  /// Its address; paths of requests are put behind it. With or without a slash at its end.
  package var baseURL: String
  /// How often it is chosen, against the others, as the one to begin with. At least 1.
  package var weight: Int

  /// A server of a pool.
  package init(baseURL: String, weight: Int = 1) {
    self.baseURL = baseURL
    self.weight = weight
  }
}

/// How many bytes a second all transfers of a client may take together, all day or during some hours.
package struct BandwidthRule: Hashable, Sendable {
  /// Bytes a second; `nil`: as much as there is.
  package var bytesPerSecond: Int64?
  /// The first minute of the day, in local time, that the rule is for; 0 to 1439.
  package var fromMinute: Int
  /// The minute of the day at which it ends, 0 to 1440; before ``fromMinute``: on the next day.
  package var toMinute: Int

  /// A rule for a part of the day; without hours, for all of it.
  package init(bytesPerSecond: Int64?, fromMinute: Int = 0, toMinute: Int = 1440) {
    self.bytesPerSecond = bytesPerSecond
    self.fromMinute = fromMinute
    self.toMinute = toMinute
  }

  func applies(atMinute minute: Int) -> Bool {
    if fromMinute == toMinute { return true }
    if fromMinute < toMinute { return (fromMinute..<toMinute).contains(minute) }
    return minute >= fromMinute || minute < toMinute
  }
}

/// How often a transfer is tried, and with which pauses.
package struct TransferRetries: Hashable, Sendable {
  /// How often one file is tried at the most, over all servers. An attempt that brought the file at least 256 KiB
  /// further is not counted: a large file over a poor line comes through.
  package var attempts = 5
  /// The pause after the first failure; each further one is twice as long, less up to a half by chance.
  package var firstPause: Duration = .seconds(1)
  /// The longest pause, also where a server asks for a longer one (`Retry-After`).
  package var longestPause: Duration = .seconds(60)
  /// How long a client waits in all for servers that ask for it; beyond that, such an answer is an error.
  package var longestWaiting: Duration = .seconds(600)

  /// The defaults.
  package init() {}
}

/// How a ``TransferClient`` works. Everything has a default but the servers.
package struct TransferOptions: Sendable {
  /// How the servers are spoken to.
  package var connection = ConnectionOptions()
  /// The servers of the pool. They hold the same tree, but may be some minutes apart, so that a client keeps to one of
  /// them, drawn by weight when it is made, and goes to the next only while that one fails.
  package var servers: [TransferServer]
  /// Whether `file://` addresses are taken: where they come from the configuration, never where a server may have sent them.
  package var allowsFiles = false
  /// How many files are fetched at once.
  package var concurrentTransfers = 16
  /// How many connections one server gets at the most: the vendor's indexes ask for no more than 10
  /// (`MaxConnectionCount`).
  package var connectionsPerServer = 10
  /// On how many threads. TLS keeps one processor busy at about 5 Gbit/s, so a second thread helps on fast lines only.
  package var eventLoops = 2
  /// Limits for all transfers together; the first that applies at the time counts. None: as fast as it goes.
  package var bandwidth: [BandwidthRule] = []
  /// Bytes a second below which an attempt counts as stalled; at least one byte must come in
  /// ``ConnectionOptions/stallTimeout``.
  package var stallBytesPerSecond = 1
  /// How long one file may take, from its first attempt to its last; `nil`: no limit.
  package var totalTimeout: Duration?
  /// How often a transfer is tried, and with which pauses.
  package var retries = TransferRetries()
  /// Is called for what happens with a server, on any thread.
  package var onEvent: (@Sendable (TransferEvent) -> Void)?

  /// The defaults, for these servers.
  package init(servers: [TransferServer] = []) { self.servers = servers }
}

extension TransferOptions {
  /// How many transfers share an HTTP/2 connection before another one is opened: some, to save handshakes, but not
  /// all, since one connection has one window, one loss holds up all that is on it, and the server may have a
  /// processor for each.
  var streamsPerConnection: Int { max(1, (concurrentTransfers + 3) / 4) }

  /// What was taken on trust by the memberwise setters, checked in one place.
  func check() throws(TransferError) {
    func demand(_ condition: Bool, _ problem: String) throws(TransferError) {
      try ConnectionOptions.demand(condition, problem)
    }
    func demand(_ value: Int, in range: ClosedRange<Int>, _ name: String) throws(TransferError) {
      try demand(range.contains(value), "\(name): \(range.lowerBound) to \(range.upperBound), not \(value)")
    }
    try demand(concurrentTransfers, in: 1...1024, "concurrent transfers")
    try demand(connectionsPerServer, in: 1...256, "connections per server")
    try demand(eventLoops, in: 1...64, "event loops")
    try demand(retries.attempts >= 1, "at least one attempt is needed, not \(retries.attempts)")
    try demand(retries.firstPause >= .zero && retries.longestPause >= .zero, "a pause is never negative")
    try demand(totalTimeout.map { $0 > .zero } ?? true, "a time limit must be greater than zero")
    try demand(servers.allSatisfy { $0.weight >= 1 }, "a server's weight is at least 1")
    for rule in bandwidth {
      try demand(rule.bytesPerSecond.map { $0 >= 1 } ?? true, "a bandwidth limit is at least one byte a second")
      try demand(
        (0..<1440).contains(rule.fromMinute) && (0...1440).contains(rule.toMinute),
        "a bandwidth limit's hours are minutes of the day, 0 to 1440"
      )
    }
    try connection.check()
  }
}
