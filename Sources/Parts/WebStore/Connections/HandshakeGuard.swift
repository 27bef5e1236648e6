import NIOCore
import NIOTLS

/// Closes a connection that is not secured in time.
final class HandshakeGuard: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer

  private let time: TimeAmount
  private let onTimeout: () -> Void
  private var deadline: Deadline?

  init(_ time: TimeAmount, onTimeout: @escaping () -> Void) {
    self.time = time
    self.onTimeout = onTimeout
  }

  func handlerAdded(context: ChannelHandlerContext) {
    let channel = context.channel
    let onTimeout = onTimeout
    deadline = Deadline(on: context.eventLoop) {
      onTimeout()
      channel.close(promise: nil)
    }
    deadline?.set(time)
  }

  func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }

  func channelInactive(context: ChannelHandlerContext) {
    deadline?.cancel()
    context.fireChannelInactive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .handshakeCompleted = event as? TLSUserEvent { deadline?.cancel() }
    context.fireUserInboundEventTriggered(event)
  }
}
