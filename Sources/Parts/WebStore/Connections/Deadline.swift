import NIOCore

/// A time by which something has to happen on a connection, which may be moved as often as one likes: only one timer
/// runs, and looks again when it fires. Used on its event loop only.
final class Deadline {
  private let eventLoop: any EventLoop
  private let action: () -> Void
  private var time: NIODeadline?
  private var timer: (time: NIODeadline, scheduled: Scheduled<Void>)?

  /// - Parameter action: called on the event loop when the time has come.
  init(on eventLoop: any EventLoop, action: @escaping () -> Void) {
    self.eventLoop = eventLoop
    self.action = action
  }

  /// The time is so far from now.
  func set(_ amount: TimeAmount) {
    let time = NIODeadline.now() + amount
    self.time = time
    if let timer, timer.time <= time { return }
    timer?.scheduled.cancel()
    schedule(at: time)
  }

  /// There is no time any more.
  func clear() { time = nil }

  /// Ends the timer.
  func cancel() {
    time = nil
    timer?.scheduled.cancel()
    timer = nil
  }

  private func schedule(at time: NIODeadline) {
    timer = (time, eventLoop.assumeIsolated().scheduleTask(deadline: time) { [weak self] in self?.fire() })
  }

  private func fire() {
    timer = nil
    guard let time else { return }
    guard time <= .now() else { return schedule(at: time) }
    self.time = nil
    action()
  }
}
