import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOSSL
import NIOTLS

/// Puts together what a new connection goes through.
enum Pipelines {
  /// The most bytes of all fields of a request together, and of one.
  static let maximumHeadSize = 32 << 10
  /// The most fields of a request.
  static let maximumFieldCount = 100
  /// The most streams of one connection of HTTP/2 at once.
  static let maximumStreams = 100
  /// The most frames that reset streams in a tenth of a second.
  static let maximumResetFrames = 2000

  /// A new connection, not yet secured. On its event loop.
  static func configure(
    _ channel: any Channel,
    _ serving: Serving,
    _ identity: ServerIdentity?,
    from address: ClientAddress?
  ) throws {
    let pipeline = channel.pipeline.syncOperations
    guard let identity else { return try configureHTTP1(channel, serving, .http1, from: address) }
    let metrics = serving.metrics
    try pipeline.addHandler(NIOSSLServerHandler(context: identity.context))
    try pipeline.addHandler(HandshakeGuard(.time(serving.options.headTimeout)) { metrics.count(.slow) })
    try pipeline.addHandler(
      ApplicationProtocolNegotiationHandler { result, channel in
        channel.eventLoop.makeCompletedFuture {
          if case .negotiated("h2") = result {
            try configureHTTP2(channel, serving, from: address)
          } else {
            try configureHTTP1(channel, serving, .http1OverTLS, from: address)
          }
        }
      }
    )
    try pipeline.addHandler(SilentEnd())
  }

  private static func configureHTTP1(
    _ channel: any Channel,
    _ serving: Serving,
    _ kind: RequestHandler.Wire,
    from address: ClientAddress?
  ) throws {
    var limits = NIOHTTPDecoderLimitConfiguration()
    limits.maxHeaderFieldSize = maximumHeadSize
    limits.maxHeaderListSize = maximumHeadSize
    limits.maxHeaderFieldCount = maximumFieldCount
    let requests = RequestHandler(serving, kind, from: address)
    try channel.pipeline.syncOperations.addHandlers([
      HeadGuard(requests),
      HTTPResponseEncoder(),
      ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: limits)),
      HTTPServerPipelineHandler(),
      requests,
    ])
  }

  private static func configureHTTP2(_ channel: any Channel, _ serving: Serving, from address: ClientAddress?) throws {
    var connection = NIOHTTP2Handler.ConnectionConfiguration()
    connection.initialSettings = [
      HTTP2Setting(parameter: .maxConcurrentStreams, value: maximumStreams),
      HTTP2Setting(parameter: .maxHeaderListSize, value: maximumHeadSize),
    ]
    var stream = NIOHTTP2Handler.StreamConfiguration()
    // Nobody has anything to send to us.
    stream.targetWindowSize = 65_535
    // Resets are judged by what they are of (ResetAllowance). The library counts each frame, so that a client that resets
    // streams whose answers it has in full, as curl does when the end of a stream comes in a frame of its own, would be
    // sent away; to a stream that is closed a reset is as cheap as any ignored frame. This bounds only the bare flood.
    stream.streamResetFrameRateLimit.maximumCount = maximumResetFrames
    stream.streamResetFrameRateLimit.windowLength = .milliseconds(100)
    let pipeline = channel.pipeline.syncOperations
    let management = NIOHTTP2ServerConnectionManagementHandler(
      eventLoop: channel.eventLoop,
      configuration: .init(
        maxIdleTime: nil,
        maxAge: nil,
        // The end of the server has a time of its own (Connections), and each stream has one.
        maxGraceTime: nil,
        keepalive: nil
      )
    )
    let streams = StreamGuard(.time(serving.options.idleTimeout))
    let work = NIOLoopBound(streams, eventLoop: channel.eventLoop)
    _ = try pipeline.configureHTTP2Pipeline(
      mode: .server,
      connectionConfiguration: connection,
      streamConfiguration: stream,
      streamDelegate: StreamGuard.Delegate(streams, on: channel.eventLoop, then: management.http2StreamDelegate)
    ) { stream in
      stream.eventLoop.makeCompletedFuture {
        try stream.pipeline.syncOperations.addHandlers([
          LastPiece(),
          HTTP2FramePayloadToHTTP1ServerCodec(),
          RequestHandler(serving, .http2, from: address, work: work.value),
        ])
      }
    }
    try pipeline.addHandler(management)
    try pipeline.addHandler(streams)
    try pipeline.addHandler(SilentEnd())
  }
}

/// A client that breaks a protocol, or goes away, is its own affair: the connection ends.
final class SilentEnd: ChannelInboundHandler {
  typealias InboundIn = NIOAny

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
