import Dispatch
import MirrorTypes
import Synchronization
import SystemPackage

/// Makes patches on several threads, and hands them out in order. No more than two for each thread wait at a time, so
/// that memory is bounded.
final class PatchWorkers: Sendable {
  private struct State {
    var next = 0
    var done: [Int: Result<MadePatch, BundleError>] = [:]
    var taken = 0
    var isStopped = false
  }

  private let groups: [PatchGroup]
  private let level: Int
  private let objectPath: @Sendable (ObjectDigest) -> FilePath
  private let state = Mutex(State())
  private let room: DispatchSemaphore
  private let ready = DispatchSemaphore(value: 0)
  private let ended = DispatchGroup()

  init(
    _ groups: [PatchGroup],
    level: Int,
    threads: Int,
    objectPath: @escaping @Sendable (ObjectDigest) -> FilePath
  ) {
    self.groups = groups
    self.level = level
    self.objectPath = objectPath
    room = DispatchSemaphore(value: threads + 1)
    for _ in 0..<min(threads, groups.count) {
      DispatchQueue.global().async(group: ended) { self.work() }
    }
  }

  /// The next patch, in the order of the groups; `nil` after the last.
  func next() throws(BundleError) -> MadePatch? {
    while true {
      let result: Result<MadePatch, BundleError>? = state.withLock { state in
        guard let result = state.done.removeValue(forKey: state.taken) else { return nil }
        state.taken += 1
        return result
      }
      if let result {
        room.signal()
        return try result.get()
      }
      if state.withLock({ $0.taken }) == groups.count { return nil }
      ready.wait()
    }
  }

  /// Has the threads end, and waits for them.
  func stop() {
    state.withLock { $0.isStopped = true }
    for _ in groups.indices.prefix(256) { room.signal() }
    ended.wait()
  }

  private func work() {
    var maker: Result<PatchMaker, BundleError>?
    while true {
      room.wait()
      let index: Int? = state.withLock { state in
        guard !state.isStopped, state.next < groups.count else { return nil }
        state.next += 1
        return state.next - 1
      }
      guard let index else {
        room.signal()
        return
      }
      let made = maker ?? Self.made { () throws(BundleError) in try PatchMaker(level: level, objectPath: objectPath) }
      maker = made
      let result = Self.made { () throws(BundleError) in try made.get().make(groups[index]) }
      state.withLock { $0.done[index] = result }
      ready.signal()
    }
  }

  private static func made<Value>(_ body: () throws(BundleError) -> Value) -> Result<Value, BundleError> {
    do throws(BundleError) { return .success(try body()) } catch { return .failure(error) }
  }
}
