/// What carries requests to an Administration Server and brings its answers. This target knows no network: whoever
/// makes an ``AdministrationServer`` gives it one.
package protocol OpenAPITransport: Sendable {
  /// Sends one request and returns the answer, of whatever status.
  ///
  /// The server ties things to a connection, so requests should go over the same one as long as it stands. Redirections
  /// are not to be followed: a request may carry a password.
  ///
  /// - Throws: an error that describes itself, where no answer came or the answer is longer than the request allows;
  ///   `CancellationError` where the task was cancelled.
  func send(_ request: OpenAPIRequest) async throws -> OpenAPIResponse
}

/// A request as the transport gets it.
package struct OpenAPIRequest: Sendable {
  /// What is asked for.
  package enum Method: String, Sendable {
    /// A call.
    case post = "POST"
    /// A part of a file.
    case put = "PUT"
  }

  /// One header. Neither part has control characters.
  package struct Header: Hashable, Sendable {
    /// The name.
    package let name: String
    /// The value. It may be a password or a token: it is not for logs.
    package let value: String

    /// A header.
    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// What is asked for.
  package var method: Method
  /// The path and what belongs to it, behind the server's address; it begins with a slash.
  package var path: String
  /// The headers.
  package var headers: [Header]
  /// The body. It may hold a secret: it is not for logs.
  package var body: [UInt8]
  /// How long the answer's body may be, unpacked, in bytes.
  package var maximumBytes: Int

  /// A request.
  package init(method: Method, path: String, headers: [Header], body: [UInt8], maximumBytes: Int) {
    self.method = method
    self.path = path
    self.headers = headers
    self.body = body
    self.maximumBytes = maximumBytes
  }
}

extension OpenAPIRequest: CustomStringConvertible, CustomReflectable {
  /// The request without what may be a secret.
  package var description: String { "\(method.rawValue) \(path), \(body.count) bytes" }
  /// Shows no headers and no body: what dumps a value must not dump passwords.
  package var customMirror: Mirror { Mirror(self, children: ["request": description]) }
}

/// An answer as the transport brings it.
package struct OpenAPIResponse: Sendable {
  /// The three digits of the status line.
  package var status: Int
  /// Headers by name in lower case.
  package var headers: [String: String]
  /// The body, unpacked.
  package var body: [UInt8]

  /// An answer.
  package init(status: Int, headers: [String: String] = [:], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}
