import Synchronization

/// Where the bytes of one transfer go.
///
/// All calls come from an event loop's thread, never two at once for one transfer; between two attempts at the same
/// transfer the thread may be another one. A sink must not block for long: other transfers share its thread.
package protocol TransferSink: AnyObject, Sendable {
  /// How many bytes it already holds: where a transfer that is taken up again goes on.
  var offset: Int64 { get }
  /// The server sends from the beginning: forget what is held.
  func restart() throws
  /// The server sends from the beginning, and says this of the file. Comes before the first bytes, and after
  /// ``restart()`` where something was held.
  func begin(_ validators: Validators) throws
  /// Takes the next bytes, which are valid during the call only.
  ///
  /// An error thrown here ends the transfer with ``TransferError/Reason/sink(_:)``; it is not tried again.
  func append(_ bytes: UnsafeRawBufferPointer) throws
}

extension TransferSink {
  /// Most sinks do not care what the server says of the file.
  package func begin(_ validators: Validators) throws {}
}

/// A sink that keeps a small body in memory.
package final class MemorySink: TransferSink {
  /// The body would be longer than the sink may hold.
  package struct Full: Error, Hashable, CustomStringConvertible {
    /// The most bytes it holds.
    package let limit: Int
    /// The failure in words.
    package var description: String { "more than the \(limit) bytes that are held in memory" }
  }

  private let limit: Int
  private let storage = Mutex<[UInt8]>([])

  /// An empty sink that holds no more than `limit` bytes.
  package init(limit: Int) { self.limit = limit }

  /// What has come so far; the whole body when the transfer is done.
  package var bytes: [UInt8] { storage.withLock { $0 } }

  /// How many bytes have come so far.
  package var offset: Int64 { storage.withLock { Int64($0.count) } }

  /// Forgets what has come so far.
  package func restart() { storage.withLock { $0.removeAll(keepingCapacity: true) } }

  /// Keeps the bytes.
  ///
  /// - Throws: ``Full`` if there would be too many.
  package func append(_ bytes: UnsafeRawBufferPointer) throws {
    try storage.withLock { held in
      guard bytes.count <= limit - held.count else { throw Full(limit: limit) }
      held.append(contentsOf: bytes)
    }
  }
}
