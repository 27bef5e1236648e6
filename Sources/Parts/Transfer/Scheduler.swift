import Curl
import MirrorTypes
import Synchronization

/// One attempt, as an event loop gets it.
struct AttemptOrder: Sendable {
  let id: Scheduler.ID
  let request: TransferRequest
  let url: String
  let server: ServerPool.Index
  /// The condition that is sent; `nil`: none.
  let validators: Validators?
  /// `nil` to fetch all.
  let resumeValidators: Validators?
  let began: Moment
  let deadline: Moment?
  /// By what the proxy is signed in to.
  let proxySchemes: ProxySchemes
  /// Whether HTTP/1.1 is spoken with a server that HTTP/2 did not reach.
  let isPlainHTTP1: Bool
}

/// Decides which transfer runs next, on which server and on which event loop, and what follows when it ends.
///
/// All that changes is behind one lock, which is taken a few times for each attempt, never while bytes come.
final class Scheduler: Sendable {
  typealias ID = UInt64
  typealias Completion = CheckedContinuation<Result<TransferResponse, TransferError>, Never>

  struct Entry {
    let request: TransferRequest
    let origin: ServerPool.Index?
    let completion: Completion
    var memory: RetryMemory
    /// The loop that runs it; `nil` while it waits.
    var loop: Int?
    /// Whether it was cancelled while a loop had it, which may hear of that too late.
    var isCancelled = false
  }

  struct State {
    var pool: ServerPool
    var entries: [ID: Entry] = [:]
    var queue = WaitingQueue()
    /// Those that pause, until when.
    var pausing: [(until: Moment, id: ID)] = []
    /// Numbers given out for transfers that are not handed in yet.
    var expected: Set<ID> = []
    var cancelledEarly: Set<ID> = []
    var load: [Int]
    var running = 0
    var nextID: ID = 0
    var counts = TransferStatistics()
    var isShutDown = false
    var door: ProxyDoor
    /// What has happened with servers and was not reported yet.
    var events: [TransferEvent] = []
  }

  /// What is to be done once the lock is free.
  struct Effects {
    var starts: [(loop: Int, order: AttemptOrder)] = []
    var cancels: [(loop: Int, id: ID)] = []
    var answers: [(Completion, Result<TransferResponse, TransferError>)] = []
    /// When there is something to decide again at the latest.
    var wake: Moment?
    var events: [TransferEvent] = []
  }

  let options: TransferOptions
  private let loops: [TransferLoop]
  private let state: Mutex<State>

  init(_ options: TransferOptions, loops: [TransferLoop]) throws(TransferError) {
    self.options = options
    self.loops = loops
    let load = Array(repeating: 0, count: loops.count)
    state = Mutex(State(pool: try ServerPool(options), load: load, door: ProxyDoor(options.connection)))
  }

  // MARK: - For the client

  func reserve() -> ID {
    state.withLock { state in
      state.nextID += 1
      state.expected.insert(state.nextID)
      return state.nextID
    }
  }

  func submit(_ id: ID, _ request: TransferRequest, address: WebAddress?, _ completion: Completion) {
    let effects = state.withLock { state in
      state.expected.remove(id)
      if state.cancelledEarly.remove(id) != nil || state.isShutDown {
        return Effects(answers: [(completion, .failure(TransferError(.cancelled)))])
      }
      let origin = address.map { state.pool.index(of: $0) }
      state.entries[id] = Entry(
        request: request,
        origin: origin,
        completion: completion,
        memory: RetryMemory(request)
      )
      state.queue.append(id)
      return dispatch(&state, from: nil)
    }
    perform(effects)
  }

  func cancel(_ id: ID) {
    let effects = state.withLock { state in
      if state.expected.contains(id) {
        state.cancelledEarly.insert(id)
        return Effects()
      }
      guard let entry = state.entries[id] else { return Effects() }
      if let loop = entry.loop {
        state.entries[id]?.isCancelled = true
        return Effects(cancels: [(loop, id)])
      }
      return drop(id, from: &state)
    }
    perform(effects)
  }

