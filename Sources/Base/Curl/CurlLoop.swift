import Synchronization

/// A thread on which libcurl works, as seen from other threads: a letter box and a bell. It is the one loop around libcurl;
/// what is done on it is a ``CurlWork``.
package final class CurlLoop<Work: CurlWork>: Sendable {
  private struct Box {
    var letters: [Work.Letter] = []
    var stops = false
    /// Whether the bell was rung since the box was emptied.
    var isRung = false
  }

  private let bell: LoopBell
  private let box = Mutex(Box())
  private let thread = LoopThread()

  package init() throws(TransferError) { bell = try LoopBell() }

  /// Starts the thread.
  ///
  /// - Parameters:
  ///   - name: the thread's, at most 15 bytes.
  ///   - make: makes the work, on the thread.
  package func start(named name: String, _ make: @escaping @Sendable (CurlMulti) -> Work) throws(TransferError) {
    // What fails here is reported where the loop was asked for.
    let multi = try CurlMulti(bell)
    try thread.start(named: name) {
      self.run(make(multi), on: multi)
      multi.close()
    }
  }

  /// Hands something over; `false` if the loop has been asked to stop, so that nobody would take it up.
  @discardableResult
  package func put(_ letter: Work.Letter) -> Bool {
    change { box in
      guard !box.stops else { return false }
      box.letters.append(letter)
      return true
    }
  }

  /// Ends all that is under way, and the thread, and waits until it has ended. Calling it again does nothing.
  package func stop() {
    change { $0.stops = true }
    thread.join()
  }

  private func change<Result>(_ body: (inout Box) -> Result) -> Result {
    let (result, mustRing) = box.withLock { box in
      let result = body(&box)
      defer { box.isRung = true }
      return (result, !box.isRung)
    }
    if mustRing { bell.ring() }
    return result
  }

  // MARK: - On the thread

  private func run(_ work: Work, on multi: CurlMulti) {
    while takeLetters(work) {
      if let rest = work.restraint {
        multi.rest(for: rest)
        work.rested()
      } else {
        multi.turn(for: work)
      }
      work.turned()
    }
    work.stop()
  }

  /// Takes what is in the box; `false` when the loop is to stop.
  private func takeLetters(_ work: Work) -> Bool {
    let (letters, stops) = box.withLock { box in
      defer {
        box.letters = []
        box.isRung = false
      }
      return (box.letters, box.stops)
    }
    for letter in letters { work.take(letter) }
    return !stops
  }
}
