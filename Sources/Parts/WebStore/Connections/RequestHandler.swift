import MirrorTypes
import NIOCore
import NIOHTTP1

/// Answers the requests of one connection of HTTP/1, or the request of one stream of HTTP/2, one after the other.
final class RequestHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  /// How answers go out.
  enum Wire {
    /// The kernel sends files by itself.
    case http1
    case http1OverTLS
    /// The channel is one stream.
    case http2

    /// The most bytes of a file that are on their way in one piece: a client that takes less in the time for a piece is
    /// too slow.
    var pieceSize: Int64 { self == .http1 ? 512 << 10 : 128 << 10 }
  }

  private enum State {
    /// Nothing is asked for.
    case idle
    /// A request is being answered, and nothing of the answer is sent yet.
    case preparing
    case sending
    /// Nothing more will be sent.
    case over
  }

  /// A request and what became of it.
  private struct Exchange {
    let request: HTTPRequestHead
    let keepsAlive: Bool
    var status = 0
    /// Bytes of the body that were handed over to be sent.
    var sent: Int64 = 0
  }

  /// The most pieces on their way at once.
  private static let maximumPieces = 2

  private let serving: Serving
  private let kind: Wire
  private let address: ClientAddress?
  private var state = State.idle
  private var exchange: Exchange?
  private var source: BodySource?
  private var piecesOnTheWay = 0
  private var isReading = false
  private var deadline: Deadline?
  private var context: ChannelHandlerContext?

  /// The guard of the connection that a stream belongs to, which learns the outcome of the request.
  private let work: StreamGuard?

  init(_ serving: Serving, _ kind: Wire, from address: ClientAddress?, work: StreamGuard? = nil) {
    self.serving = serving
    self.kind = kind
    self.address = address
    self.work = work
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    deadline = Deadline(on: context.eventLoop) { [unowned self] in timeIsOver() }
    waitForRequest(isFirst: true)
  }

  func handlerRemoved(context: ChannelHandlerContext) { end() }

  func channelInactive(context: ChannelHandlerContext) {
    // A stream of HTTP/2 ends as soon as its last frame is on the way.
    if case .over = state { finishExchange(.answered) } else { finishExchange(.givenUp) }
    end()
    context.fireChannelInactive()
  }

  private func end() {
    state = .over
    source = nil
    deadline?.cancel()
    context = nil
  }

  // MARK: - Time

  private func waitForRequest(isFirst: Bool) {
    deadline?.set(.time(isFirst ? serving.options.headTimeout : serving.options.idleTimeout))
  }

  /// Whether no request is being answered.
  var isWaiting: Bool { if case .idle = state { true } else { false } }

  /// The first bytes of a request have come; its end has to follow soon.
  func requestBegins() {
    if isWaiting { deadline?.set(.time(serving.options.headTimeout)) }
  }

  private func timeIsOver() {
    if case .idle = state {} else { serving.metrics.count(.slow) }
    finishExchange(.givenUp)
    context?.close(promise: nil)
  }

  // MARK: - Requests

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): begin(head, context)
    // Nobody has anything to tell us: what comes is not kept, and the connection ends with the answer.
    case .body, .end: break
    }
  }

  private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    guard case .idle = state else { return }
    state = .preparing
    deadline?.set(.time(serving.options.stallTimeout))
    let hasBody =
      head.headers.contains(name: "transfer-encoding") || head.headers["content-length"].contains { $0 != "0" }
    exchange = Exchange(request: head, keepsAlive: head.isKeepAlive && !hasBody)
    if let rate = serving.rate, let address,
      !rate.admits(address.client, at: Double(NIODeadline.now().uptimeNanoseconds) * 1e-9)
    {
      serving.metrics.count(.rate)
      let answer = Answer.text(
        .tooManyRequests,
        "too many requests",
        [("Retry-After", "1"), ("Cache-Control", "no-store")],
        isHead: head.method == .HEAD
      )
      return send(answer)
    }
    switch serving.site.answer(head, now: Serving.now) {
    case .now(let answer): prepare(answer)
    case .onDisk(let look): onThread(look) { handler, answer in handler.prepare(answer) }
    }
  }

  /// Does what may wait for a disk on a thread, and goes on with it here.
  private func onThread<Value: Sendable>(
    _ work: @escaping @Sendable () throws -> Value,
    then next: @escaping (RequestHandler, Value) -> Void
  ) {
    guard let context else { return }
    serving.threads.runIfActive(eventLoop: context.eventLoop, work).assumeIsolated().whenComplete { result in
      guard self.context != nil else { return }
      switch result {
      case .success(let value): next(self, value)
      case .failure: self.fail()
      }
    }
  }

  /// What an answer needs could not be read.
  private func fail() {
    switch state {
    case .preparing: send(Site.failed(isHead: exchange?.request.method == .HEAD))
    // Too late for another answer: its end would look like the end of the file.
    default:
      finishExchange(.failed)
      context?.close(promise: nil)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? HTTPParserError, case .idle = state, kind != .http2 else {
      finishExchange(.givenUp)
      return context.close(promise: nil)
    }
    let isTooLarge = error == .headerOverflow
    let status: HTTPResponseStatus = isTooLarge ? .requestHeaderFieldsTooLarge : .badRequest
    state = .preparing
    exchange = Exchange(request: HTTPRequestHead(version: .http1_1, method: .GET, uri: "-"), keepsAlive: false)
    send(.text(status, isTooLarge ? "the request's fields are too large" : "this is not a request", isHead: false))
  }

  // MARK: - Answers

  /// Finds the bytes of an answer, then sends it.
  private func prepare(_ answer: Answer) {
    switch answer.body {
    case .none, .bytes: send(answer)
    case .packed(let file, let coding): pack(file, coding, answer)
    case .file(let file, let pieces): open(file, pieces, answer)
    }
  }

  private func open(_ file: WebFile, _ pieces: [Answer.Piece], _ answer: Answer) {
    switch file.bytes {
    case .inMemory(let bytes): send(answer, cut(ByteBuffer(bytes: bytes), pieces))
    case .at(let path):
      let isSmall = file.size <= Serving.keptSize
      let key = ByteCache.Key(digest: file.digest, coding: nil)
      if isSmall, let kept = serving.cache[key] { return send(answer, cut(kept, pieces)) }
      let opened: OpenFile
      do {
        opened = try OpenFile(path, size: file.size)
      } catch {
        // The release is gone, or damaged.
        let isHead = exchange?.request.method == .HEAD
        return send(
          error.reason == .noSuchFileOrDirectory ? Site.notFound(isHead: isHead) : Site.failed(isHead: isHead)
        )
      }
      if isSmall, let context, let bytes = opened.cached(0..<file.size, context.channel.allocator) {
        serving.cache.keep(bytes, under: key)
        return send(answer, cut(bytes, pieces))
      }
      send(answer, pieces, of: opened)
    }
  }

  /// Pieces of bytes that are in memory.
  private func cut(_ bytes: ByteBuffer, _ pieces: [Answer.Piece]) -> [Answer.Piece] {
    pieces.map { piece in
      guard case .stretch(let range) = piece,
        let slice = bytes.getSlice(
          at: bytes.readerIndex + Int(range.lowerBound),
          length: Int(range.upperBound - range.lowerBound)
        )
      else { return piece }
      return .bytes(slice)
    }
  }

  private func pack(_ file: WebFile, _ coding: ContentCoding, _ answer: Answer) {
    let key = ByteCache.Key(digest: file.digest, coding: coding)
    if let kept = serving.cache[key] { return sendPacked(kept, answer) }
    let cache = serving.cache
    onThread {
      let bytes: ByteBuffer =
        switch file.bytes {
        case .inMemory(let bytes): ByteBuffer(bytes: bytes)
        case .at(let path): try OpenFile(path, size: file.size).read(0..<file.size)
        }
      guard let packed = bytes.withUnsafeReadableBytes({ Compression.pack($0, as: coding) }) else {
        throw CompressionFailure()
      }
      cache.keep(packed, under: key)
      return packed
    } then: { handler, packed in
      handler.sendPacked(packed, answer)
    }
  }

  private struct CompressionFailure: Error {}

  private func sendPacked(_ packed: ByteBuffer, _ answer: Answer) {
    var answer = answer
    answer.headers.add(name: "Content-Length", value: "\(packed.readableBytes)")
    send(answer, exchange?.request.method == .HEAD ? [] : [.bytes(packed)])
  }

  private func send(_ answer: Answer) {
    if case .bytes(let bytes) = answer.body { send(answer, [.bytes(bytes)]) } else { send(answer, []) }
  }

  private func send(_ answer: Answer, _ pieces: [Answer.Piece], of file: OpenFile? = nil) {
    guard let context, let exchange else { return }
    state = .sending
    self.exchange?.status = Int(answer.status.code)
    var headers = answer.headers
    headers.add(name: "Date", value: HTTPDate.text(Serving.now))
    headers.add(name: "Server", value: "kscmirror")
    headers.add(name: "X-Content-Type-Options", value: "nosniff")
    if kind != .http2, !exchange.keepsAlive { headers.add(name: "Connection", value: "close") }
    if kind != .http2, exchange.keepsAlive, exchange.request.version == .http1_0 {
      headers.add(name: "Connection", value: "keep-alive")
    }
    let head = HTTPResponseHead(version: exchange.request.version, status: answer.status, headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    source = BodySource(file: file, pieces: pieces, size: kind.pieceSize)
    pump()
  }

  // MARK: - Bodies

  /// Sends on while there is room on the way.
  private func pump() {
    guard let context, case .sending = state else { return }
    while !isReading {
      // A stream's end goes out in one frame with the last piece, not once that is taken: a client that counts the bytes
      // would break off the stream, whose end is still to come.
      if kind == .http2, source?.isAtEnd == true { return finish(context) }
      guard piecesOnTheWay < Self.maximumPieces else { break }
      guard let chunk = source?.next() else { return finish(context) }
      switch chunk {
      case .bytes(let buffer): write(.byteBuffer(buffer), context)
      case .stretch(let range): write(range, context)
      }
    }
    context.flush()
  }

  private func write(_ range: Range<Int64>, _ context: ChannelHandlerContext) {
    guard let file = source?.file else { return fail() }
    if kind == .http1 {
      guard let handle = file.duplicate() else { return fail() }
      let region = FileRegion(
        fileHandle: handle,
        readerIndex: Int(range.lowerBound),
        endIndex: Int(range.upperBound)
      )
      return write(.fileRegion(region), context) { try? handle.close() }
    }
    if let bytes = file.cached(range, context.channel.allocator) { return write(.byteBuffer(bytes), context) }
    isReading = true
    onThread {
      try file.read(range)
    } then: { handler, bytes in
      handler.isReading = false
      guard let context = handler.context else { return }
      handler.write(.byteBuffer(bytes), context)
      handler.pump()
    }
  }

  private func write(
    _ bytes: IOData,
    _ context: ChannelHandlerContext,
    afterwards: @escaping () -> Void = {}
  ) {
    piecesOnTheWay += 1
    exchange?.sent += Int64(bytes.readableBytes)
    let written = context.eventLoop.makePromise(of: Void.self)
    written.futureResult.assumeIsolated().whenComplete { result in
      afterwards()
      self.piecesOnTheWay -= 1
      guard case .success = result, self.exchange != nil else { return }
      switch self.state {
      case .sending:
        self.deadline?.set(.time(self.serving.options.stallTimeout))
        self.pump()
      // The last pieces are on their way.
      case .over: self.deadline?.set(.time(self.serving.options.stallTimeout))
      case .idle, .preparing: break
      }
    }
    context.write(wrapOutboundOut(.body(bytes)), promise: written)
  }

  /// All of the body is on its way.
  private func finish(_ context: ChannelHandlerContext) {
    source = nil
    guard kind != .http2, exchange?.keepsAlive == true else {
      state = .over
      let written = context.eventLoop.makePromise(of: Void.self)
      written.futureResult.assumeIsolated().whenComplete { result in
        if case .success = result { self.finishExchange(.answered) } else { self.finishExchange(.givenUp) }
        self.context?.close(promise: nil)
      }
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
      return
    }
    finishExchange(.answered)
    state = .idle
    waitForRequest(isFirst: false)
    // The next request may be delivered before this returns.
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  /// What came of a request.
  private enum Outcome {
    /// The answer has gone out whole.
    case answered
    /// The client did not wait for it, or took nothing of it for too long.
    case givenUp
    /// It could not be read to its end here.
    case failed
  }

  /// An answer has gone out, or has been cut off.
  private func finishExchange(_ outcome: Outcome) {
    guard let exchange else { return }
    self.exchange = nil
    switch outcome {
    case .answered: work?.answered()
    case .givenUp: work?.givenUp()
    case .failed: break
    }
    serving.metrics.countAnswer(status: exchange.status, bytes: exchange.sent)
    serving.log?.add(
      AccessLog.Entry(
        address: address?.text ?? "-",
        request: exchange.request,
        status: exchange.status,
        bytes: exchange.sent,
        time: Serving.now
      )
    )
  }
}
