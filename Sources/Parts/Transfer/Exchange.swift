import CLibcurl
import Curl
import Synchronization

/// One attempt while libcurl works on it: judges the answer's head, hands the body to the sink, says how it ended.
///
/// It belongs to one event loop's thread, as does all that libcurl calls here.
final class Exchange: CurlReceiver {
  /// How libcurl's part ended.
  enum Ending {
    case report(AttemptReport)
    /// The same request, to be sent to another address.
    case redirect(String)
  }

  let handle: EasyHandle
  private let options: TransferOptions
  private let counter: TransferLoop
  private let limiter: BandwidthLimiter?
  private(set) var order: AttemptOrder?
  /// Where it stands among the loop's running exchanges.
  var place = 0

  private var url = ""
  private var head = ResponseHead()
  private var offset: Int64 = 0
  private var resumes = false
  private var accepts = false
  private var position: Int64 = 0
  private var received: Int64 = 0
  private var discarded = 0
  private var failure: TransferError.Reason?
  private var pages = PageWatch.off
  private var startOver: String?
  private var redirects = 0
  private var requests = 0
  private var connections = 0
  /// Bytes of any kind that came, and how many there had been when the present stretch of time began.
  private var activity: Int64 = 0
  private var stretchActivity: Int64 = 0
  private var stretchBegan = Moment.now

  private static let mostRedirects = 5
  /// What is read of the body of an answer that brings no file, so that its connection can be used again.
  private static let mostDiscarded = 64 * 1024

  init(_ options: TransferOptions, counter: TransferLoop, _ limiter: BandwidthLimiter?) throws(TransferError) {
    self.options = options
    self.counter = counter
    self.limiter = limiter
    handle = try EasyHandle(options.connection)
    let context = Unmanaged.passUnretained(self).toOpaque()
    try handle.set(CURLOPT_PRIVATE, pointer: context)
    try handle.deliver(to: self)
  }

  /// The exchange that a handle belongs to.
  static func of(_ pointer: UnsafeMutableRawPointer?) -> Exchange? {
    guard let pointer, let context = easy_info_context(pointer) else { return nil }
    return Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
  }

  // MARK: - Beginning

  func begin(_ order: AttemptOrder) throws(TransferError) {
    self.order = order
    redirects = 0
    requests = 0
    connections = 0
    received = 0
    try send(to: order.url)
  }

  /// Sends the order's request to an address: the order's own, or where a server sends us on to.
  func send(to url: String) throws(TransferError) {
    guard let order else { return }
    self.url = url
    requests += 1
    head = ResponseHead()
    accepts = false
    discarded = 0
    failure = nil
    pages = .off
    startOver = nil
    offset = order.request.sink.offset
    position = offset
    let condition = order.resumeValidators?.rangeCondition
    resumes = offset > 0 && offset < order.request.expectedBytes ?? .max && condition != nil
    var headers: [String] = []
    if resumes, let condition {
      headers.append("Range: bytes=\(offset)-")
      headers.append("If-Range: \(condition)")
    }
    if let etag = order.validators?.etag { headers.append("If-None-Match: \(etag)") }
    if let date = order.validators?.lastModified { headers.append("If-Modified-Since: \(date)") }
    restartClock()
    let bytesAtOnce = limiter?.bytesAtOnce ?? BandwidthLimiter.mostBytesAtOnce
    try handle.sign(inBy: order.proxySchemes)
    try handle.prepare(url: url, headers: headers, bytesAtOnce: bytesAtOnce, isPlainHTTP1: order.isPlainHTTP1)
  }

  // MARK: - While it runs

  /// Every byte of every file passes here: no lock, no allocation.
  func take(body bytes: UnsafeRawBufferPointer) -> Bool {
    activity += Int64(bytes.count)
    guard accepts, let request = order?.request else {
      discarded += bytes.count
      return discarded <= Self.mostDiscarded
    }
    let end = position + Int64(bytes.count)
    guard end <= request.maximumBytes else {
      failure = .tooLarge(limit: request.maximumBytes)
      return false
    }
    if let expected = request.expectedBytes, end > expected {
      failure = .wrongLength(expected: expected, received: end)
      return false
    }
    if pages.isOpen {
      failure = pages.take(bytes)
      if failure != nil { return false }
    }
    do {
      try request.sink.append(bytes)
    } catch {
      failure = .sink(error)
      return false
    }
    position = end
    received += Int64(bytes.count)
    counter.bytesReceived.add(Int64(bytes.count), ordering: .relaxed)
    return true
  }

  func take(header line: UnsafeRawBufferPointer) -> Bool {
    activity += Int64(line.count)
    switch head.take(line) {
    case .more: return true
    case .tooLong:
      failure = .malformedAnswer("its head has more than \(ResponseHead.maximumSize) bytes")
      return false
    case .end:
      do {
        try judgeHead()
      } catch {
        failure = error.reason
      }
      return failure == nil && startOver == nil
    }
  }

