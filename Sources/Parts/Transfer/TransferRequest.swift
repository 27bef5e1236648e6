import MirrorTypes

/// What a server said by which a later request can ask whether a file is still the same (RFC 9110, section 8.8).
///
/// It holds sound values only: an entity tag in its form and a date, both short. Others are as if there were none, also
/// those that an earlier version has kept.
package struct Validators: Hashable, Sendable, Codable {
  /// The `ETag` header, as sent, with its quotation marks.
  package let etag: String?
  /// The `Last-Modified` header, as sent.
  package let lastModified: String?

  /// Validators as a server sent them; those that are not sound are dropped.
  package init(etag: String? = nil, lastModified: String? = nil) {
    self.etag = etag.flatMap { HeaderValue($0)?.entityTag }
    self.lastModified = lastModified.flatMap { HeaderValue($0)?.date }
  }

  private enum CodingKeys: String, CodingKey { case etag, lastModified }

  /// Reads what was kept; what is not sound in it is dropped.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      etag: try container.decodeIfPresent(String.self, forKey: .etag),
      lastModified: try container.decodeIfPresent(String.self, forKey: .lastModified)
    )
  }

  /// The entity tag by which a part of a file can be known to belong to the rest: a strong one; `nil` if there is none.
  package var strongTag: Validators? {
    guard let etag, !etag.hasPrefix("W/") else { return nil }
    return Validators(etag: etag)
  }

  /// These, and for what is missing in them, others.
  func completed(by other: Validators) -> Validators {
    Validators(etag: etag ?? other.etag, lastModified: lastModified ?? other.lastModified)
  }

  /// ``lastModified`` as a point in time; `nil` if there is none, or none that can be read.
  package var lastModifiedTime: UTCTime? { lastModified.flatMap { HTTPDate.time($0) } }

  /// Without the date: two states of a file may have dates in the wrong order, but not the same tag. `nil` if there is no
  /// tag.
  package var tagAlone: Validators? { etag.map { Validators(etag: $0) } }

  /// Whether there is nothing to ask with.
  package var isEmpty: Bool { etag == nil && lastModified == nil }

  /// What `If-Range` may carry: a strong tag, else the date (RFC 9110, section 13.1.5).
  var rangeCondition: String? {
    if let etag, !etag.hasPrefix("W/") { return etag }
    return lastModified
  }

  /// Whether two answers may be about the same bytes: no validator that both have differs.
  func agrees(with other: Validators) -> Bool {
    if let etag, let theirs = other.etag, etag != theirs { return false }
    if let lastModified, let theirs = other.lastModified, lastModified != theirs { return false }
    return true
  }
}

/// One file to fetch.
package struct TransferRequest: Sendable {
  /// Where the file is.
  package enum Location: Hashable, Sendable {
    /// A path below the base addresses of the pool, as plain text: it is percent-encoded on its way.
    case path(String)
    /// A whole address, already encoded, of a server that need not be in the pool.
    case url(String)
  }

  /// Where the file is.
  package var location: Location
  /// Where its bytes go.
  package var sink: any TransferSink
  /// The most bytes that the body may have; a longer one is cut at once.
  package var maximumBytes: Int64
  /// How many bytes the body has, where that is known: another length is an error before the body.
  package var expectedBytes: Int64?
  /// What is held already: the body is sent only if it differs (`If-None-Match`, `If-Modified-Since`).
  package var validators: Validators?
  /// What the server said about the bytes that the sink already holds. Without them the transfer begins anew, since
  /// nothing would show that both parts belong to the same file.
  package var resumeValidators: Validators?
  /// Whether the file may be a web page, whatever its name: what is to come is proven by other means.
  package var takesPages = false

  /// A request for one file.
  package init(
    _ location: Location,
    into sink: any TransferSink,
    maximumBytes: Int64,
    expectedBytes: Int64? = nil,
    validators: Validators? = nil,
    resumeValidators: Validators? = nil,
    takesPages: Bool = false
  ) {
    self.location = location
    self.sink = sink
    self.maximumBytes = maximumBytes
    self.expectedBytes = expectedBytes
    self.validators = validators
    self.resumeValidators = resumeValidators
    self.takesPages = takesPages
  }

  /// The file's path or address.
  var place: String {
    switch location {
    case .path(let text), .url(let text): text
    }
  }
}

/// How a transfer ended well.
package struct TransferResponse: Hashable, Sendable {
  /// What came.
  package enum Outcome: Hashable, Sendable {
    /// The whole body is in the sink.
    case complete
    /// The file is what the request's validators describe; the sink was not touched.
    case notModified
  }

  /// What came.
  package let outcome: Outcome
  /// How many bytes the whole body has, those from an earlier run included; 0 if it was not modified.
  package let byteCount: Int64
  /// How many bytes came over the network for it, all attempts together.
  package let bytesReceived: Int64
  /// What to ask with the next time.
  package let validators: Validators
  /// The base address that answered (for a whole address: its scheme, host and port), without credentials.
  package let server: String
  /// The address that was asked last, after redirections, without credentials.
  package let url: String
  /// When the server last changed the file.
  package let lastModified: UTCTime?
  /// How many attempts failed before this one.
  package let retries: Int
}
