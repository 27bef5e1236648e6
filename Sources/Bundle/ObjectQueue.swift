import Dispatch
import MirrorTypes
import Synchronization

/// Objects on their way from the thread that reads and checks them to the one that compresses and writes them.
///
/// It holds a few chunks at a time, so that neither thread gets far ahead of the other.
final class ObjectQueue: Sendable {
  /// The bytes of one object, or some of them.
  struct Chunk: Sendable {
    let object: ObjectDigest
    /// The size of the whole object.
    let size: Int64
    /// Whether the object begins with these bytes.
    let isFirst: Bool
    let bytes: [UInt8]
  }

  private struct State {
    var chunks: [Chunk] = []
    var isClosed = false
  }

  private let state = Mutex(State())
  /// Counts the chunks that can be taken, and one when there will be no more.
  private let filled = DispatchSemaphore(value: 0)
  /// Counts the chunks that may be put.
  private let free = DispatchSemaphore(value: 0)

  init() {
    // A semaphore may not end below the value that it began with.
    for _ in 0..<32 { free.signal() }
  }

  /// The most bytes of a chunk.
  static let chunkSize = 1 << 17

  /// Puts a chunk, as soon as there is room; `false` when nobody takes any more.
  func put(_ chunk: Chunk) -> Bool {
    free.wait()
    let isOpen = state.withLock { state in
      if !state.isClosed { state.chunks.append(chunk) }
      return !state.isClosed
    }
    filled.signal()
    return isOpen
  }

  /// Takes the next chunk, as soon as there is one; `nil` when there are no more.
  func take() -> Chunk? {
    filled.wait()
    let chunk = state.withLock { $0.chunks.isEmpty ? nil : $0.chunks.removeFirst() }
    free.signal()
    return chunk
  }

  /// Ends it from either side: what was put can still be taken, and nothing can be put any more.
  func close() {
    state.withLock { $0.isClosed = true }
    filled.signal()
    free.signal()
  }
}
