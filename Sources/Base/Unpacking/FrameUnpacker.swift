import CLibzstd
import Confinement

/// Unpacks frames of zstd that nobody has verified, in a confined process: packed bytes go there, and others come back, of
/// which nothing is believed.
package final class FrameUnpacker {
  /// Gives the next packed bytes, which are good until the next call; none at the end.
  package typealias Source = () throws -> UnsafeRawBufferPointer

  /// Why frames cannot be unpacked, in zstd's words.
  package struct Problem: Error { package let words: String }

  private let process: ConfinedProcess
  private let source: Source
  private var pending = UnsafeRawBufferPointer(start: nil, count: 0)
  private var isFed = false
  private var isAtEnd = false

  /// Starts the process.
  package init(from source: @escaping Source) throws(ConfinementError) {
    process = try ConfinedProcess(unpack_frames)
    self.source = source
  }

  /// Fills the beginning of a buffer.
  ///
  /// - Returns: how many bytes there are; 0 at the end of the last frame, which is whole then.
  /// - Throws: ``Problem``, `ConfinementError`; what the source throws.
  package func read(into bytes: UnsafeMutableRawBufferPointer) throws -> Int {
    if isAtEnd { return 0 }
    while true {
      try feed()
      switch process.tryReceive(into: bytes) {
      case nil: try process.wait(isSending: !pending.isEmpty)
      case 0:
        isAtEnd = true
        try finish()
        return 0
      case let count?: return count
      }
    }
  }

  /// Gives the process as much as it takes now: while this side works on what was unpacked, that one goes on.
  private func feed() throws {
    while !isFed {
      if pending.isEmpty {
        pending = try source()
        guard !pending.isEmpty else { return endFeeding() }
      }
      guard let count = process.trySend(pending) else { return endFeeding() }
      if count == 0 { return }
      pending = UnsafeRawBufferPointer(rebasing: pending[count...])
    }
  }

  private func endFeeding() {
    isFed = true
    pending = UnsafeRawBufferPointer(start: nil, count: 0)
    process.endInput()
  }

  private func finish() throws {
    do throws(ConfinementError) {
      try process.finish()
    } catch {
      guard case .failed(let status) = error, let words = Self.words(for: status) else { throw error }
      throw Problem(words: words)
    }
  }

  /// What an exit status of the process says; `nil`: nothing about the frames.
  private static func words(for status: Int32) -> String? {
    if status == Int32(unpacking_cut_short) { return "it ends in the middle of a frame" }
    guard status > 0, status < Int32(unpacking_failed_to_read), status != Int32(ZSTD_error_memory_allocation.rawValue)
    else { return nil }
    return String(cString: ZSTD_getErrorString(ZSTD_ErrorCode(UInt32(status))))
  }
}
