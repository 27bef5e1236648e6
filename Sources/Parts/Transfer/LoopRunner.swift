import CLibcurl
import Glibc

/// An event loop as seen from its own thread: libcurl's multi handle, its sockets and timer, and what runs on it.
///
/// It is made on the thread and never leaves it.
final class LoopRunner {
  private let loop: EventLoop
  private let scheduler: Scheduler
  private let limiter: BandwidthLimiter?
  private let options: TransferOptions
  private let multi: UnsafeMutableRawPointer
  private var sockets: SocketTable
  private var running: [Exchange] = []
  private var idle: [Exchange] = []
  /// When libcurl wants to be called; `nil`: not before something happens on a socket.
  private var timer: Moment?
  private var schedulerWake: Moment?
  private var lastTick = Moment.now
  private var lastPause: Moment?
  private var charged: Int64 = 0
  /// What epoll told last, and which of it is still to be done.
  private var events = 0..<0
  private let eventBuffer = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: 64)

  /// Runs until the loop is asked to stop.
  static func run(_ loop: EventLoop, _ scheduler: Scheduler, _ limiter: BandwidthLimiter?) {
    do {
      let runner = try LoopRunner(loop, scheduler, limiter)
      runner.run()
    } catch {
      refuseAll(loop, scheduler, error)
    }
  }

  private init(_ loop: EventLoop, _ scheduler: Scheduler, _ limiter: BandwidthLimiter?) throws(TransferError) {
    sockets = try SocketTable()
    guard let multi = curl_multi_init() else { throw TransferError(.system("out of memory")) }
    self.loop = loop
    self.scheduler = scheduler
    self.limiter = limiter
    self.multi = multi
    options = scheduler.options
    let connections = max(1, options.connectionsPerServer / options.eventLoops)
    let transfers = (options.concurrentTransfers + options.eventLoops - 1) / options.eventLoops
    multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
    multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, connections)
    multi_set_long(multi, CURLMOPT_MAXCONNECTS, max(16, 2 * transfers))
    multi_set_long(multi, CURLMOPT_MAX_CONCURRENT_STREAMS, options.streamsPerConnection)
    multi_set_callbacks(multi, Self.socketCallback, Self.timerCallback, Unmanaged.passUnretained(self).toOpaque())
    sockets.want(EPOLLIN.rawValue, of: loop.bell)
  }

  deinit { eventBuffer.deallocate() }

  /// Answers for a loop that could not begin.
  private static func refuseAll(_ loop: EventLoop, _ scheduler: Scheduler, _ error: TransferError) {
    while true {
      let box = loop.take()
      for order in box.starts {
        let report = AttemptReport(outcome: .failed(error.reason, retryAfter: nil), url: error.url)
        _ = scheduler.finished(order, report, on: loop.number)
      }
      if box.stops { return }
      var bell = pollfd(fd: loop.bell, events: Int16(POLLIN), revents: 0)
      poll(&bell, 1, -1)
      silence(loop.bell)
    }
  }

  private static func silence(_ bell: Int32) {
    var count: UInt64 = 0
    _ = read(bell, &count, MemoryLayout.size(ofValue: count))
  }

  // MARK: - Turns

  private func run() {
    while takeInbox() {
      if let wait = limiter?.wait(now: .now) { pauseReading(wait) } else { turn() }
      if let wake = schedulerWake, wake <= .now {
        schedulerWake = nil
        for order in scheduler.wakeUp(on: loop.number) { start(order) }
      }
      tick()
    }
    while let exchange = running.last { stop(exchange, .cancelled) }
    // libcurl calls back while it closes the connections, so this is not for `deinit`.
    idle = []
    curl_multi_cleanup(multi)
  }

  /// Takes what is in the box; `false` when the loop is to stop.
  private func takeInbox() -> Bool {
    let box = loop.take()
    if let wake = box.wake { schedulerWake = min(schedulerWake ?? wake, wake) }
    for order in box.starts { start(order) }
    for id in box.cancels {
      if let exchange = running.first(where: { $0.order?.id == id }) { stop(exchange, .cancelled) }
    }
    return !box.stops
  }

  /// One turn: what is due, what has come, what has ended.
  private func turn() {
    if let due = timer, due <= .now {
      timer = nil
      act(CURL_SOCKET_TIMEOUT, 0)
      collect()
    }
    // What a pause left over comes before anything new: each connection has its turn.
    if events.isEmpty { events = 0..<sockets.wait(into: eventBuffer, milliseconds: patience) }
    let hasEvents = !events.isEmpty
    while let index = events.popFirst() {
      let event = eventBuffer[index]
      let socket = event.data.fd
      if socket == loop.bell {
        Self.silence(loop.bell)
      } else if sockets.isWanted(socket) {
        var what: Int32 = 0
        if event.events & EPOLLIN.rawValue != 0 { what |= CURL_CSELECT_IN }
        if event.events & EPOLLOUT.rawValue != 0 { what |= CURL_CSELECT_OUT }
        if event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { what |= CURL_CSELECT_ERR }
        act(socket, what)
        if limiter?.wait(now: .now) != nil { break }
      }
    }
    if hasEvents { collect() }
  }

  private func act(_ socket: curl_socket_t, _ what: Int32) {
    var left: Int32 = 0
    curl_multi_socket_action(multi, socket, what, &left)
    if let limiter {
      let received = loop.bytesReceived.load(ordering: .relaxed)
      limiter.charge(received - charged)
      charged = received
    }
  }

  /// Reads nothing for a while: the limit is used up. Only the bell is heard.
  private func pauseReading(_ wait: Duration) {
    var bell = pollfd(fd: loop.bell, events: Int16(POLLIN), revents: 0)
    poll(&bell, 1, Int32(min(wait, .milliseconds(250)).inMilliseconds))
    Self.silence(loop.bell)
    lastPause = .now
  }

  /// How many milliseconds may pass before something is due.
  private var patience: Int32 {
    var until: Moment?
    if !running.isEmpty { until = lastTick + tickLength }
    if let timer { until = min(until ?? timer, timer) }
    if let schedulerWake { until = min(until ?? schedulerWake, schedulerWake) }
    guard let until else { return -1 }
    return Int32(clamping: (until - .now).inMilliseconds)
  }

  private var tickLength: Duration { min(.seconds(1), options.stallTimeout / 4) }

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
    } catch {
      exchange.clear()
      idle.append(exchange)
      throw error
    }
    exchange.place = running.count
    running.append(exchange)
    curl_multi_add_handle(multi, exchange.handle.pointer)
  }

  private func newExchange() throws(TransferError) -> Exchange {
    let exchange = try Exchange(options, counter: loop, limiter)
    let context = Unmanaged.passUnretained(self).toOpaque()
    try exchange.handle.check(
      easy_set_close_callback(exchange.handle.pointer, Self.closeCallback, context),
      CURLOPT_CLOSESOCKETFUNCTION
    )
    return exchange
  }

  /// Takes up what libcurl has finished.
  private func collect() {
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left) {
      let (what, handle, code) = (message.pointee.msg, message.pointee.easy_handle, message.pointee.data.result)
      guard what == CURLMSG_DONE, let exchange = Exchange.of(handle) else { continue }
      switch exchange.ended(code) {
      case .report(let report): release(exchange, report)
      case .redirect(let url):
        curl_multi_remove_handle(multi, handle)
        do {
          try exchange.send(to: url)
          curl_multi_add_handle(multi, handle)
        } catch {
          release(exchange, exchange.stopped(error.reason))
        }
      }
    }
  }

  private func stop(_ exchange: Exchange, _ reason: TransferError.Reason) {
    release(exchange, exchange.stopped(reason))
  }

  /// Reports an exchange's end and starts what comes next.
  private func release(_ exchange: Exchange, _ report: AttemptReport) {
    curl_multi_remove_handle(multi, exchange.handle.pointer)
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

  // MARK: - What libcurl calls

  private static func of(_ context: UnsafeMutableRawPointer) -> LoopRunner {
    Unmanaged<LoopRunner>.fromOpaque(context).takeUnretainedValue()
  }

  private static let socketCallback: curl_socket_callback = { _, socket, what, context, _ in
    guard let context else { return 0 }
    var events: UInt32 = 0
    if what == CURL_POLL_IN || what == CURL_POLL_INOUT { events |= EPOLLIN.rawValue }
    if what == CURL_POLL_OUT || what == CURL_POLL_INOUT { events |= EPOLLOUT.rawValue }
    LoopRunner.of(context).sockets.want(events, of: socket)
    return 0
  }

  private static let closeCallback: curl_closesocket_callback = { context, socket in
    if let context { LoopRunner.of(context).sockets.forget(socket) }
    return close(socket)
  }

  private static let timerCallback: curl_multi_timer_callback = { _, milliseconds, context in
    guard let context else { return 0 }
    LoopRunner.of(context).timer = milliseconds < 0 ? nil : .now + .milliseconds(milliseconds)
    return 0
  }
}
