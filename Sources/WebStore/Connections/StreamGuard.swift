import NIOCore
import NIOHTTP2

/// Ends a connection of HTTP/2 that has had no request for some time, and one that does not end when it was asked to.
final class StreamGuard: ChannelInboundHandler {
  typealias InboundIn = HTTP2Frame

  private let idleTime: TimeAmount
  private var streams = 0
  private var isEnding = false
  private var deadline: Deadline?

  /// How long a client has to answer a farewell.
  private static let farewell = TimeAmount.seconds(10)

  init(_ idleTime: TimeAmount) { self.idleTime = idleTime }

  func handlerAdded(context: ChannelHandlerContext) {
    let channel = context.channel
    deadline = Deadline(on: context.eventLoop) { [unowned self] in
      guard !isEnding else { return channel.close(promise: nil) }
      isEnding = true
      deadline?.set(Self.farewell)
      channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }
    deadline?.set(idleTime)
  }

  func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }

  func channelInactive(context: ChannelHandlerContext) {
    deadline?.cancel()
    context.fireChannelInactive()
  }

  private func streamBegins() {
    streams += 1
    if !isEnding { deadline?.clear() }
  }

  private func streamEnds() {
    streams -= 1
    if streams <= 0, !isEnding { deadline?.set(idleTime) }
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
