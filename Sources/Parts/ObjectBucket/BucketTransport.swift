import SystemPackage

/// A request to a bucket, before it is signed.
package struct BucketRequest: Sendable {
  /// What is done.
  package enum Method: String, Sendable {
    case get = "GET"
    case head = "HEAD"
    case put = "PUT"
    case delete = "DELETE"
  }

  /// What is sent.
  package enum Body: Sendable {
    /// Bytes in memory; none for anything but a PUT.
    case bytes([UInt8])
    /// A file of so many bytes.
    case file(FilePath, size: Int64)
  }

  /// What is done.
  package let method: Method
  /// The key; empty for the bucket itself. Letters, digits, `-`, `_`, `.` and `/` only: nothing of it is escaped.
  package let key: String
  /// The query, escaped and sorted as a signature needs it; empty: none.
  package let query: String
  /// Names and values of headers.
  package let headers: [(name: String, value: String)]
  /// What is sent.
  package let body: Body
  /// The most bytes that an answer may have.
  package let maximumBytes: Int
}

/// An answer of a bucket.
package struct BucketResponse: Sendable {
  /// The status.
  package let status: Int
  /// Headers by name in lower case.
  package let headers: [String: String]
  /// The body.
  package let body: [UInt8]

  /// An answer.
  package init(status: Int, headers: [String: String], body: [UInt8]) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}

/// Signs requests, sends them to a bucket and brings the answers. One request at a time.
package protocol BucketTransport: Sendable {
  /// Sends a request, once.
  func send(_ request: BucketRequest) async throws -> BucketResponse
  /// Whether a failure may pass, so that the same request is worth another try.
  func isPassing(_ failure: any Error) -> Bool
}
