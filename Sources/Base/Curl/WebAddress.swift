import CLibcurl
import MirrorTypes

/// An address of the web, taken apart by libcurl's own parser, so that what is checked is what is fetched.
package struct WebAddress: Hashable, Sendable {
  /// `http` or `https`.
  package let scheme: String
  /// The host, as libcurl understands it.
  package let host: String
  /// The port, the scheme's own where none is named.
  package let port: String
  /// The whole address without user name and password: for messages.
  package let redacted: String

  /// The most bytes of an address.
  private static let maximumLength = 8192

  /// An address as it may be shown, whatever it is: without user name and password.
  static func shown(_ text: String) -> String {
    let rest = text.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
    return String(rest.prefix(200)).debugDescription
  }

  package var isPlain: Bool { scheme != "https" }
  /// What tells one server from another.
  package var origin: String { "\(scheme)://\(host):\(port)" }

  /// Takes an address apart.
  ///
  /// - Throws: ``TransferError/Reason/invalidURL(_:)`` for what libcurl does not understand or is not HTTP.
  package init(_ text: String) throws(TransferError) {
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
