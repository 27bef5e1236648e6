import Curl
import Synchronization

/// One of the threads of a client, as seen from other threads.
final class TransferLoop: Sendable {
  let number: Int
  /// Bytes of bodies that came, counted as they come.
  let bytesReceived = Atomic<Int64>(0)
  private let loop: CurlLoop<TransferWork>

  init(number: Int) throws(TransferError) {
    self.number = number
    loop = try CurlLoop()
  }

  func startThread(_ scheduler: Scheduler, _ limiter: BandwidthLimiter?) throws(TransferError) {
    try loop.start(named: "transfer-\(number)") { multi in TransferWork(self, multi, scheduler, limiter) }
  }

  /// Hands an order over; `false` if the loop has been asked to stop, so that nobody would take it up.
  func start(_ order: AttemptOrder) -> Bool { loop.put(.start(order)) }
  func cancel(_ id: Scheduler.ID) { loop.put(.cancel(id)) }
  func wakeScheduler(noLaterThan moment: Moment) { loop.put(.wake(moment)) }

  /// Ends the thread, and all transfers on it, and waits until it has ended.
  func stopThread() { loop.stop() }
}
