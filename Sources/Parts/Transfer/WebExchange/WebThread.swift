import CLibcurl
import Glibc
import Synchronization

/// The thread of a ``WebExchange``, as seen from other threads: a letter box and a bell.
final class WebThread: Sendable {
  /// libcurl's handle for several transfers, which also is the bell.
  ///
  /// `@unchecked Sendable`: other threads call nothing but `curl_multi_wakeup`, which is meant for that, and only under
  /// the lock that the handle is taken away under before it is freed.
  private struct Multi: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer
  }

  private struct State {
    var multi: Multi?
    var orders: [WebCall.Order] = []
    /// What was cancelled, and is not forgotten yet: orders that are in the box, under way or still to come.
    var cancelled: Set<UInt64> = []
    var next: UInt64 = 0
    var stops = false
    var thread: pthread_t?
  }

  private let state: Mutex<State>
  let setup: WebSetup

  private init(_ setup: WebSetup, _ multi: Multi) {
    self.setup = setup
    state = Mutex(State(multi: multi))
  }

  /// Makes the thread.
  static func start(_ setup: WebSetup) throws(TransferError) -> WebThread {
    guard let pointer = curl_multi_init() else { throw TransferError(.system("out of memory")) }
    multi_set_long(pointer, CURLMOPT_MAXCONNECTS, 1)
    let thread = WebThread(setup, Multi(pointer: pointer))
    let context = Unmanaged.passRetained(thread)
    // Signals are the main thread's business; the new thread, and those that libcurl makes, inherit this mask.
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    for fault in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT] { sigdelset(&all, fault) }
    pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    var made = pthread_t()
    let status = pthread_create(&made, nil, { WebThread.main($0) }, context.toOpaque())
    guard status == 0 else {
      context.release()
      curl_multi_cleanup(pointer)
      throw TransferError(.system("cannot start a thread: errno \(status)"))
    }
    thread.state.withLock { $0.thread = made }
    return thread
  }

  // MARK: - From other threads

  /// A number for an order, so that it can be cancelled before it is there.
  func reserve() -> UInt64 {
    state.withLock { state in
      state.next += 1
      return state.next
    }
  }

  func submit(_ order: WebCall.Order) {
    let isTaken = put { state in
      guard !state.stops, state.multi != nil else { return false }
      state.orders.append(order)
      return true
    }
    if !isTaken { order.continuation.resume(returning: .failure(TransferError(.cancelled, server: setup.origin))) }
  }

  func cancel(_ id: UInt64) {
    _ = put { state in
      state.cancelled.insert(id)
      return true
    }
  }

  /// An order is answered: whether it was cancelled matters no more.
  func forget(_ id: UInt64) { state.withLock { _ = $0.cancelled.remove(id) } }

  /// Ends the thread, and all requests on it, and waits until it has ended.
  func stop() {
    _ = put { state in
      state.stops = true
      return true
    }
    let ending = state.withLock { $0.thread.take() }
    guard let ending else { return }
    if pthread_equal(ending, pthread_self()) != 0 { pthread_detach(ending) } else { pthread_join(ending, nil) }
  }

  private func put(_ change: (inout State) -> Bool) -> Bool {
    state.withLock { state in
      let result = change(&state)
      if let multi = state.multi { curl_multi_wakeup(multi.pointer) }
      return result
    }
  }

  // MARK: - On the thread

  private static func main(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    let thread = Unmanaged<WebThread>.fromOpaque(context).takeRetainedValue()
    pthread_setname_np(pthread_self(), "web-exchange")
    thread.run()
    return nil
  }

  private func run() {
    guard let multi = state.withLock({ $0.multi }) else { return }
    var runner = WebRunner(setup, multi.pointer)
    while true {
      let (orders, cancelled, stops) = state.withLock { state in
        defer { state.orders = [] }
        return (state.orders, state.cancelled, state.stops)
      }
      runner.take(orders)
      runner.cancel(cancelled)
      if stops { break }
      runner.work()
    }
    runner.stop()
    // From here on nobody rings: then the bell can be freed.
    let late = state.withLock { state in
      state.multi = nil
      defer { state.orders = [] }
      return state.orders
    }
    for order in late {
      order.continuation.resume(returning: .failure(TransferError(.cancelled, server: setup.origin)))
    }
    runner.free()
  }
}
