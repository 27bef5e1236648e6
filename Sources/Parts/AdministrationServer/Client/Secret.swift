import Glibc

/// Bytes that nobody should see: a password, a token, the body of a licence key.
///
/// It says nothing of itself when it is printed, dumped or interpolated, and its memory is wiped when the last copy of
/// the value is gone. What is made of it on the way, such as a request's body, is beyond its reach.
package struct Secret: Sendable {
  /// Memory that is written once, in `init`, and read until `deinit` wipes it.
  ///
  /// `@unchecked Sendable`: nothing writes to the memory while more than one reference can exist.
  private final class Storage: @unchecked Sendable {
    let memory: UnsafeMutableRawPointer
    private let count: Int

    init(_ bytes: some Collection<UInt8>) {
      count = bytes.count
      memory = .allocate(byteCount: max(1, count), alignment: 1)
      UnsafeMutableRawBufferPointer(start: memory, count: count).copyBytes(from: bytes)
    }

    deinit {
      explicit_bzero(memory, count)
      memory.deallocate()
    }
  }

  private let storage: Storage
  /// How many bytes it has.
  package let count: Int

  /// A secret of bytes.
  package init(_ bytes: some Collection<UInt8>) {
    count = bytes.count
    storage = Storage(bytes)
  }

  /// A secret that is a text.
  package init(_ text: String) { self.init(Array(text.utf8)) }

  /// Whether there are no bytes.
  package var isEmpty: Bool { count == 0 }

  /// Shows the bytes to `body`, which should not keep them.
  package func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeRawBufferPointer(start: storage.memory, count: count))
  }

  /// The secret as a text, for where nothing else will do; `nil` if it is not UTF-8.
  package var exposedText: String? { withBytes { String(validating: $0, as: UTF8.self) } }
  /// The secret as bytes, for where nothing else will do.
  package var exposedBytes: [UInt8] { withBytes { Array($0) } }
}

extension Secret: Equatable {
  /// Whether two secrets are the same, in a time that tells nothing of where they differ.
  package static func == (one: Secret, other: Secret) -> Bool {
    guard one.count == other.count else { return false }
    return one.withBytes { left in
      other.withBytes { right in
        var difference: UInt8 = 0
        for index in left.indices { difference |= left[index] ^ right[index] }
        return difference == 0
      }
    }
  }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// No word of it.
  package var description: String { "(secret)" }
  /// No word of it.
  package var debugDescription: String { description }
  /// No word of it.
  package var customMirror: Mirror { Mirror(self, children: []) }
}
