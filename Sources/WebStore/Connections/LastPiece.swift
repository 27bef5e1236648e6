import NIOCore
import NIOHTTP2

/// Lets the last piece of an answer's body end a stream of HTTP/2, so that no empty frame has to follow it.
///
/// It holds one piece back until the next one, the end or a flush comes.
final class LastPiece: ChannelOutboundHandler {
  typealias OutboundIn = HTTP2Frame.FramePayload
  typealias OutboundOut = HTTP2Frame.FramePayload

  private var held: (piece: HTTP2Frame.FramePayload.Data, promise: EventLoopPromise<Void>?)?

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard case .data(let piece) = unwrapOutboundIn(data) else {
      release(context)
      return context.write(data, promise: promise)
    }
    guard piece.endStream else {
      release(context)
      held = (piece, promise)
      return
    }
    guard piece.data.readableBytes == 0, var last = held?.piece else {
      release(context)
      return context.write(data, promise: promise)
    }
    let both = held?.promise ?? promise
    if let first = held?.promise, let promise { first.futureResult.cascade(to: promise) }
    held = nil
    last.endStream = true
    context.write(wrapOutboundOut(.data(last)), promise: both)
  }

  func flush(context: ChannelHandlerContext) {
    release(context)
    context.flush()
  }

  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    release(context)
    context.close(mode: mode, promise: promise)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    held?.promise?.fail(ChannelError.ioOnClosedChannel)
    held = nil
  }

  private func release(_ context: ChannelHandlerContext) {
    guard let (piece, promise) = held else { return }
    held = nil
    context.write(wrapOutboundOut(.data(piece)), promise: promise)
  }
}
