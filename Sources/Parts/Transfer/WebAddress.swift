import CLibcurl

/// An address of the web, taken apart by libcurl's own parser, so that what is checked is what is fetched.
struct WebAddress: Hashable, Sendable {
  /// `http` or `https`.
  let scheme: String
  /// The host, as libcurl understands it.
  let host: String
  /// The port, the scheme's own where none is named.
  let port: String
  /// The whole address without user name and password: for messages.
  let redacted: String

  /// The most bytes of an address.
  private static let maximumLength = 8192

  var isPlain: Bool { scheme != "https" }
  /// What tells one server from another.
  var origin: String { "\(scheme)://\(host):\(port)" }

  /// Takes an address apart.
  ///
  /// - Throws: ``TransferError/Reason/invalidURL(_:)`` for what libcurl does not understand or is not HTTP.
  init(_ text: String) throws(TransferError) {
    func refuse(_ why: String) -> TransferError {
      TransferError(.invalidURL("\(String(text.prefix(200)).debugDescription) \(why)"))
    }
    // libcurl would stop reading at NUL, and sees an address where there is a line break.
    guard !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else {
      throw refuse("has blanks or control characters")
    }
    guard text.utf8.count <= Self.maximumLength else { throw refuse("is too long") }
    guard let handle = curl_url() else { throw TransferError(.system("out of memory")) }
    defer { curl_url_cleanup(handle) }
    guard curl_url_set(handle, CURLUPART_URL, text, 0) == CURLUE_OK else { throw refuse("is not an address") }
    func part(_ what: CURLUPart, _ flags: Int32 = 0) -> String? {
      var found: UnsafeMutablePointer<CChar>?
      guard curl_url_get(handle, what, &found, UInt32(flags)) == CURLUE_OK, let found else { return nil }
      defer { curl_free(found) }
      return String(cString: found)
    }
    guard let scheme = part(CURLUPART_SCHEME), scheme == "https" || scheme == "http" else {
      throw refuse("begins with neither https:// nor http://")
    }
    guard let host = part(CURLUPART_HOST), let port = part(CURLUPART_PORT, CURLU_DEFAULT_PORT) else {
      throw refuse("names no host")
    }
    curl_url_set(handle, CURLUPART_USER, nil, 0)
    curl_url_set(handle, CURLUPART_PASSWORD, nil, 0)
    curl_url_set(handle, CURLUPART_OPTIONS, nil, 0)
    guard let redacted = part(CURLUPART_URL) else { throw refuse("is not an address") }
    self.scheme = scheme
    self.host = host
    self.port = port
    self.redacted = redacted
  }
}

/// Writes a path, given as plain text, as an address wants it (RFC 3986, section 3.3).
enum PercentEncoding {
  /// Puts `path` behind `address`, with one slash between them.
  ///
  /// - Throws: ``TransferError/Reason/invalidURL(_:)`` for parts such as `..` that a server would resolve elsewhere.
  static func append(_ path: String, to address: String) throws(TransferError) -> String {
    for part in path.utf8.split(separator: slash, omittingEmptySubsequences: false) where part.count <= 2 {
      guard part.isEmpty || !part.allSatisfy({ $0 == UInt8(ascii: ".") }) else {
        throw TransferError(.invalidURL("\(String(path.prefix(200)).debugDescription) leaves its folder"))
      }
    }
    var result: [UInt8] = []
    result.reserveCapacity(address.utf8.count + path.utf8.count + 16)
    result += address.utf8
    if result.last != slash { result.append(slash) }
    for byte in path.utf8.drop(while: { $0 == slash }) {
      if isPlain(byte) {
        result.append(byte)
      } else {
        result.append(UInt8(ascii: "%"))
        result.append(digit(byte >> 4))
        result.append(digit(byte & 15))
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static let slash = UInt8(ascii: "/")

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
      UInt8(ascii: "~"), slash:
      true
    default:
      false
    }
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
  }
}
