import CLibzstd
import Confinement

/// Applies patches that nobody has verified, in a confined process.
package final class PatchApplier {
  /// Why one cannot be applied.
  package enum Failure: Error {
    /// In zstd's words.
    case patch(String)
    case process(ConfinementError)
  }

  private let process: ConfinedProcess

  /// Starts the process.
  package init() throws(ConfinementError) { process = try ConfinedProcess(apply_patches) }

  /// What a frame was made of.
  ///
  /// - Parameters:
  ///   - frame: the patch.
  ///   - prefix: what it is applied to.
  ///   - limit: the most bytes that may be.
  package func apply(_ frame: [UInt8], to prefix: [UInt8], atMost limit: Int) throws(Failure) -> [UInt8] {
    do {
      return try ask(frame, prefix, limit)
    } catch let failure as Failure {
      throw failure
    } catch let error as ConfinementError {
      throw .process(error)
    } catch {
      throw .patch("\(error)")
    }
  }

  private func ask(_ frame: [UInt8], _ prefix: [UInt8], _ limit: Int) throws -> [UInt8] {
    let request = [UInt64(prefix.count), UInt64(frame.count), UInt64(limit)]
    let isSent = try process.sendAll(request) && process.sendAll(prefix) && process.sendAll(frame)
    var answer: [UInt64] = [0, 0]
    guard isSent, try process.receiveAll(into: &answer) else { throw try ending() }
    guard answer[0] == 0 else {
      let code = ZSTD_ErrorCode(UInt32(clamping: answer[0]))
      throw Failure.patch(String(cString: ZSTD_getErrorString(code)))
    }
    // A process that says so is not what was started.
    guard let size = Int(exactly: answer[1]), size <= limit else { throw Failure.process(.failed(status: 0)) }
    var isWhole = false
    let made = try [UInt8](unsafeUninitializedCapacity: size) { bytes, count in
      let room = UnsafeMutableRawBufferPointer(bytes)
      isWhole = try process.receiveAll(into: UnsafeMutableRawBufferPointer(rebasing: room[..<size]))
      count = isWhole ? size : 0
    }
    guard isWhole else { throw try ending() }
    return made
  }

  /// Why the process has ended too soon.
  private func ending() throws -> Failure {
    do throws(ConfinementError) { try process.finish() } catch { return .process(error) }
    return .process(.failed(status: 0))
  }
}
