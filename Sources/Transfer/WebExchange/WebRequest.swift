import SystemPackage

/// One request with its body.
public struct WebRequest: Sendable {
  /// What is asked for.
  public enum Method: String, Sendable {
    case get = "GET"
    case post = "POST"
    case put = "PUT"
    case head = "HEAD"
    case delete = "DELETE"
  }

  /// A file that is sent as a body, read piece by piece while it goes.
  public struct Upload: Hashable, Sendable {
    /// The file.
    public let file: FilePath
    /// How many of its bytes are sent; a shorter file fails the request.
    public let size: Int64

    /// A file of `size` bytes.
    public init(_ file: FilePath, size: Int64) {
      self.file = file
      self.size = size
    }
  }

  /// One header.
  public struct Header: Hashable, Sendable {
    /// The name.
    public let name: String
    /// The value.
    public let value: String

    /// A header.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// What is asked for.
  public var method: Method
  /// The path and what belongs to it, as it is sent; it begins with a slash.
  public var path: String
  /// The headers. With `Expect: 100-continue` the body waits for the server's leave.
  public var headers: [Header]
  /// The body; of a GET, HEAD or DELETE there is none.
  public var body: [UInt8]
  /// A file that a PUT sends in place of `body`. It has no time limit but ``WebExchangeOptions/stallTimeout``.
  public var upload: Upload?
  /// How many bytes of an answer's body are taken, once it is unpacked.
  public var maximumBytes: Int

  /// A request.
  public init(
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
    guard path.hasPrefix("/"), path.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
      throw TransferError(.invalidURL("\(String(path.prefix(200)).debugDescription) is no path"))
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
public struct WebResponse: Sendable {
  /// The three digits of the status line.
  public let status: Int
  /// Headers by name in lower case; of one that is there several times, the last.
  public let headers: [String: String]
  /// The body, unpacked.
  public let body: [UInt8]
}
