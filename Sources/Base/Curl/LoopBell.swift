import CLibcurl
import Glibc

/// Wakes a thread that waits for sockets: an eventfd, readable from when it is rung until it is silenced.
final class LoopBell: Sendable {
  let descriptor: Int32

  init() throws(TransferError) {
    descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    guard descriptor >= 0 else { throw TransferError(.system("cannot make an eventfd: errno \(errno)")) }
  }

  deinit { close(descriptor) }

  func ring() {
    var one: UInt64 = 1
    _ = write(descriptor, &one, MemoryLayout.size(ofValue: one))
  }

  func silence() {
    var count: UInt64 = 0
    _ = read(descriptor, &count, MemoryLayout.size(ofValue: count))
  }

  /// Waits until it rings, at most so long.
  func wait(atMost time: Duration) {
    var bell = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    poll(&bell, 1, Int32(clamping: time.inMilliseconds))
  }
}
