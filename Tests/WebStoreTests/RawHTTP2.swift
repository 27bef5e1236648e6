import NIOCore
import NIOPosix
import NIOSSL
import TestSupport

/// A frame of HTTP/2 (RFC 9113, section 4.1), as it is on the wire.
struct Frame: Hashable {
  enum Kind {
    static let data: UInt8 = 0
    static let headers: UInt8 = 1
    static let priority: UInt8 = 2
    static let reset: UInt8 = 3
    static let settings: UInt8 = 4
    static let ping: UInt8 = 6
    static let farewell: UInt8 = 7
    static let window: UInt8 = 8
    static let continuation: UInt8 = 9
  }

  static let endOfStream: UInt8 = 1
  static let acknowledged: UInt8 = 1
  static let endOfHeaders: UInt8 = 4

  var kind: UInt8
  var flags: UInt8 = 0
  var stream: UInt32 = 0
  var payload: [UInt8] = []

  var bytes: [UInt8] {
    let count = payload.count
    return [UInt8(count >> 16), UInt8(count >> 8 & 0xFF), UInt8(count & 0xFF), kind, flags] + Self.four(stream)
      + payload
  }

  static func four(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(value >> (24 - 8 * $0) & 0xFF) } }

  /// A request for a path, its fields not packed: literals without indexing (RFC 7541, section 6.2.2).
  static func get(_ path: String, stream: UInt32, more: [(String, String)] = []) -> Frame {
    let fields = [(":method", "GET"), (":scheme", "https"), (":path", path), (":authority", "localhost")] + more
    return Frame(
      kind: Kind.headers,
      flags: endOfStream | endOfHeaders,
      stream: stream,
      payload: fields.flatMap { literal($0, $1) }
    )
  }

  static func literal(_ name: String, _ value: String) -> [UInt8] { [0] + text(name) + text(value) }

  /// A length in the prefix of seven bits and what follows, without Huffman's code.
  private static func text(_ text: String) -> [UInt8] {
    let bytes = Array(text.utf8)
    guard bytes.count >= 127 else { return [UInt8(bytes.count)] + bytes }
    var (length, rest) = ([UInt8(127)], bytes.count - 127)
    while rest >= 128 {
      length.append(UInt8(rest % 128 + 128))
      rest /= 128
    }
    return length + [UInt8(rest)] + bytes
  }

  static func reset(_ stream: UInt32) -> Frame { Frame(kind: Kind.reset, stream: stream, payload: four(8)) }

  static func settings(_ settings: [(UInt16, UInt32)] = []) -> Frame {
    Frame(kind: Kind.settings, payload: settings.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] + four($1) })
  }

  static func window(_ stream: UInt32, by increment: UInt32) -> Frame {
    Frame(kind: Kind.window, stream: stream, payload: four(increment))
  }

  /// How the frame closes a stream or the connection; `nil` where it does not.
  var errorCode: UInt32? {
    switch kind {
    case Kind.reset: number(0)
    case Kind.farewell: number(4)
    default: nil
    }
  }

  private func number(_ start: Int) -> UInt32? {
    guard payload.count >= start + 4 else { return nil }
    return payload[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) }
  }
}

/// A connection of HTTP/2 over TLS that sends what it is told to, whatever the rules say.
final class RawHTTP2 {
  let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
  private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
  private var waiting: [UInt8] = []

  private init(
    _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
    _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>
  ) {
    self.outbound = outbound
    self.inbound = inbound.makeAsyncIterator()
  }

  static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  /// Connects, says the preface unless told not to, and runs a body.
  static func run<T: Sendable>(
    _ port: Int,
    settings: [(UInt16, UInt32)] = [],
    saysPreface: Bool = true,
    _ body: @escaping @Sendable (RawHTTP2) async throws -> T
  ) async throws -> T {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.certificateVerification = .none
    configuration.applicationProtocols = ["h2"]
    let context = try NIOSSLContext(configuration: configuration)
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: context, serverHostname: nil))
          return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    return try await channel.executeThenClose { inbound, outbound in
      let connection = RawHTTP2(outbound, inbound)
      if saysPreface { try await outbound.write(ByteBuffer(bytes: preface + Frame.settings(settings).bytes)) }
      return try await body(connection)
    }
  }

  /// Sends bytes; that the server has closed meanwhile is no error, and is seen when something is read.
  func send(_ bytes: [UInt8]) async { try? await outbound.write(ByteBuffer(bytes: bytes)) }

  func send(_ frames: [Frame]) async { await send(frames.flatMap(\.bytes)) }

  /// The next frame; `nil` once the server has closed.
  func next() async -> Frame? {
    while true {
      if waiting.count >= 9 {
        let count = Int(waiting[0]) << 16 | Int(waiting[1]) << 8 | Int(waiting[2])
        if waiting.count >= 9 + count {
          let stream = waiting[5..<9].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
          let frame = Frame(
            kind: waiting[3],
            flags: waiting[4],
            stream: stream & 0x7FFF_FFFF,
            payload: Array(waiting[9..<9 + count])
          )
          waiting.removeFirst(9 + count)
          return frame
        }
      }
      guard let buffer = (try? await inbound.next()) ?? nil else { return nil }
      waiting += buffer.readableBytesView
    }
  }

  /// Reads frames until one is as wanted, or the server has closed; returns all that came.
  func read(until isLast: (Frame) -> Bool) async -> [Frame] {
    var frames: [Frame] = []
    while let frame = await next() {
      frames.append(frame)
      if isLast(frame) { break }
    }
    return frames
  }
}
