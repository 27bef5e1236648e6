import CLibcurl
import Curl
import Glibc
import SystemPackage

/// One request while libcurl works on it. It belongs to the exchange's thread, as does all that libcurl calls here.
final class WebCall: CurlReceiver {
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
  /// The file that is being sent.
  private var uploaded: FileDescriptor?
  private var leftToSend: Int64 = 0
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
    try? uploaded?.close()
  }

  /// Tells libcurl all about the request.
  func prepare() throws(TransferError) {
    let request = order.request
    try handle.set(CURLOPT_URL, origin + request.path)
    try handle.set(headers: order.lines)
    try prepareBody(request)
    // What is packed is unpacked by libcurl, and counted here as what it has become.
    try handle.set(CURLOPT_ACCEPT_ENCODING, "gzip, deflate")
    let isUpload = request.upload != nil
    try handle.set(CURLOPT_TIMEOUT_MS, isUpload ? 0 : max(1, options.totalTimeout.inMilliseconds))
    try handle.set(CURLOPT_LOW_SPEED_LIMIT, isUpload ? 1 : 0)
    try handle.set(CURLOPT_LOW_SPEED_TIME, isUpload ? max(1, options.stallTimeout.inMilliseconds / 1000) : 0)
    let context = Unmanaged.passUnretained(self).toOpaque()
    try handle.deliver(to: self)
    try handle.check(easy_set_sending_callback(handle.pointer, Self.sendingCallback, context), CURLOPT_PREREQFUNCTION)
  }

  /// Sets the method, and where the body comes from.
  private func prepareBody(_ request: WebRequest) throws(TransferError) {
    switch request.method {
    case .get:
      try handle.set(CURLOPT_HTTPGET, 1)
      try handle.set(CURLOPT_CUSTOMREQUEST, nil)
    case .head:
      try handle.set(CURLOPT_HTTPGET, 1)
      try handle.set(CURLOPT_NOBODY, 1)
      try handle.set(CURLOPT_CUSTOMREQUEST, nil)
    case .delete:
      try handle.set(CURLOPT_HTTPGET, 1)
      try handle.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
    case .put where request.upload != nil: try prepareUpload(request)
    case .post, .put:
      try handle.set(CURLOPT_POST, 1)
      try handle.set(CURLOPT_POSTFIELDSIZE, request.body.count)
      try handle.set(CURLOPT_POSTFIELDS, pointer: sent)
      try handle.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
    }
  }

  private func prepareUpload(_ request: WebRequest) throws(TransferError) {
    guard let upload = request.upload else { return }
    do {
      uploaded = try FileDescriptor.open(upload.file, .readOnly, options: [.closeOnExec, .noFollow])
    } catch {
      throw TransferError(.sink(UploadFailure(file: upload.file, reason: "\(error)")))
    }
    leftToSend = upload.size
    try handle.set(CURLOPT_UPLOAD, 1)
    try handle.check(
      easy_set_offset(handle.pointer, CURLOPT_INFILESIZE_LARGE, Int(upload.size)),
      CURLOPT_INFILESIZE_LARGE
    )
    try handle.set(CURLOPT_CUSTOMREQUEST, nil)
    let context = Unmanaged.passUnretained(self).toOpaque()
    try handle.check(easy_set_read_callback(handle.pointer, Self.readCallback, context), CURLOPT_READFUNCTION)
  }

  // MARK: - While it runs

  private static let readCallback:
    @convention(c) (
      UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?
    ) -> Int = { bytes, size, count, context in
      guard let bytes, let context else { return Int(CURL_READFUNC_ABORT) }
      let call = Unmanaged<WebCall>.fromOpaque(context).takeUnretainedValue()
      return call.give(UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
    }

  /// Hands libcurl the next piece of the file.
  private func give(_ room: UnsafeMutableRawBufferPointer) -> Int {
    guard let uploaded, let upload = order.request.upload else { return Int(CURL_READFUNC_ABORT) }
    let most = Int(min(Int64(room.count), leftToSend))
    guard most > 0 else { return 0 }
    do {
      let count = try uploaded.read(into: UnsafeMutableRawBufferPointer(rebasing: room[..<most]))
      if count == 0 { throw UploadFailure(file: upload.file, reason: "it is shorter than \(upload.size) bytes") }
      leftToSend -= Int64(count)
      return count
    } catch {
      failure = .sink(error as? UploadFailure ?? UploadFailure(file: upload.file, reason: "\(error)"))
      return Int(CURL_READFUNC_ABORT)
    }
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

  func take(body bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count <= order.request.maximumBytes - received.count else {
      failure = .tooLarge(limit: Int64(order.request.maximumBytes))
      return false
    }
    received += bytes
    return true
  }

  func take(header line: UnsafeRawBufferPointer) -> Bool {
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
    let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
    let text = String(decoding: value, as: UTF8.self)
    // A server offers each way to sign in by a header of its own: together they are one list (RFC 9110, section 5.3).
    headers[name] = name == "www-authenticate" ? [headers[name], text].compactMap { $0 }.joined(separator: ", ") : text
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
    if code == CURLE_OPERATION_TIMEDOUT {
      return .timedOut(isConnected ? (uploaded == nil ? .total : .stalled) : .connecting)
    }
    if code == CURLE_BAD_CONTENT_ENCODING { return .malformedAnswer("its body cannot be unpacked: \(text)") }
    let isBegun = isConnected && !isHeadComplete
    if let reason = CurlFailure.reason(code, text, options.proxy, isAnswerBegun: isBegun) { return reason }
    if status == 0, let refusal = handle.proxyRefusal(options.connection) { return .proxy(refusal) }
    let told = headers["content-length"].flatMap { Int64($0) }
    return .cutShort(expected: headers["content-encoding"] == nil ? told : nil, received: Int64(received.count))
  }
}

/// A file that cannot be sent.
struct UploadFailure: Error, CustomStringConvertible {
  let file: FilePath
  let reason: String

  var description: String { "\(file) cannot be read: \(reason)" }
}
