import CLibcurl
import Glibc
import Synchronization

/// A thread that runs transfers, as seen from other threads: a letter box and a bell.
final class EventLoop: Sendable {
  /// What was put into the letter box.
  struct Inbox {
    var starts: [AttemptOrder] = []
    var cancels: [Scheduler.ID] = []
    var wake: Moment?
    var stops = false
    /// Whether the bell was rung since the box was emptied.
    var isRung = false
  }

  let number: Int
  /// Bytes of bodies that came, counted as they come.
  let bytesReceived = Atomic<Int64>(0)
  /// An eventfd: readable when there is something in the box.
  let bell: Int32
  private let inbox = Mutex(Inbox())
  private let thread = Mutex<pthread_t?>(nil)

  init(number: Int) throws(TransferError) {
    self.number = number
    bell = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    guard bell >= 0 else { throw TransferError(.system("cannot make an eventfd: errno \(errno)")) }
  }

  deinit { close(bell) }

  /// Hands an order over; `false` if the loop has been asked to stop, so that nobody would take it up.
  func start(_ order: AttemptOrder) -> Bool {
    var isTaken = false
    put { box in
      isTaken = !box.stops
      if isTaken { box.starts.append(order) }
    }
    return isTaken
  }
  func cancel(_ id: Scheduler.ID) { put { $0.cancels.append(id) } }
  func wakeScheduler(noLaterThan moment: Moment) { put { $0.wake = min($0.wake ?? moment, moment) } }

  /// Empties the box.
  func take() -> Inbox {
    inbox.withLock { box in
      let taken = box
      box = Inbox()
      box.stops = taken.stops
      return taken
    }
  }

  private func put(_ change: (inout Inbox) -> Void) {
    let mustRing = inbox.withLock { box in
      change(&box)
      defer { box.isRung = true }
      return !box.isRung
    }
    if mustRing {
      var one: UInt64 = 1
      _ = write(bell, &one, MemoryLayout.size(ofValue: one))
    }
  }

  // MARK: - The thread

  private final class Start {
    let loop: EventLoop
    let scheduler: Scheduler
    let limiter: BandwidthLimiter?
    init(_ loop: EventLoop, _ scheduler: Scheduler, _ limiter: BandwidthLimiter?) {
      self.loop = loop
      self.scheduler = scheduler
      self.limiter = limiter
    }
  }

  func startThread(_ scheduler: Scheduler, _ limiter: BandwidthLimiter?) throws(TransferError) {
    let start = Unmanaged.passRetained(Start(self, scheduler, limiter))
    // Signals are the main thread's business; the new thread, and those that libcurl makes, inherit this mask.
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    for fault in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT] { sigdelset(&all, fault) }
    pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    var made = pthread_t()
    let status = pthread_create(&made, nil, { EventLoop.main($0) }, start.toOpaque())
    guard status == 0 else {
      start.release()
      throw TransferError(.system("cannot start a thread: errno \(status)"))
    }
    thread.withLock { $0 = made }
  }

  private static func main(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
    pthread_setname_np(pthread_self(), "transfer-\(start.loop.number)")
    LoopRunner.run(start.loop, start.scheduler, start.limiter)
    return nil
  }

  /// Ends the thread, and all transfers on it, and waits until it has ended.
  func stopThread() {
    put { $0.stops = true }
    let ending = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    guard let ending else { return }
    // The last reference to a client may fall on its own thread, with a sink that holds it.
    if pthread_equal(ending, pthread_self()) != 0 { pthread_detach(ending) } else { pthread_join(ending, nil) }
  }
}