  func shutDown() {
    let effects = state.withLock { state in
      state.isShutDown = true
      var effects = Effects()
      for (id, entry) in state.entries where entry.loop == nil {
        effects.answers += drop(id, from: &state).answers
      }
      return effects
    }
    perform(effects)
  }

  var statistics: TransferStatistics {
    state.withLock { state in
      var counts = state.counts
      counts.running = state.running
      counts.waiting = state.queue.count + state.pausing.count
      for server in state.pool.servers { counts.servers[server.name] = server.counts }
      return counts
    }
  }

  /// Asks a server of the pool for nothing more.
  ///
  /// - Returns: whether another one is left.
  func setAside(_ server: String) -> Bool { state.withLock { $0.pool.setAside(server) } }

  // MARK: - For the event loops

  /// Whether an order that a loop is about to begin was cancelled before the loop had it.
  func isCancelled(_ id: ID) -> Bool { state.withLock { $0.entries[id]?.isCancelled ?? false } }

  /// An attempt has ended. Returns what the same loop starts next.
  func finished(_ order: AttemptOrder, _ report: AttemptReport, on loop: Int) -> [AttemptOrder] {
    let effects = state.withLock { state in
      state.running -= 1
      state.load[loop] -= 1
      state.counts.requests += report.requests
      state.counts.connectionsOpened += report.connections
      if report.isMultiplexed { state.counts.multiplexedAnswers += 1 }
      guard var entry = state.entries[order.id] else { return dispatch(&state, from: loop) }
      entry.loop = nil
      entry.memory.noteBytes(of: report)
      let result = conclude(&entry, order, report, &state)
      var answers: [(Completion, Result<TransferResponse, TransferError>)] = []
      if let result {
        state.entries[order.id] = nil
        answers = [(entry.completion, result)]
      } else {
        if let until = entry.memory.notBefore {
          state.pausing.append((entry.memory.deadline.map { min($0, until) } ?? until, order.id))
        } else {
          state.queue.prepend(order.id)
        }
        state.entries[order.id] = entry
        state.counts.retries += 1
      }
      var effects = dispatch(&state, from: loop)
      effects.answers += answers
      swap(&effects.events, &state.events)
      return effects
    }
    return perform(effects, from: loop)
  }

  /// A pause may be over. Returns what the loop starts.
  func wakeUp(on loop: Int) -> [AttemptOrder] {
    perform(state.withLock { dispatch(&$0, from: loop) }, from: loop)
  }

  // MARK: - Decisions, under the lock

  /// The result of a transfer whose attempt has ended; `nil` if it is to be tried again.
  private func conclude(
    _ entry: inout Entry,
    _ order: AttemptOrder,
    _ report: AttemptReport,
    _ state: inout State
  ) -> Result<TransferResponse, TransferError>? {
    let name = state.pool.servers[order.server].name
    var hasFailed = false
    defer {
      state.pool.ended(
        order.server,
        bytes: report.received,
        failed: hasFailed,
        multiplexed: report.isMultiplexed
      )
    }
    let verdict: RetryMemory.Verdict
    if mayGoOn(entry, order, report, &state) {
      hasFailed = true
      return state.isShutDown || entry.isCancelled ? .failure(TransferError(.cancelled, url: report.url)) : nil
    }
    switch report.outcome {
    case .arrived(let outcome):
      state.pool.gave(order.server)
      return .success(response(outcome, report, entry.memory, server: name))
    case .startOver(let why):
      hasFailed = true
      verdict = entry.memory.startOver(why, at: order.server, report, named: name)
    case .failed(let given, let retryAfter):
      hasFailed = true
      var reason = state.pool.servers[order.server].hasGiven ? given.ofServerThatGives : given
      if let retryAfter, !state.pool.mayWait(retryAfter) { reason = .asksToWait(reason.httpStatus, retryAfter) }
      let error = TransferError(reason, url: report.url, server: name, isDirect: options.connection.isDirect)
      let failure = reason.serverFailure
      // A server that brought the file further before it failed is slow work, but it works.
      if failure.counts && report.received < RetryMemory.progress {
        let pause = state.pool.didFail(
          order.server,
          with: error,
          attemptBegan: order.began,
          isUnreachable: failure.isUnreachable,
          retryAfter: retryAfter,
          now: .now
        )
        if let pause { state.events.append(.pause(pause)) }
      } else if case .notFound = reason {
        state.pool.didWell(order.server)
      }
      verdict = entry.memory.failed(
        error,
        at: order.server,
        report,
        pool: state.pool,
        origin: entry.origin,
        isConditional: !(order.validators?.isEmpty ?? true),
        retries: options.retries,
        now: .now
      )
    }
    if case .giveUp(let error) = verdict { return .failure(error) }
    let isOver = state.isShutDown || entry.isCancelled
    return isOver ? .failure(TransferError(.cancelled, url: report.url, server: name)) : nil
  }

