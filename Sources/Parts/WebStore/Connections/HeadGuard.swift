import NIOCore

/// Sees the first bytes of a request of HTTP/1 before they are one, so that they cannot trickle in for ever.
final class HeadGuard: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let requests: RequestHandler

  init(_ requests: RequestHandler) { self.requests = requests }

  private var hasBegun = false

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    // Once for each wait: more bytes win no more time.
    if requests.isWaiting {
      if !hasBegun { requests.requestBegins() }
      hasBegun = true
    } else {
      hasBegun = false
    }
    context.fireChannelRead(data)
    if !requests.isWaiting { hasBegun = false }
  }
}
