import Synchronization

/// Lets one call through at a time, in the order of their coming.
final class CallGate: Sendable {
  private struct Waiter {
    let number: UInt64
    let continuation: CheckedContinuation<Bool, Never>
  }

  private struct State {
    var isTaken = false
    var waiters: [Waiter] = []
    var next: UInt64 = 0
    /// Numbers of those that were cancelled before they had come to wait.
    var cancelled: Set<UInt64> = []
  }

  private let state = Mutex(State())

  /// Waits for its turn; `false` if the task was cancelled meanwhile. Whoever got `true` calls ``leave()`` once.
  func enter() async -> Bool {
    let number = state.withLock { state in
      state.next += 1
      return state.next
    }
    let isIn = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let answer: Bool? = state.withLock { state in
          if state.cancelled.remove(number) != nil { return false }
          guard state.isTaken else {
            state.isTaken = true
            return true
          }
          state.waiters.append(Waiter(number: number, continuation: continuation))
          return nil
        }
        if let answer { continuation.resume(returning: answer) }
      }
    } onCancel: {
      let waiter = state.withLock { state -> Waiter? in
        guard let index = state.waiters.firstIndex(where: { $0.number == number }) else {
          state.cancelled.insert(number)
          return nil
        }
        return state.waiters.remove(at: index)
      }
      waiter?.continuation.resume(returning: false)
    }
    // Cancelled after its turn had come: the mark is of no use any more.
    state.withLock { _ = $0.cancelled.remove(number) }
    return isIn
  }

  /// Gives the turn to the next.
  func leave() {
    let next = state.withLock { state -> Waiter? in
      guard !state.waiters.isEmpty else {
        state.isTaken = false
        return nil
      }
      return state.waiters.removeFirst()
    }
    next?.continuation.resume(returning: true)
  }
}
