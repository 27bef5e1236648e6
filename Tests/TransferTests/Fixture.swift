import Curl
import Synchronization
import SystemPackage
import TestSupport
import Testing

import Transfer

extension TransferClient {
  /// A client for servers on loopback: no proxy, pauses of milliseconds, and the servers in the order given.
  static func quick(_ servers: String..., change: (inout TransferOptions) -> Void = { _ in }) throws -> TransferClient {
    var weight = 1 << 60
    var options = TransferOptions()
    for server in servers {
      options.servers.append(TransferServer(baseURL: server, weight: weight))
      weight >>= 24
    }
    options.connection.allowsPlainHTTP = true
    options.connection.proxy = .none
    options.retries.attempts = 3
    options.retries.firstPause = .milliseconds(5)
    options.retries.longestPause = .milliseconds(20)
    change(&options)
    return try TransferClient(options)
  }

  /// The bytes of a file.
  func bytes(_ path: String) async throws -> [UInt8] {
    let sink = MemorySink(limit: 1 << 24)
    _ = try await fetch(TransferRequest(path, into: sink))
    return sink.bytes
  }

  /// The bytes of many files, all asked for at once.
  func bytes(_ paths: [String]) async throws -> [String: [UInt8]] {
    try await withThrowingTaskGroup(of: (String, [UInt8]).self) { group in
      for path in paths { group.addTask { (path, try await self.bytes(path)) } }
      return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
  }

  /// The error of a fetch that has to fail.
  func failure(
    _ request: TransferRequest,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> TransferError {
    try await #require(throws: TransferError.self, sourceLocation: sourceLocation) { try await self.fetch(request) }
  }
}

extension TransferRequest {
  /// A request for a path, with room enough.
  init(
    _ path: String,
    into sink: any TransferSink = MemorySink(limit: 1 << 24),
    expected: Int64? = nil,
    resume: Validators? = nil
  ) {
    self.init(
      .path(path),
      into: sink,
      maximumBytes: 1 << 24,
      expectedBytes: expected,
      resumeValidators: resume
    )
  }
}

extension TransferError {
  /// The reason with its details, for comparing.
  var told: String { String(describing: reason) }

  var isMalformedAnswer: Bool { if case .malformedAnswer = reason { true } else { false } }
  var isTLSNotTrusted: Bool { if case .tlsNotTrusted = reason { true } else { false } }
  var isNotSignedIn: Bool { if case .proxy(.notSignedIn) = reason { true } else { false } }
  var isCutShort: Bool { if case .cutShort = reason { true } else { false } }

  func isTimedOut(_ limit: TimeLimit) -> Bool { if case .timedOut(limit) = reason { true } else { false } }
}

/// A sink that lets the test have a look, or a say, at each piece that comes.
final class WatchedSink: TransferSink {
  private let held: MemorySink
  private let watch: @Sendable (WatchedSink) throws -> Void

  init(_ watch: @escaping @Sendable (WatchedSink) throws -> Void) {
    held = MemorySink(limit: 1 << 24)
    self.watch = watch
  }

  var bytes: [UInt8] { held.bytes }
  var offset: Int64 { held.offset }
  func restart() { held.restart() }

  func append(_ bytes: UnsafeRawBufferPointer) throws {
    try held.append(bytes)
    try watch(self)
  }
}

/// A sink that only counts.
final class CountingSink: TransferSink {
  private let count = Atomic<Int64>(0)

  var offset: Int64 { count.load(ordering: .relaxed) }
  func restart() { count.store(0, ordering: .relaxed) }
  func append(_ bytes: UnsafeRawBufferPointer) { count.add(Int64(bytes.count), ordering: .relaxed) }
}

extension MemorySink {
  /// A sink that holds the beginning of a file from an earlier run.
  convenience init(holding bytes: some Sequence<UInt8>) {
    self.init(limit: 1 << 24)
    Array(bytes).withUnsafeBytes { try? append($0) }
  }
}

extension ScriptedServer.Connection {
  /// Sends the head of an answer with a body of `length` bytes, and `bytes` of that body.
  func begin(_ headers: [String] = [], length: Int, _ bytes: some Sequence<UInt8>) {
    let lines = ["HTTP/1.1 200 OK", "Content-Length: \(length)"] + headers
    send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + bytes)
  }

  /// Answers as a server does that knows of ranges and strong tags.
  func serve(_ body: [UInt8], etag: String, for request: ScriptedServer.Request) {
    guard let range = request.headers["range"], request.headers["if-range"] == etag,
      let first = Int(range.dropFirst("bytes=".count).dropLast())
    else { return answer("200 OK", ["ETag: \(etag)"], body) }
    let bounds = "Content-Range: bytes \(first)-\(body.count - 1)/\(body.count)"
    answer("206 Partial Content", ["ETag: \(etag)", bounds], body[first...])
  }
}