  /// Decides, before the first byte of the body, whether and from where it is taken.
  private func judgeHead() throws(TransferError) {
    guard let request = order?.request else { return }
    switch head.status {
    case 200:
      try judgeForm(request)
      try judgeLength(head.contentLength, request)
      if offset > 0 {
        do {
          try request.sink.restart()
        } catch {
          throw TransferError(.sink(error))
        }
      }
      do {
        try request.sink.begin(head.validators)
      } catch {
        throw TransferError(.sink(error))
      }
      position = 0
      accepts = true
    case 206:
      try judgePart(request)
    default:
      accepts = false
    }
  }

  private func judgePart(_ request: TransferRequest) throws(TransferError) {
    guard resumes else { throw TransferError(.malformedAnswer("a part was sent where all was asked for")) }
    guard let range = head.contentRange, let bounds = range.bounds else {
      throw TransferError(.malformedAnswer("a part was sent without telling which"))
    }
    guard bounds.lowerBound == offset else {
      startOver = "a part was sent from byte \(bounds.lowerBound) on, but the one from \(offset) on was asked for"
      return
    }
    guard head.validators.agrees(with: order?.resumeValidators ?? Validators()) else {
      startOver = "a part of another version of the file was sent"
      return
    }
    if let length = head.contentLength, length != bounds.upperBound - bounds.lowerBound + 1 {
      throw TransferError(.malformedAnswer("the length of a part does not fit its bounds"))
    }
    if let coding = head.foreignEncoding(of: request.place) { throw TransferError(.packed(coding)) }
    try judgeLength(range.total, request)
    accepts = true
  }

  /// Refuses what is packed on the way, and has the body watched for a page in place of the file.
  private func judgeForm(_ request: TransferRequest) throws(TransferError) {
    let mayBePage = request.takesPages || PageWatch.isNamedAsPage(request.place)
    pages = mayBePage ? .off : PageWatch(isDeclared: head.isCalledPage)
    guard let coding = head.foreignEncoding(of: request.place) else { return }
    // A page that is packed is a page first of all.
    throw TransferError(head.isCalledPage && !mayBePage ? .page(title: nil) : .packed(coding))
  }

  private func judgeLength(_ length: Int64?, _ request: TransferRequest) throws(TransferError) {
    guard let length else { return }
    if length > request.maximumBytes { throw TransferError(.tooLarge(limit: request.maximumBytes)) }
    if let expected = request.expectedBytes, expected != length {
      throw TransferError(.wrongLength(expected: expected, received: length))
    }
  }

  // MARK: - Limits of time

  /// Begins a new stretch of time.
  private func restartClock() {
    stretchBegan = .now
    stretchActivity = activity
  }

  /// The limit that has run out, if one has.
  ///
  /// - Parameters:
  ///   - lastPause: when we last did not read what there was.
  ///   - unread: how long bytes may lie there because of such pauses.
  func limitReached(now: Moment, lastPause: Moment?, unread: Duration?) -> TransferError.TimeLimit? {
    if let deadline = order?.deadline, deadline <= now { return .total }
    let unread = lastPause.map { $0 >= stretchBegan } ?? false ? unread : nil
    guard now - stretchBegan >= options.connection.stallTimeout + (unread ?? .zero) else { return nil }
    // Making the connection has its own limit, which libcurl keeps.
    if easy_info_offset(handle.pointer, CURLINFO_PRETRANSFER_TIME_T) == 0 {
      restartClock()
      return nil
    }
    let demanded = unread == nil ? options.stallBytesPerSecond : 0
    let least = Double(demanded) * (now - stretchBegan).inSeconds
    if Double(activity - stretchActivity) < max(1, least) { return .stalled }
    restartClock()
    return nil
  }

  // MARK: - Ending

  /// What came of it, once libcurl is done.
  func ended(_ code: CURLcode) -> Ending {
    connections += easy_info_long(handle.pointer, CURLINFO_NUM_CONNECTS)
    // A short page is judged when it is complete.
    if failure == nil, code == CURLE_OK, accepts { failure = pages.end() }
    if let failure { return .report(report(.failed(failure, retryAfter: nil))) }
    if let startOver { return .report(report(.startOver(startOver))) }
    // An error's body that was cut, by us or by the server, is an error all the same.
    if code != CURLE_OK && !(head.isComplete && head.status >= 300) {
      var report = report(.failed(reason(for: code), retryAfter: nil))
      report.mayBeOfHTTP2 = mayBeOfHTTP2(code)
      return .report(report)
    }
    switch head.status {
    case 200, 206: return .report(report(endedWithBody()))
    case 301, 302, 303, 307, 308: return redirection()
    default: return .report(report(endedWithoutBody()))
    }
  }

