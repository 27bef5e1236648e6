import Crypto
import Foundation
import MirrorTypes
import SystemPackage

/// Puts objects into a bucket, lists, reads and removes them; tries again what may pass.
package struct BucketClient: Sendable {
  private let transport: any BucketTransport
  private let bucket: String
  private let attempts: Int
  private let pause: Duration

  /// The most bytes that one PUT may send: what S3 takes.
  package static let largestObject: Int64 = 5 << 30
  /// The most keys that a listing may have.
  package static let mostKeys = 5_000_000
  private static let emptyDigest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
  /// How many bytes of an object are read at once.
  private static let piece: Int64 = 8 << 20
  private static let longestPause: Double = 120

  /// A client that sends its requests one after the other.
  ///
  /// - Parameters:
  ///   - bucket: its name, for messages.
  ///   - attempts: how often one request is tried.
  ///   - pause: how long is waited before the second try; twice as long before each further one.
  package init(_ transport: any BucketTransport, bucket: String, attempts: Int = 5, pause: Duration = .seconds(1)) {
    self.transport = transport
    self.bucket = bucket
    self.attempts = attempts
    self.pause = pause
  }

  // MARK: - What can be done

  /// Puts something under a key. What was sent is signed by its digest, so that a store that looks at it refuses others.
  package func put(
    _ body: BucketRequest.Body,
    as key: String,
    digest: ObjectDigest,
    type: String,
    cacheControl: String
  ) async throws {
    if case .file(_, let size) = body, size > Self.largestObject { throw BucketError.tooLarge(key: key, size: size) }
    let checksum = Data(digest.bytes).base64EncodedString()
    let headers = [
      ("x-amz-content-sha256", digest.hex), ("x-amz-checksum-sha256", checksum), ("Content-Type", type),
      ("Cache-Control", cacheControl),
    ]
    let answer = try await send(.put, key, headers: headers, body: body)
    guard answer.status == 200 else { throw failure(answer, key) }
    if let theirs = answer.headers["x-amz-checksum-sha256"], theirs != checksum {
      throw BucketError.wrongContent(key: key, "the store says that it got other bytes: \(theirs.prefix(64))")
    }
    guard answer.headers["etag"]?.isEmpty == false else {
      throw BucketError.malformed(key: key, "it says that it took the object, but gives no ETag")
    }
  }

  /// Reads a key that holds at most so many bytes; `nil` where there is none.
  package func get(_ key: String, atMost limit: Int) async throws -> [UInt8]? {
    let answer = try await send(.get, key, maximumBytes: limit)
    if answer.status == 404, ErrorAnswer.code(answer.body) != "NoSuchBucket" { return nil }
    guard answer.status == 200 else { throw failure(answer, key) }
    return answer.body
  }

  /// Reads an object's bytes, in pieces, and compares them with its digest.
  package func verify(_ key: String, _ digest: ObjectDigest, size: Int64) async throws {
    var hasher = SHA256()
    var offset: Int64 = 0
    repeat {
      let end = min(offset + Self.piece, size)
      var headers = [("x-amz-content-sha256", Self.emptyDigest)]
      if size > 0 { headers.append(("Range", "bytes=\(offset)-\(end - 1)")) }
      let answer = try await send(.get, key, headers: headers, maximumBytes: Int(Self.piece) + 1)
      guard answer.status == 206 || answer.status == 200 && offset == 0 && end == size else {
        throw answer.status < 400
          ? BucketError.malformed(key: key, "it gives no parts of objects") : failure(answer, key)
      }
      guard Int64(answer.body.count) == end - offset else {
        throw BucketError.wrongContent(key: key, "the bucket holds another number of bytes than \(size)")
      }
      hasher.update(data: answer.body)
      offset = end
    } while offset < size
    guard ObjectDigest(hasher.finalize()) == digest else {
      throw BucketError.wrongContent(key: key, "the bucket holds other bytes than were put there")
    }
  }

  /// Removes a key.
  package func remove(_ key: String) async throws {
    let answer = try await send(.delete, key)
    guard [200, 204, 404].contains(answer.status), ErrorAnswer.code(answer.body) != "NoSuchBucket" else {
      throw failure(answer, key)
    }
  }

  /// The sizes of all keys below a prefix.
  package func list(_ prefix: String) async throws -> [String: Int64] {
    var found: [String: Int64] = [:]
    var token: String?
    repeat {
      var query = [("list-type", "2"), ("prefix", prefix)]
      if let token { query.insert(("continuation-token", token), at: 0) }
      let answer = try await send(.get, "", query: query, maximumBytes: 16 << 20)
      guard answer.status == 200 else { throw failure(answer, "") }
      let page = try ListingPage(reading: answer.body, prefix: prefix)
      let before = found.count
      for item in page.items { found[item.key] = item.size }
      guard page.next == nil || found.count > before, found.count <= Self.mostKeys else {
        throw BucketError.malformed(key: prefix, "its listing does not end")
      }
      token = page.next
    } while token != nil
    return found
  }

  // MARK: - Requests

  private func send(
    _ method: BucketRequest.Method,
    _ key: String,
    query: [(String, String)] = [],
    headers: [(String, String)] = [("x-amz-content-sha256", emptyDigest)],
    body: BucketRequest.Body = .bytes([]),
    maximumBytes: Int = 65_536
  ) async throws -> BucketResponse {
    let request = BucketRequest(
      method: method,
      key: key,
      query: query.map { "\($0)=\(Self.escaped($1))" }.joined(separator: "&"),
      headers: headers.map { (name: $0, value: $1) },
      body: body,
      maximumBytes: max(maximumBytes, 65_536)
    )
    var wait = pause
    for attempt in 1... {
      do {
        let answer = try await transport.send(request)
        let isFault = answer.status >= 500 || answer.status == 429
        guard isFault, attempt < attempts else { return answer }
        if let asked = answer.headers["retry-after"].flatMap(Double.init), asked >= 0 {
          wait = max(wait, .seconds(min(asked, Self.longestPause)))
        }
      } catch {
        guard attempt < attempts, transport.isPassing(error) else { throw error }
      }
      try await Task.sleep(for: wait)
      wait = min(wait * 2, .seconds(Self.longestPause))
    }
    throw CancellationError()
  }

  private func failure(_ answer: BucketResponse, _ key: String) -> BucketError {
    let code = ErrorAnswer.code(answer.body)
    switch (answer.status, code) {
    case (_, "RequestTimeTooSkewed"): return .clockSkew
    case (_, "NoSuchBucket"): return .noBucket(bucket)
    case (_, "BadDigest"), (_, "XAmzContentSHA256Mismatch"), (_, "XAmzContentChecksumMismatch"), (_, "InvalidDigest"),
      (_, "IncompleteBody"):
      return .contentRefused(key: key, code: code)
    case (401, _), (403, _): return .denied(key: key, code: code)
    case (404, _): return key.isEmpty ? .noBucket(bucket) : .noObject(key)
    case (409, _), (412, _): return .conflict(key: key, status: answer.status, code: code)
    case (429, _), (500..., _): return .serverFault(key: key, status: answer.status, code: code)
    default: return .refused(key: key, status: answer.status, code: code)
    }
  }

  /// Escapes all but what RFC 3986 leaves unreserved, as a signature needs it.
  static func escaped(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF")
    var result = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
        UInt8(ascii: "~"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default: result += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
      }
    }
    return result
  }
}
