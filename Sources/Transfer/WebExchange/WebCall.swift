import CLibcurl
import Glibc

/// One request while libcurl works on it. It belongs to the exchange's thread, as does all that libcurl calls here.
final class WebCall {
  /// A request, and who waits for its answer.
  struct Order: Sendable {
    let id: UInt64
    let request: WebRequest
    let lines: [String]
    let continuation: CheckedContinuation<Result<WebResponse, TransferError>, Never>
  }

  let order: Order
  private let handle: EasyHandle
  private let options: WebExchangeOptions
  private let origin: String
  /// libcurl reads the body from here. It may be a secret: it is wiped when the call is over.
  private let sent: UnsafeMutableRawPointer
  /// How often libcurl was about to send the request.
  private var sendings = 0
  private var status = 0
  private var headers: [String: String] = [:]
  private var headSize = 0
  private var isHeadComplete = false
  private var received: [UInt8] = []
  private var failure: TransferError.Reason?

  /// The most bytes that the heads of one answer may have, those of interim answers included.
  private static let longestHead = 64 * 1024

  init(_ order: Order, _ handle: EasyHandle, _ options: WebExchangeOptions, origin: String) {
    self.order = order
    self.handle = handle
    self.options = options
    self.origin = origin
    let body = order.request.body
    sent = .allocate(byteCount: body.count + 1, alignment: 1)
    UnsafeMutableRawBufferPointer(start: sent, count: body.count).copyBytes(from: body)
  }

  deinit {
    // The handle must not look at memory that is gone.
    easy_set_pointer(handle.pointer, CURLOPT_POSTFIELDS, nil)
    explicit_bzero(sent, order.request.body.count)
    sent.deallocate()
  }

  /// Tells libcurl all about the request.
  func prepare() throws(TransferError) {
    let request = order.request
    try handle.set(CURLOPT_URL, origin + request.path)
    try handle.set(headers: order.lines)
    if request.method == .get {
      try handle.set(CURLOPT_HTTPGET, 1)
      try handle.set(CURLOPT_CUSTOMREQUEST, nil)
    } else {
      try handle.set(CURLOPT_POST, 1)
      try handle.set(CURLOPT_POSTFIELDSIZE, request.body.count)
      try handle.set(CURLOPT_POSTFIELDS, pointer: sent)
      try handle.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
    }
    // What is packed is unpacked by libcurl, and counted here as what it has become.
    try handle.set(CURLOPT_ACCEPT_ENCODING, "gzip, deflate")
    try handle.set(CURLOPT_TIMEOUT_MS, max(1, options.totalTimeout.inMilliseconds))
    let context = Unmanaged.passUnretained(self).toOpaque()
    try handle.check(easy_set_body_callback(handle.pointer, Self.bodyCallback, context), CURLOPT_WRITEFUNCTION)
    try handle.check(easy_set_header_callback(handle.pointer, Self.headerCallback, context), CURLOPT_HEADERFUNCTION)
    try handle.check(easy_set_sending_callback(handle.pointer, Self.sendingCallback, context), CURLOPT_PREREQFUNCTION)
  }

  // MARK: - While it runs

  private static let bodyCallback:
    @convention(c) (
      UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?
    ) -> Int = { bytes, _, count, context in
      guard let bytes, let context else { return 0 }
      let call = Unmanaged<WebCall>.fromOpaque(context).takeUnretainedValue()
      return call.take(body: UnsafeRawBufferPointer(start: bytes, count: count)) ? count : 0
    }

  private static let headerCallback:
    @convention(c) (
      UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?
    ) -> Int = { bytes, _, count, context in
      guard let bytes, let context else { return 0 }
      let call = Unmanaged<WebCall>.fromOpaque(context).takeUnretainedValue()
      return call.take(header: UnsafeRawBufferPointer(start: bytes, count: count)) ? count : 0
    }

  private static let sendingCallback: curl_prereq_callback = { context, _, _, _, _ in
    guard let context else { return CURL_PREREQFUNC_ABORT }
    let call = Unmanaged<WebCall>.fromOpaque(context).takeUnretainedValue()
    return call.maySend() ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
  }

  /// libcurl would send a request again when a connection that was kept breaks off without an answer. But the server may
  /// have done what it was asked for; only one that was put off by 417, for its `Expect`, was surely not taken.
  private func maySend() -> Bool {
    sendings += 1
    guard sendings > 1, status != 417 else { return true }
    failure = .cutShort(expected: nil, received: 0)
    return false
  }

  private func take(body bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count <= order.request.maximumBytes - received.count else {
      failure = .tooLarge(limit: Int64(order.request.maximumBytes))
      return false
    }
    received += bytes
    return true
  }

  private func take(header line: UnsafeRawBufferPointer) -> Bool {
    headSize += line.count
    guard headSize <= Self.longestHead else {
      failure = .malformedAnswer("its head has more than \(Self.longestHead) bytes")
      return false
    }
    if line.starts(with: "HTTP/".utf8) {
      let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: true)
      status = words.count >= 2 ? Int(String(decoding: words[1].prefix(3), as: UTF8.self)) ?? 0 : 0
      headers = [:]
      isHeadComplete = false
      return true
    }
    guard let first = line.first, first != UInt8(ascii: "\r"), first != UInt8(ascii: "\n") else {
      isHeadComplete = true
      return true
    }
    // What comes behind the empty line are trailers.
    guard !isHeadComplete, let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return true }
    let isBlank = { (byte: UInt8) in byte <= 0x20 }
    var value = line[(colon + 1)...].drop(while: isBlank)
    while let last = value.last, isBlank(last) { value = value.dropLast() }
    headers[String(decoding: line[..<colon], as: UTF8.self).lowercased()] = String(decoding: value, as: UTF8.self)
    return true
  }

  // MARK: - Ending

  /// What came of it, once libcurl is done.
  func end(_ code: CURLcode) {
    if let failure { return end(failure) }
    if code != CURLE_OK { return end(reason(for: code)) }
    answer(.success(WebResponse(status: status, headers: headers, body: received)))
  }

  /// Ends it from our side.
  func end(_ reason: TransferError.Reason) {
    let address = (try? WebAddress(origin + order.request.path))?.redacted ?? origin
    answer(.failure(TransferError(reason, url: address, server: origin)))
  }

  private func answer(_ result: Result<WebResponse, TransferError>) { order.continuation.resume(returning: result) }

  private func reason(for code: CURLcode) -> TransferError.Reason {
    let text = handle.failureText(code)
    let isConnected = easy_info_offset(handle.pointer, CURLINFO_PRETRANSFER_TIME_T) > 0
    if code == CURLE_OPERATION_TIMEDOUT { return .timedOut(isConnected ? .total : .connecting) }
    if code == CURLE_BAD_CONTENT_ENCODING { return .malformedAnswer("its body cannot be unpacked: \(text)") }
    let isBegun = isConnected && !isHeadComplete
    if let reason = CurlFailure.reason(code, text, options.proxy, isAnswerBegun: isBegun) { return reason }
    let connectStatus = easy_info_long(handle.pointer, CURLINFO_HTTP_CONNECTCODE)
    if status == 0 && connectStatus >= 300 { return .proxy(.refused(status: connectStatus)) }
    let told = headers["content-length"].flatMap { Int64($0) }
    return .cutShort(expected: headers["content-encoding"] == nil ? told : nil, received: Int64(received.count))
  }
}
