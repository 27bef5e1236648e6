import CLibcurl
import Glibc
import Synchronization

/// A thread for one piece of work, which can be waited for.
final class LoopThread: Sendable {
  private let thread = Mutex<pthread_t?>(nil)

  private final class Start {
    let name: String
    let body: () -> Void

    init(_ name: String, _ body: @escaping () -> Void) {
      self.name = name
      self.body = body
    }
  }

  /// Starts it.
  ///
  /// - Parameter name: at most 15 bytes.
  func start(named name: String, _ body: sending @escaping () -> Void) throws(TransferError) {
    let start = Unmanaged.passRetained(Start(name, body))
    // Signals are the main thread's business; the new thread, and those that libcurl makes, inherit this mask.
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    for fault in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT] { sigdelset(&all, fault) }
    pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    var made = pthread_t()
    let status = pthread_create(&made, nil, { LoopThread.main($0) }, start.toOpaque())
    guard status == 0 else {
      start.release()
      throw TransferError(.system("cannot start a thread: errno \(status)"))
    }
    thread.withLock { $0 = made }
  }

  private static func main(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
    pthread_setname_np(pthread_self(), start.name)
    start.body()
    return nil
  }

  /// Waits until it has ended; the second time there is nothing to wait for.
  func join() {
    guard let ending = thread.withLock({ $0.take() }) else { return }
    // The last reference to a client may fall on its own thread, with a sink that holds it.
    if pthread_equal(ending, pthread_self()) != 0 { pthread_detach(ending) } else { pthread_join(ending, nil) }
  }
}
