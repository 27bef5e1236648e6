import CLibz
import CLibzstd
import MirrorTypes
import NIOCore
import Synchronization

/// Packs bytes in a coding.
enum Compression {
  /// The packed bytes; `nil` when the library cannot.
  static func pack(_ bytes: UnsafeRawBufferPointer, as coding: ContentCoding) -> ByteBuffer? {
    switch coding {
    case .gzip: gzip(bytes)
    case .zstd: zstd(bytes)
    }
  }

  private static func zstd(_ bytes: UnsafeRawBufferPointer) -> ByteBuffer? {
    let bound = ZSTD_compressBound(bytes.count)
    var packed = ByteBufferAllocator().buffer(capacity: bound)
    var isGood = true
    _ = packed.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) { target in
      let count = ZSTD_compress(target.baseAddress, target.count, bytes.baseAddress, bytes.count, 9)
      isGood = ZSTD_isError(count) == 0
      return isGood ? count : 0
    }
    return isGood ? packed : nil
  }

  private static func gzip(_ bytes: UnsafeRawBufferPointer) -> ByteBuffer? {
    var stream = z_stream()
    // 15 bits of window, and 16 for a gzip header.
    let started = deflateInit2_(
      &stream,
      6,
      Z_DEFLATED,
      15 + 16,
      8,
      Z_DEFAULT_STRATEGY,
      ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size)
    )
    guard started == Z_OK else { return nil }
    defer { deflateEnd(&stream) }
    let bound = Int(deflateBound(&stream, uLong(bytes.count)))
    var packed = ByteBufferAllocator().buffer(capacity: bound)
    var isGood = false
    _ = packed.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) { target in
      stream.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
      stream.avail_in = UInt32(bytes.count)
      stream.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.avail_out = UInt32(target.count)
      isGood = deflate(&stream, Z_FINISH) == Z_STREAM_END
      return isGood ? Int(stream.total_out) : 0
    }
    return isGood ? packed : nil
  }
}

/// Bytes that were read or packed before, so that the next one who asks need not wait. What is kept never goes stale,
/// since it goes by the digest of the content; when there is too much, what was not asked for longest goes.
final class ByteCache: Sendable {
  /// What is kept.
  struct Key: Hashable {
    let digest: Digest256
    /// How it is packed; `nil`: as it is.
    let coding: ContentCoding?
  }

  private struct Kept {
    let buffer: ByteBuffer
    var lastUse: UInt64
  }

  private struct State {
    var kept: [Key: Kept] = [:]
    var bytes = 0
    var clock: UInt64 = 0
  }

  private let state = Mutex(State())
  private let limit: Int

  /// - Parameter limit: the most bytes that are kept.
  init(limit: Int) { self.limit = limit }

  /// What is kept under a key.
  subscript(_ key: Key) -> ByteBuffer? {
    state.withLock { state in
      state.clock += 1
      guard let position = state.kept.index(forKey: key) else { return nil }
      state.kept.values[position].lastUse = state.clock
      return state.kept.values[position].buffer
    }
  }

  /// Keeps bytes, unless they alone are a large part of what may be kept.
  func keep(_ buffer: ByteBuffer, under key: Key) {
    guard buffer.readableBytes <= limit / 8 else { return }
    state.withLock { state in
      state.clock += 1
      if let old = state.kept.updateValue(Kept(buffer: buffer, lastUse: state.clock), forKey: key) {
        state.bytes -= Self.weight(old.buffer)
      }
      state.bytes += Self.weight(buffer)
      guard state.bytes > limit else { return }
      // Rare: it makes room for an eighth, so that the next ones find some.
      for (key, old) in state.kept.sorted(by: { $0.value.lastUse < $1.value.lastUse }) {
        guard state.bytes > limit - limit / 8 else { break }
        state.kept[key] = nil
        state.bytes -= Self.weight(old.buffer)
      }
    }
  }

  private static func weight(_ buffer: ByteBuffer) -> Int { buffer.storageCapacity + 128 }
}
