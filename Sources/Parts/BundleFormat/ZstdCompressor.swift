import CLibzstd
import SystemPackage

/// Compresses a stream with zstd on several threads.
///
/// libarchive's own filter leaves zstd its default job size, which costs some 60 MB with two threads; smaller jobs
/// cost a fraction of that and next to no compression.
final class ZstdCompressor {
  private let context: OpaquePointer
  private let path: FilePath
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 64)

  /// The bytes that one thread compresses at a time.
  static let jobSize = 4 << 20

  /// A compressor for the file at `path`, which is named in errors.
  init(_ path: FilePath, level: Int, threads: Int) throws(BundleError) {
    guard let context = ZSTD_createCCtx() else { throw .archive(path, "out of memory") }
    self.context = context
    self.path = path
    let settings: [(ZSTD_cParameter, Int)] = [
      (ZSTD_c_compressionLevel, level), (ZSTD_c_checksumFlag, 1), (ZSTD_c_nbWorkers, threads),
      (ZSTD_c_jobSize, Self.jobSize),
    ]
    // A libzstd without threads refuses the last two, and compresses on the caller's.
    for (parameter, value) in settings { _ = ZSTD_CCtx_setParameter(context, parameter, Int32(value)) }
  }

  deinit {
    ZSTD_freeCCtx(context)
    buffer.deallocate()
  }

  /// Compresses further bytes; `keep` takes what is ready.
  func compress(
    _ bytes: UnsafeRawBufferPointer,
    _ keep: (UnsafeRawBufferPointer) throws(BundleError) -> Void
  ) throws(BundleError) {
    var input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
    while input.pos < input.size { _ = try step(&input, ZSTD_e_continue, keep) }
  }

  /// Ends the stream.
  func finish(_ keep: (UnsafeRawBufferPointer) throws(BundleError) -> Void) throws(BundleError) {
    var input = ZSTD_inBuffer(src: nil, size: 0, pos: 0)
    while try step(&input, ZSTD_e_end, keep) > 0 {}
  }

  /// One call of the compressor: how much it still has to give.
  private func step(
    _ input: inout ZSTD_inBuffer,
    _ mode: ZSTD_EndDirective,
    _ keep: (UnsafeRawBufferPointer) throws(BundleError) -> Void
  ) throws(BundleError) -> Int {
    var output = ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
    let result = ZSTD_compressStream2(context, &output, &input, mode)
    guard ZSTD_isError(result) == 0 else {
      throw .archive(path, "zstd failed: \(String(cString: ZSTD_getErrorName(result)))")
    }
    if output.pos > 0 { try keep(UnsafeRawBufferPointer(rebasing: buffer[..<output.pos])) }
    return result
  }
}
