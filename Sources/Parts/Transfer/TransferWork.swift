import CLibcurl
import Curl

/// The transfers that one loop of a client has under way.
final class TransferWork: CurlWork {
  enum Letter: Sendable {
    case start(AttemptOrder)
    case cancel(Scheduler.ID)
    /// The scheduler has something to decide, at this time at the latest.
    case wake(Moment)
  }

  private let loop: TransferLoop
  private let multi: CurlMulti
  private let scheduler: Scheduler
  private let limiter: BandwidthLimiter?
  private let options: TransferOptions
  private var running: [Exchange] = []
  private var idle: [Exchange] = []
  private var schedulerWake: Moment?
  private var lastTick = Moment.now
  private var lastPause: Moment?
  private var charged: Int64 = 0

  init(_ loop: TransferLoop, _ multi: CurlMulti, _ scheduler: Scheduler, _ limiter: BandwidthLimiter?) {
    self.loop = loop
    self.multi = multi
    self.scheduler = scheduler
    self.limiter = limiter
    options = scheduler.options
    let connections = max(1, options.connectionsPerServer / options.eventLoops)
    let transfers = (options.concurrentTransfers + options.eventLoops - 1) / options.eventLoops
    multi.set(CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
    multi.set(CURLMOPT_MAX_HOST_CONNECTIONS, connections)
    multi.set(CURLMOPT_MAXCONNECTS, max(16, 2 * transfers))
    multi.set(CURLMOPT_MAX_CONCURRENT_STREAMS, options.streamsPerConnection)
  }

  // MARK: - What the loop calls

  func take(_ letter: Letter) {
    switch letter {
    case .start(let order): start(order)
    case .cancel(let id):
      if let exchange = running.first(where: { $0.order?.id == id }) { stop(exchange, .cancelled) }
    case .wake(let moment): schedulerWake = min(schedulerWake ?? moment, moment)
    }
  }

  func ended(_ handle: UnsafeMutableRawPointer, _ code: CURLcode) {
    guard let exchange = Exchange.of(handle) else { return }
    switch exchange.ended(code) {
    case .report(let report): release(exchange, report)
    case .redirect(let url):
      multi.remove(exchange.handle)
      do {
        try exchange.send(to: url)
        try multi.add(exchange.handle)
      } catch {
        release(exchange, exchange.stopped(error.reason))
      }
    }
  }

  /// What follows from the end of these may begin anew.
  func broke(_ why: String) { for exchange in running { stop(exchange, .system(why)) } }

  func stop() {
    while let exchange = running.last { stop(exchange, .cancelled) }
    idle = []
  }

  var due: Moment? {
    let tick = running.isEmpty ? nil : lastTick + tickLength
    guard let schedulerWake else { return tick }
    return min(tick ?? schedulerWake, schedulerWake)
  }

  /// What was read is charged first, so that the limit holds from one event to the next.
  var restraint: Duration? {
    guard let limiter else { return nil }
    let received = loop.bytesReceived.load(ordering: .relaxed)
    if received != charged { limiter.charge(received - charged) }
    charged = received
    return limiter.wait(now: .now)
  }

  func rested() { lastPause = .now }

  func turned() {
    if let wake = schedulerWake, wake <= .now {
      schedulerWake = nil
      for order in scheduler.wakeUp(on: loop.number) { start(order) }
    }
    tick()
  }

  // MARK: - Limits of time

  private var tickLength: Duration { min(.seconds(1), options.connection.stallTimeout / 4) }

  /// Ends what has taken too long.
  private func tick() {
    let now = Moment.now
    guard now - lastTick >= tickLength else { return }
    lastTick = now
    let unread = limiter?.timeUnread(connections: options.connectionsPerServer)
    for exchange in running {
      if let limit = exchange.limitReached(now: now, lastPause: lastPause, unread: unread) {
        stop(exchange, .timedOut(limit))
      }
    }
  }

  // MARK: - Exchanges

  private func start(_ first: AttemptOrder) {
    var orders = [first]
    while let order = orders.popLast() {
      do throws(TransferError) {
        try begin(order)
      } catch {
        let report = AttemptReport(outcome: .failed(error.reason, retryAfter: nil), url: error.url)
        orders += scheduler.finished(order, report, on: loop.number)
      }
    }
  }

  private func begin(_ order: AttemptOrder) throws(TransferError) {
    let exchange: Exchange
    if let old = idle.popLast() { exchange = old } else { exchange = try newExchange() }
    do throws(TransferError) {
      if scheduler.isCancelled(order.id) { throw TransferError(.cancelled) }
      try exchange.begin(order)
      try multi.add(exchange.handle)
    } catch {
      exchange.clear()
      idle.append(exchange)
      throw error
    }
    exchange.place = running.count
    running.append(exchange)
  }

  private func newExchange() throws(TransferError) -> Exchange {
    let exchange = try Exchange(options, counter: loop, limiter)
    try multi.adopt(exchange.handle)
    return exchange
  }

  private func stop(_ exchange: Exchange, _ reason: TransferError.Reason) {
    release(exchange, exchange.stopped(reason))
  }

  /// Reports an exchange's end and starts what comes next.
  private func release(_ exchange: Exchange, _ report: AttemptReport) {
    multi.remove(exchange.handle)
    let last = running.removeLast()
    if last !== exchange {
      running[exchange.place] = last
      last.place = exchange.place
    }
    let order = exchange.order
    exchange.clear()
    idle.append(exchange)
    guard let order else { return }
    for next in scheduler.finished(order, report, on: loop.number) { start(next) }
  }
}