  /// Whether the same is asked for at once by other means, which is no fault of the server's: by another way to sign in to the
  /// proxy, or over HTTP/1.1.
  private func mayGoOn(_ entry: Entry, _ order: AttemptOrder, _ report: AttemptReport, _ state: inout State) -> Bool {
    var error: TransferError?
    if case .failed(let reason, _) = report.outcome { error = TransferError(reason, url: report.url) }
    if state.door.took(report.outcome, as: error) { return true }
    guard state.pool.leavesHTTP2(order.server, report) else { return false }
    state.events.append(.leftHTTP2(server: state.pool.servers[order.server].name))
    return true
  }

  private func response(
    _ outcome: TransferResponse.Outcome,
    _ report: AttemptReport,
    _ memory: RetryMemory,
    server: String
  ) -> TransferResponse {
    TransferResponse(
      outcome: outcome,
      byteCount: outcome == .complete ? report.position : 0,
      bytesReceived: memory.bytesReceived,
      validators: report.validators,
      server: server,
      url: report.url,
      lastModified: report.validators.lastModifiedTime,
      retries: memory.attempts - 1
    )
  }

  /// Starts what can be started.
  private func dispatch(_ state: inout State, from caller: Int?) -> Effects {
    var effects = Effects()
    let now = Moment.now
    releasePaused(&state, now)
    var index = 0
    // Not the whole queue: what waits for the same server behind many others waits anyway.
    while state.running < options.concurrentTransfers, index < state.queue.count, index < 64 {
      let id = state.queue[index]
      guard let entry = state.entries[id] else {
        state.queue.remove(at: index)
        continue
      }
      if let refusal = state.door.refusal {
        state.queue.remove(at: index)
        finish(id, .failure(refusal), &state, &effects)
        continue
      }
      // Before the proxy has let one through, the others wait for that one.
      if !state.door.isOpen && state.running > 0 { break }
      if let deadline = entry.memory.deadline, deadline <= now {
        state.queue.remove(at: index)
        finish(id, .failure(TransferError(.timedOut(.total), url: address(of: entry))), &state, &effects)
        continue
      }
      let choice = state.pool.choose(
        origin: entry.origin,
        excluding: entry.memory.excluded,
        tried: entry.memory.tried,
        now: now
      )
      switch choice {
      case .server(let server):
        state.queue.remove(at: index)
        start(id, on: server, from: caller, now, &state, &effects)
      case .wait(let until):
        effects.wake = min(effects.wake ?? until, entry.memory.deadline.map { min($0, until) } ?? until)
        index += 1
      case .busy:
        index += 1
      case .none:
        state.queue.remove(at: index)
        finish(id, .failure(noServerError(for: entry, state.pool)), &state, &effects)
      }
    }
    for pause in state.pausing { effects.wake = min(effects.wake ?? pause.until, pause.until) }
    return effects
  }

  private func releasePaused(_ state: inout State, _ now: Moment) {
    guard !state.pausing.isEmpty else { return }
    for pause in state.pausing where pause.until <= now { state.queue.prepend(pause.id) }
    state.pausing.removeAll { $0.until <= now }
  }