  /// Ends it from our side.
  func stopped(_ reason: TransferError.Reason) -> AttemptReport {
    connections += easy_info_long(handle.pointer, CURLINFO_NUM_CONNECTS)
    return report(.failed(reason, retryAfter: nil))
  }

  /// Lets go of the order and its sink.
  func clear() { order = nil }

  private func endedWithBody() -> AttemptReport.Outcome {
    let told = head.status == 206 ? head.contentRange?.total : head.contentLength
    let expected = order?.request.expectedBytes ?? told
    if let expected, position < expected {
      return .failed(.cutShort(expected: expected, received: position), retryAfter: nil)
    }
    return .arrived(.complete)
  }

  private func endedWithoutBody() -> AttemptReport.Outcome {
    let isConditional = !(order?.validators?.isEmpty ?? true)
    switch head.status {
    case 304 where isConditional: return .arrived(.notModified)
    case 416 where resumes: return .startOver("the server has no byte \(offset) of the file")
    case 412 where resumes || isConditional: return .startOver("the file has changed meanwhile")
    case 407:
      let refusal = handle.proxyRefusal(status: head.status, options.connection)
      return .failed(.proxy(refusal), retryAfter: nil)
    case 404, 410: return .failed(.notFound(status: head.status), retryAfter: nil)
    default: return .failed(.httpStatus(head.status), retryAfter: head.retryAfter)
    }
  }

  /// Where the server sends us on to: five times at the most, to plain HTTP only from there, and to another host
  /// only without a client certificate, which is nobody else's business.
  private func redirection() -> Ending {
    guard let target = easy_info_string(handle.pointer, CURLINFO_REDIRECT_URL).map({ String(cString: $0) }) else {
      return .report(report(.failed(.httpStatus(head.status), retryAfter: nil)))
    }
    redirects += 1
    guard let from = try? WebAddress(url), let to = try? WebAddress(target) else {
      return .report(report(.failed(.malformedAnswer("it sends us on to what is not an address"), retryAfter: nil)))
    }
    let keepsTLS = !to.isPlain || (from.isPlain && options.connection.allowsPlainHTTP)
    let keepsIdentity = options.connection.clientCertificate == nil || to.origin == from.origin
    guard redirects <= Self.mostRedirects, keepsTLS, keepsIdentity else {
      return .report(report(.failed(.refusedRedirect(to: to.redacted), retryAfter: nil)))
    }
    return .redirect(target)
  }

  private func report(_ outcome: AttemptReport.Outcome) -> AttemptReport {
    var validators = head.validators
    // A part's and an unchanged file's answer need not repeat what we know (RFC 9110, sections 15.3.7 and 15.4.5).
    let known = head.status == 206 ? order?.resumeValidators : head.status == 304 ? order?.validators : nil
    if let known { validators = validators.completed(by: known) }
    let shown = (try? WebAddress(url))?.redacted ?? ""
    return AttemptReport(
      outcome: outcome,
      url: shown,
      position: position,
      received: received,
      validators: validators,
      requests: requests,
      connections: connections,
      isMultiplexed: head.isHTTP2
    )
  }

  /// Whether what failed may be HTTP/2 and not the server: HTTP/2 says so itself, or no answer has begun over TLS, where
  /// something on the way may not carry it.
  private func mayBeOfHTTP2(_ code: CURLcode) -> AttemptReport.HTTP2Doubt {
    let isSpoken = options.connection.httpVersion != .http1 && order?.isPlainHTTP1 == false
    guard isSpoken, url.prefix(6).lowercased() == "https:" else { return .none }
    if CurlFailure.isOfHTTP2(code) { return .strong }
    let isCut = [CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING, CURLE_WEIRD_SERVER_REPLY].contains(code)
    return isCut && head.status == 0 && isAnswerBegun ? .weak : .none
  }

  /// Whether the request is sent and the head of its answer not yet complete.
  private var isAnswerBegun: Bool {
    !head.isComplete && easy_info_offset(handle.pointer, CURLINFO_PRETRANSFER_TIME_T) > 0
  }

  private func reason(for code: CURLcode) -> TransferError.Reason {
    let text = handle.failureText(code)
    if let reason = CurlFailure.reason(code, text, options.connection.proxy, isAnswerBegun: isAnswerBegun) {
      return reason
    }
    if head.status == 0, let refusal = handle.proxyRefusal(options.connection) { return .proxy(refusal) }
    let told = head.status == 206 ? head.contentRange?.total : head.status == 200 ? head.contentLength : nil
    return .cutShort(expected: told ?? (accepts ? order?.request.expectedBytes : nil), received: position)
  }
}
