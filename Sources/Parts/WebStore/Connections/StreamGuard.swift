import NIOCore
import NIOHTTP2

/// Ends a connection of HTTP/2 that has had no request for some time, one that does not end when it was asked to, and one
/// whose client gives up more of its requests than ``ResetAllowance`` allows.
final class StreamGuard: ChannelInboundHandler {
  typealias InboundIn = HTTP2Frame
  typealias OutboundOut = HTTP2Frame

  private let idleTime: TimeAmount
  private var streams = 0
  private var isEnding = false
  private var deadline: Deadline?
  private var allowance = ResetAllowance(at: .now())
  private var isRefused = false
  private var context: ChannelHandlerContext?

  /// How long a client has to answer a farewell.
  private static let farewell = TimeAmount.seconds(10)

  init(_ idleTime: TimeAmount) { self.idleTime = idleTime }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    let channel = context.channel
    deadline = Deadline(on: context.eventLoop) { [unowned self] in
      guard !isEnding else { return channel.close(promise: nil) }
      isEnding = true
      deadline?.set(Self.farewell)
      channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }
    deadline?.set(idleTime)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    deadline?.cancel()
    self.context = nil
  }

  func channelInactive(context: ChannelHandlerContext) {
    deadline?.cancel()
    context.fireChannelInactive()
  }

  private func streamBegins() {
    streams += 1
    // A request that crossed our farewell on its way is answered whole: each stream has a time of its own.
    deadline?.clear()
  }

  private func streamEnds() {
    streams -= 1
    if streams <= 0 { deadline?.set(isEnding ? Self.farewell : idleTime) }
  }

  // MARK: - What comes of requests

  /// The answer of a stream has gone out whole.
  func answered() { allowance.answered() }

  /// A stream has ended before its answer had gone out.
  func givenUp() {
    guard !isRefused, !allowance.givenUp(at: .now()), let context else { return }
    isRefused = true
    // Not from inside of the handler that is just closing the stream.
    let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
    context.eventLoop.execute { handler.value.refuse() }
  }

  private func refuse() {
    guard let context else { return }
    // "No stream was processed": what else the client wanted here it may ask for again on another connection.
    let frame = HTTP2Frame(
      streamID: .rootStream,
      payload: .goAway(lastStreamID: .rootStream, errorCode: .enhanceYourCalm, opaqueData: nil)
    )
    context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    context.close(promise: nil)
  }

  /// What tells this guard, and another one, of the streams of a connection.
  struct Delegate: NIOHTTP2StreamDelegate {
    private let streams: NIOLoopBound<StreamGuard>
    private let next: any NIOHTTP2StreamDelegate

    init(_ streams: StreamGuard, on eventLoop: any EventLoop, then next: any NIOHTTP2StreamDelegate) {
      self.streams = NIOLoopBound(streams, eventLoop: eventLoop)
      self.next = next
    }

    func streamCreated(_ id: HTTP2StreamID, channel: any Channel) {
      streams.value.streamBegins()
      next.streamCreated(id, channel: channel)
    }

    func streamClosed(_ id: HTTP2StreamID, channel: any Channel) {
      streams.value.streamEnds()
      next.streamClosed(id, channel: channel)
    }
  }
}
