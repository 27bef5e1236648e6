import Curl
import MirrorTypes
import SystemPackage

/// One request with its body.
package struct WebRequest: Sendable {
  /// What is asked for.
  package enum Method: String, Sendable {
    case get = "GET"
    case post = "POST"
    case put = "PUT"
    case head = "HEAD"
    case delete = "DELETE"
  }

  /// A file that is sent as a body, read piece by piece while it goes.
  package struct Upload: Hashable, Sendable {
    /// The file.
    package let file: FilePath
    /// How many of its bytes are sent; a shorter file fails the request.
    package let size: Int64

    /// A file of `size` bytes.
    package init(_ file: FilePath, size: Int64) {
      self.file = file
      self.size = size
    }
  }

  /// One header.
  package struct Header: Hashable, Sendable {
    /// The name.
    package let name: String
    /// The value.
    package let value: String

    /// A header.
    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// What is asked for.
  package var method: Method
  /// The path and what belongs to it, as it is sent; it begins with a slash.
  package var path: String
  /// The headers. With `Expect: 100-continue` the body waits for the server's leave.
  package var headers: [Header]
  /// The body; of a GET, HEAD or DELETE there is none.
  package var body: [UInt8]
  /// A file that a PUT sends in place of `body`. It has no time limit but ``WebExchangeOptions/stallTimeout``.
  package var upload: Upload?
  /// How many bytes of an answer's body are taken, once it is unpacked.
  package var maximumBytes: Int

  /// A request.
  package init(
    _ method: Method = .get,
    _ path: String,
    headers: [Header] = [],
    body: [UInt8] = [],
    upload: Upload? = nil,
    maximumBytes: Int
  ) {
    self.method = method
    self.path = path
    self.headers = headers
    self.body = body
    self.upload = upload
    self.maximumBytes = maximumBytes
  }

  /// The header lines.
  ///
  /// - Parameter signed: whether libcurl signs the request: it would sign a header that is only taken away, too.
  /// - Throws: ``TransferError/Reason/invalidURL(_:)`` for a path or header that would break out of its line.
  func lines(signed: Bool) throws(TransferError) -> [String] {
    guard path.hasBytePrefix("/"), path.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
      throw TransferError(.invalidURL("\(String(path.prefix(200)).debugDescription) is not a path"))
    }
    var lines: [String] = []
    for header in headers {
      let isName =
        !header.name.isEmpty && header.name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }
      guard isName, header.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
        throw TransferError(.invalidURL("a header has characters that do not belong there"))
      }
      // Without a value libcurl would leave the header out; a semicolon says that it is meant to be empty.
      lines.append(header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)")
    }
    // Else libcurl would wait for leave whenever a body is long.
    if !signed, !headers.contains(where: { $0.name.lowercased() == "expect" }) { lines.append("Expect:") }
    return lines
  }
}

/// An answer, of whatever status.
package struct WebResponse: Sendable {
  /// The three digits of the status line.
  package let status: Int
  /// Headers by name in lower case; of one that is there several times, the last, and of `www-authenticate` all.
  package let headers: [String: String]
  /// The body, unpacked.
  package let body: [UInt8]

  package init(status: Int, headers: [String: String], body: [UInt8]) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}
