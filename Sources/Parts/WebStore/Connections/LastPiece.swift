import NIOCore
import NIOHTTP2

/// Lets what an answer sends last end a stream of HTTP/2, its head or the last piece of its body, so that no empty frame
/// has to follow: a client that has all that it counts on may take the stream for one to break off.
///
/// It holds a head or a piece back until the next one, the end or a flush comes.
final class LastPiece: ChannelOutboundHandler {
  typealias OutboundIn = HTTP2Frame.FramePayload
  typealias OutboundOut = HTTP2Frame.FramePayload

  private var held: (payload: HTTP2Frame.FramePayload, promise: EventLoopPromise<Void>?)?

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let payload = unwrapOutboundIn(data)
    switch payload {
    case .data(let piece) where piece.endStream:
      guard piece.data.readableBytes == 0, let (last, first) = held, let ended = Self.ended(last) else { break }
      held = nil
      if let first, let promise { first.futureResult.cascade(to: promise) }
      return context.write(wrapOutboundOut(ended), promise: first ?? promise)
    case .data, .headers:
      guard Self.ended(payload) != nil else { break }
      release(context)
      held = (payload, promise)
      return
    default: break
    }
    release(context)
    context.write(data, promise: promise)
  }

  /// The same frame as the last one of its stream; `nil` for what ends it already, or cannot.
  private static func ended(_ payload: HTTP2Frame.FramePayload) -> HTTP2Frame.FramePayload? {
    switch payload {
    case .data(var piece) where !piece.endStream:
      piece.endStream = true
      return .data(piece)
    case .headers(var head) where !head.endStream:
      head.endStream = true
      return .headers(head)
    default: return nil
    }
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
    guard let (payload, promise) = held else { return }
    held = nil
    context.write(wrapOutboundOut(payload), promise: promise)
  }
}
