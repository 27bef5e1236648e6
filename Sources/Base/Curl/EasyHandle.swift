import CLibcurl
import MirrorTypes
import SystemPackage

/// libcurl as a whole: made ready once in the life of the process.
package enum Library {
  /// What `curl_global_init` said.
  private static let status = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

  package static func prepare() throws(TransferError) {
    guard status == CURLE_OK else { throw TransferError(.system("libcurl cannot start: \(text(of: status))")) }
  }

  static func text(of code: CURLcode) -> String { String(cString: curl_easy_strerror(code)) }
}

/// libcurl's handle for one transfer at a time, used again for the next, with all set that does not change.
///
/// It belongs to one loop's thread.
package final class EasyHandle {
  package let pointer: UnsafeMutableRawPointer
  private let version: ConnectionOptions.HTTPVersion
  private let message: UnsafeMutablePointer<CChar>
  private let plainHeaders: UnsafeMutablePointer<curl_slist>?
  private var ownHeaders: UnsafeMutablePointer<curl_slist>?

  package init(_ options: ConnectionOptions) throws(TransferError) {
    guard let pointer = curl_easy_init() else { throw TransferError(.system("out of memory")) }
    self.pointer = pointer
    version = options.httpVersion
    message = .allocate(capacity: Int(CURL_ERROR_SIZE))
    message.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    // Bytes are kept as the server has them: nothing may be compressed on the way.
    plainHeaders = curl_slist_append(nil, "Accept-Encoding: identity")
    try set(CURLOPT_ERRORBUFFER, pointer: message)
    try setTransport(options)
    try setTrust(options)
    try setProxy(options)
  }

  deinit {
    curl_easy_cleanup(pointer)
    curl_slist_free_all(ownHeaders)
    curl_slist_free_all(plainHeaders)
    message.deallocate()
  }

  /// What libcurl wrote about the last failure, else its general text.
  package func failureText(_ code: CURLcode) -> String {
    let own = String(cString: message)
    return own.isEmpty ? Library.text(of: code) : own
  }

  /// Sets what differs from one request to the next.
  ///
  /// - Parameters:
  ///   - bytesAtOnce: how many bytes are read at once.
  ///   - isPlainHTTP1: whether HTTP/1.1 is spoken whatever the options say.
  package func prepare(
    url: String,
    headers: [String],
    bytesAtOnce: Int,
    isPlainHTTP1: Bool = false
  ) throws(TransferError) {
    message[0] = 0
    let version = isPlainHTTP1 ? .http1 : version
    try speak(version)
    // libcurl refuses while it still holds the buffer of the transfer before; then the next one gets the new size.
    if bytesAtOnce != bufferSize, easy_set_long(pointer, CURLOPT_BUFFERSIZE, bytesAtOnce) == CURLE_OK {
      bufferSize = bytesAtOnce
    }
    try set(CURLOPT_URL, url)
    // Better to wait for a connection that is being made than to open one for each stream; where no stream can come of
    // it, libcurl would wait for the other transfer's end.
    let maySplit = version == .http2 || version == .automatic && url.prefix(6).lowercased() == "https:"
    try set(CURLOPT_PIPEWAIT, maySplit ? 1 : 0)
    let old = ownHeaders
    ownHeaders = nil
    if !headers.isEmpty {
      for header in ["Accept-Encoding: identity"] + headers {
        guard let longer = curl_slist_append(ownHeaders, header) else { throw TransferError(.system("out of memory")) }
        ownHeaders = longer
      }
    }
    if old != nil || ownHeaders != nil || !hasHeaders {
      try check(easy_set_headers(pointer, ownHeaders ?? plainHeaders), CURLOPT_HTTPHEADER)
      hasHeaders = true
    }
    curl_slist_free_all(old)
  }

  /// Sets all headers that are not libcurl's own, in the place of those before.
  package func set(headers: [String]) throws(TransferError) {
    message[0] = 0
    var list: UnsafeMutablePointer<curl_slist>?
    for header in headers {
      guard let longer = curl_slist_append(list, header) else {
        curl_slist_free_all(list)
        throw TransferError(.system("out of memory"))
      }
      list = longer
    }
    let old = ownHeaders
    ownHeaders = list
    hasHeaders = true
    try check(easy_set_headers(pointer, list), CURLOPT_HTTPHEADER)
    curl_slist_free_all(old)
  }
  /// Has answers given to a receiver, which has to live as long as transfers go on.
  package func deliver(to receiver: any CurlReceiver) throws(TransferError) {
    let new = CurlDelivery(to: receiver)
    try new.begin(on: self)
    delivery = new
  }

  private var delivery: CurlDelivery?
  private var hasHeaders = false
  private var spoken: ConnectionOptions.HTTPVersion?
  private var proxySchemes: ProxySchemes?
  private var bufferSize = 0

  // MARK: - What stays the same

  private func setTransport(_ options: ConnectionOptions) throws(TransferError) {
    try set(CURLOPT_NOSIGNAL, 1)
    let protocols = options.allowsPlainHTTP ? "https,http" : "https"
    try set(CURLOPT_PROTOCOLS_STR, protocols)
    // Redirections are followed by us, one at a time, with our own rules.
    try set(CURLOPT_FOLLOWLOCATION, 0)
    try set(CURLOPT_REDIR_PROTOCOLS_STR, protocols)
    // A path is sent as it is: dots in it are refused before, not resolved.
    try set(CURLOPT_PATH_AS_IS, 1)
    try set(CURLOPT_NETRC, 0)
    try speak(version)
    try set(CURLOPT_CONNECTTIMEOUT_MS, max(1, options.connectTimeout.inMilliseconds))
    try set(CURLOPT_TCP_KEEPALIVE, 1)
    try set(CURLOPT_USERAGENT, options.userAgent)
    try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
  }

  private func speak(_ version: ConnectionOptions.HTTPVersion) throws(TransferError) {
    guard spoken != version else { return }
    let value =
      switch version {
      case .automatic: CURL_HTTP_VERSION_2TLS
      case .http1: CURL_HTTP_VERSION_1_1
      case .http2: CURL_HTTP_VERSION_2_0
      }
    try set(CURLOPT_HTTP_VERSION, Int(value))
    spoken = version
  }

  private func setTrust(_ options: ConnectionOptions) throws(TransferError) {
    try set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    try set(CURLOPT_SSL_VERIFYPEER, 1)
    try set(CURLOPT_SSL_VERIFYHOST, 2)
    try SystemAuthorities.host.trust(in: self, and: options.caFile)
    if let certificate = options.clientCertificate, let key = options.clientKey {
      try set(CURLOPT_SSLCERT, certificate.string)
      try set(CURLOPT_SSLKEY, key.string)
      if let password = options.keyPassword { try set(CURLOPT_KEYPASSWD, password) }
    }
    if let pin = options.pinnedPublicKey { try set(CURLOPT_PINNEDPUBLICKEY, pin) }
  }

  private func setProxy(_ options: ConnectionOptions) throws(TransferError) {
    switch options.proxy {
    case .environment: break
    case .none: try set(CURLOPT_PROXY, "")
    case .server(let url, let user, let password):
      // libcurl decodes a user name and a password that it is given by themselves, in some versions; those in an address it
      // decodes in all, so that they are encoded there, and reach the proxy as they are.
      var address = url
      if let user { address = try Self.address(url, user: user, password: password) }
      try set(CURLOPT_PROXY, address)
      // What the environment exempts from its proxy is no matter of this one.
      try set(CURLOPT_NOPROXY, "")
    }
    if options.proxySchemes == .negotiate, !options.hasUserForProxy {
      // An empty name stands for whoever has the ticket.
      try set(CURLOPT_PROXYUSERNAME, "")
      try set(CURLOPT_PROXYPASSWORD, "")
    }
    try sign(inBy: options.proxySchemes)
  }

  /// By what a proxy is signed in to from the next request on.
  package func sign(inBy schemes: ProxySchemes) throws(TransferError) {
    guard proxySchemes != schemes else { return }
    try set(CURLOPT_PROXYAUTH, schemes.rawValue)
    proxySchemes = schemes
  }

  /// A proxy's address with a user name and a password in it.
  private static func address(_ url: String, user: String, password: String?) throws(TransferError) -> String {
    guard let handle = curl_url() else { throw TransferError(.system("out of memory")) }
    defer { curl_url_cleanup(handle) }
    let flags = UInt32(CURLU_NON_SUPPORT_SCHEME | CURLU_GUESS_SCHEME)
    let parts = [
      (CURLUPART_URL, url), (CURLUPART_USER, PercentEncoding.encoded(user, slash: true)),
      (CURLUPART_PASSWORD, PercentEncoding.encoded(password ?? "", slash: true)),
    ]
    for (part, text) in parts where curl_url_set(handle, part, text, flags) != CURLUE_OK {
      throw TransferError(.invalidOption("the address of the proxy is not one: \(WebAddress.shown(url))"))
    }
    var found: UnsafeMutablePointer<CChar>?
    guard curl_url_get(handle, CURLUPART_URL, &found, 0) == CURLUE_OK, let found else {
      throw TransferError(.system("out of memory"))
    }
    defer { curl_free(found) }
    return String(cString: found)
  }

  /// How a proxy has refused the tunnel that was asked for last, which is recognised by its status alone.
  ///
  /// - Parameter options: what the handle was made with.
  package func proxyRefusal(_ options: ConnectionOptions) -> TransferError.ProxyProblem? {
    let status = easy_info_long(pointer, CURLINFO_HTTP_CONNECTCODE)
    return status >= 300 ? proxyRefusal(status: status, options) : nil
  }

  /// What an answer with a status of a proxy's own means.
  package func proxyRefusal(status: Int, _ options: ConnectionOptions) -> TransferError.ProxyProblem {
    guard status == 407 else { return .refused(status: status) }
    return .notSignedIn(
      ProxySignIn(
        offered: ProxySchemes(rawValue: easy_info_long(pointer, CURLINFO_PROXYAUTH_AVAIL)),
        allowed: proxySchemes ?? options.proxySchemes,
        hasCredentials: options.hasProxyCredentials
      )
    )
  }

  // MARK: - Setting

  package func set(_ option: CURLoption, _ value: Int) throws(TransferError) {
    try check(easy_set_long(pointer, option, value), option)
  }

  package func set(_ option: CURLoption, _ value: String?) throws(TransferError) {
    try check(easy_set_string(pointer, option, value), option)
  }

  package func set(_ option: CURLoption, pointer value: UnsafeMutableRawPointer) throws(TransferError) {
    try check(easy_set_pointer(pointer, option, value), option)
  }

  package func check(_ code: CURLcode, _ option: CURLoption) throws(TransferError) {
    guard code != CURLE_OK else { return }
    let name = curl_easy_option_by_id(option).map { String(cString: $0.pointee.name) } ?? "\(option.rawValue)"
    if code == CURLE_OUT_OF_MEMORY { throw TransferError(.system("out of memory")) }
    throw TransferError(.invalidOption("libcurl does not take the setting \(name): \(Library.text(of: code))"))
  }
}
