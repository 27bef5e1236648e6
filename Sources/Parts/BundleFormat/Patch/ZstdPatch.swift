import CLibzstd
import MirrorTypes

/// Compresses bytes into one zstd frame, with others as a prefix: what `zstd --patch-from` does.
///
/// The tables are kept from one patch to the next. One thread at a time.
final class ZstdPatcher {
  private let compressor: OpaquePointer
  private let decompressor: OpaquePointer
  private let level: Int

  /// Why a patch cannot be made or applied, in zstd's words.
  struct Failure: Error { let reason: String }

  init(level: Int) throws(Failure) {
    guard let compressor = ZSTD_createCCtx() else { throw Failure(reason: "out of memory") }
    guard let decompressor = ZSTD_createDCtx() else {
      ZSTD_freeCCtx(compressor)
      throw Failure(reason: "out of memory")
    }
    self.compressor = compressor
    self.decompressor = decompressor
    self.level = level
  }

  deinit {
    ZSTD_freeCCtx(compressor)
    ZSTD_freeDCtx(decompressor)
  }

  /// Compresses `content` against `prefix`, which may be empty.
  func compress(_ content: [UInt8], against prefix: [UInt8]) throws(Failure) -> [UInt8] {
    _ = ZSTD_CCtx_reset(compressor, ZSTD_reset_session_and_parameters)
    for (parameter, value) in settings(content.count, prefix.count) {
      _ = try Self.checked(ZSTD_CCtx_setParameter(compressor, parameter, Int32(value)))
    }
    let bound = ZSTD_compressBound(content.count)
    var result = 0
    let output = prefix.withUnsafeBytes { old in
      [UInt8](unsafeUninitializedCapacity: bound) { output, count in
        result = old.isEmpty ? 0 : ZSTD_CCtx_refPrefix(compressor, old.baseAddress, old.count)
        if ZSTD_isError(result) == 0 {
          result = ZSTD_compress2(compressor, output.baseAddress, bound, content, content.count)
        }
        count = ZSTD_isError(result) == 0 ? result : 0
      }
    }
    _ = try Self.checked(result)
    return output
  }

  /// What a frame was made of.
  ///
  /// - Parameter size: how many bytes that must be; never more are written.
  func decompress(_ frame: [UInt8], against prefix: [UInt8], size: Int) throws(Failure) -> [UInt8] {
    _ = ZSTD_DCtx_reset(decompressor, ZSTD_reset_session_and_parameters)
    _ = try Self.checked(ZSTD_DCtx_setParameter(decompressor, ZSTD_d_windowLogMax, Int32(Self.largestWindow)))
    var result = 0
    let output = prefix.withUnsafeBytes { old in
      [UInt8](unsafeUninitializedCapacity: size) { output, count in
        result = old.isEmpty ? 0 : ZSTD_DCtx_refPrefix(decompressor, old.baseAddress, old.count)
        if ZSTD_isError(result) == 0 {
          result = ZSTD_decompressDCtx(decompressor, output.baseAddress, size, frame, frame.count)
        }
        count = ZSTD_isError(result) == 0 ? result : 0
      }
    }
    guard try Self.checked(result) == size else {
      throw Failure(reason: "it makes \(Words.exactBytes(result)), not \(size)")
    }
    return output
  }

  private static let largestWindow = 27

  /// Bits of the tables in which zstd looks matches up: enough for a whole group, 16 MiB each. Its own defaults for the
  /// quicker levels forget most of what is old, and make patches five times as large.
  private static let tableBits = 22

  /// A window over all of old and new, and tables that remember all of it. Looking for long matches first makes patches
  /// of random bytes a fifth as large, as `zstd --patch-from` does too.
  private func settings(_ content: Int, _ prefix: Int) -> [(ZSTD_cParameter, Int)] {
    let span = max(1 << 10, content + prefix)
    let bits = min(Self.largestWindow, Int.bitWidth - (span - 1).leadingZeroBitCount)
    return [
      (ZSTD_c_compressionLevel, level), (ZSTD_c_checksumFlag, 1), (ZSTD_c_windowLog, bits),
      (ZSTD_c_hashLog, Self.tableBits), (ZSTD_c_chainLog, Self.tableBits),
      (ZSTD_c_enableLongDistanceMatching, 1),
    ]
  }

  private static func checked(_ result: Int) throws(Failure) -> Int {
    guard ZSTD_isError(result) == 0 else { throw Failure(reason: String(cString: ZSTD_getErrorName(result))) }
    return result
  }
}