  private func start(
    _ id: ID,
    on server: ServerPool.Index,
    from caller: Int?,
    _ now: Moment,
    _ state: inout State,
    _ effects: inout Effects
  ) {
    guard var entry = state.entries[id] else { return }
    let url: String
    do {
      url =
        switch entry.request.location {
        case .url(let text): text
        case .path(let path): try PercentEncoding.append(path, to: state.pool.servers[server].baseURL)
        }
    } catch {
      return finish(id, .failure(error), &state, &effects)
    }
    var loop = caller ?? 0
    for other in state.load.indices where state.load[other] < state.load[loop] { loop = other }
    entry.memory.began(now: now, limit: options.totalTimeout)
    entry.loop = loop
    state.entries[id] = entry
    state.load[loop] += 1
    state.running += 1
    state.pool.started(server)
    let order = AttemptOrder(
      id: id,
      request: entry.request,
      url: url,
      server: server,
      validators: entry.memory.hasDroppedCondition ? nil : entry.request.validators,
      resumeValidators: entry.memory.resumeValidators,
      began: now,
      deadline: entry.memory.deadline,
      proxySchemes: state.door.schemes,
      isPlainHTTP1: state.pool.servers[server].isWithoutHTTP2
    )
    effects.starts.append((loop, order))
  }

  private func finish(
    _ id: ID,
    _ result: Result<TransferResponse, TransferError>,
    _ state: inout State,
    _ effects: inout Effects
  ) {
    guard let entry = state.entries.removeValue(forKey: id) else { return }
    effects.answers.append((entry.completion, result))
  }

  /// Takes a waiting transfer out. The queue skips its number when it comes upon it.
  private func drop(_ id: ID, from state: inout State) -> Effects {
    var effects = Effects()
    state.pausing.removeAll { $0.id == id }
    finish(id, .failure(TransferError(.cancelled)), &state, &effects)
    return effects
  }

  private func noServerError(for entry: Entry, _ pool: ServerPool) -> TransferError {
    if entry.memory.hasFailed { return entry.memory.finalError }
    let known = pool.candidates(for: entry.origin).compactMap { pool.servers[$0].lastFailure }
    if known.isEmpty { return TransferError(.invalidOption("no server is configured")) }
    return known.count == 1 ? known[0] : TransferError(.noServerLeft(known), url: address(of: entry))
  }

  private func address(of entry: Entry) -> String {
    switch entry.request.location {
    case .path(let path): path
    case .url(let text): (try? WebAddress(text))?.redacted ?? ""
    }
  }

  // MARK: - Effects, without the lock

  @discardableResult
  private func perform(_ effects: Effects, from caller: Int? = nil) -> [AttemptOrder] {
    var own: [AttemptOrder] = []
    for (loop, order) in effects.starts {
      if loop == caller {
        own.append(order)
      } else if !loops[loop].start(order) {
        // Decided before the client was shut down: nothing follows from its end.
        let report = AttemptReport(outcome: .failed(.cancelled, retryAfter: nil), url: "", requests: 0)
        _ = finished(order, report, on: loop)
      }
    }
    for (loop, id) in effects.cancels { loops[loop].cancel(id) }
    for event in effects.events { options.onEvent?(event) }
    for (completion, result) in effects.answers { completion.resume(returning: result) }
    if let wake = effects.wake { loops[0].wakeScheduler(noLaterThan: wake) }
    return own
  }
}

/// The numbers of the transfers that wait, first come first served.
struct WaitingQueue {
  private var items: [Scheduler.ID] = []
  private var head = 0

  var count: Int { items.count - head }
  subscript(_ index: Int) -> Scheduler.ID { items[head + index] }

  mutating func append(_ id: Scheduler.ID) { items.append(id) }

  mutating func prepend(_ id: Scheduler.ID) {
    if head > 0 {
      head -= 1
      items[head] = id
    } else {
      items.insert(id, at: 0)
    }
  }

  mutating func remove(at index: Int) {
    guard index == 0 else {
      items.remove(at: head + index)
      return
    }
    head += 1
    // Moving the rest costs no more than the removals before it.
    if head >= 1024, head * 2 >= items.count {
      items.removeFirst(head)
      head = 0
    }
  }
}
