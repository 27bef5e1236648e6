import Crypto
import Foundation
import Glibc
import MirrorTypes
import NIOCore
import Synchronization
import SystemPackage
import TestSupport

@testable import WebStore

/// A server on loopback with files of a test's own.
final class ServerFixture: Sendable {
  let folder = TemporaryFolder()
  let content: MadeContent
  let server: WebServer

  /// Starts a server of plain HTTP.
  init(
    _ files: [String: [UInt8]] = [:],
    secure: Bool = false,
    certificate: WebServerOptions.Certificate? = nil,
    _ change: (inout WebServerOptions) -> Void = { _ in }
  ) async throws {
    content = MadeContent(folder.path)
    for (path, bytes) in files { try content.put(path, bytes) }
    var options = WebServerOptions(
      listeners: [.address(host: "127.0.0.1", port: 0, secure: secure)],
      certificate: certificate ?? (secure ? .selfSigned(names: ["localhost"]) : nil)
    )
    options.threads = 1
    change(&options)
    server = try await WebServer.start(content, options)
  }

  var port: Int { (server.ports.first ?? nil) ?? 0 }

  /// Runs a body and stops the server.
  func run(_ body: (ServerFixture) async throws -> Void) async throws {
    do {
      try await body(self)
    } catch {
      await server.stop()
      throw error
    }
    await server.stop()
  }

  /// Sends bytes over a connection of its own and returns what comes until the server closes it.
  func exchange(_ request: String) async throws -> String {
    let port = port
    return try await onThread {
      let socket = try RawSocket(port)
      try socket.send(Array(request.utf8))
      return String(decoding: try socket.readToEnd(), as: UTF8.self)
    }
  }

  /// Asks for a path in a request of its own.
  func get(_ path: String, _ fields: String..., method: String = "GET") async throws -> RawAnswer {
    let lines = ["\(method) \(path) HTTP/1.1", "Host: localhost", "Connection: close"] + fields
    let text = lines.joined(separator: "\r\n") + "\r\n\r\n"
    let port = port
    let bytes = try await onThread {
      let socket = try RawSocket(port)
      try socket.send(Array(text.utf8))
      return try socket.readToEnd()
    }
    return try RawAnswer(bytes)
  }
}

/// Runs what waits on a thread of its own.
func onThread<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread { continuation.resume(with: Result { try work() }) }
  }
}

/// An answer, taken apart.
struct RawAnswer {
  let status: Int
  let fields: [String: String]
  let body: [UInt8]

  init(_ bytes: [UInt8]) throws {
    guard let end = Data(bytes).range(of: Data("\r\n\r\n".utf8)) else {
      throw TestFailure("no answer: \(String(decoding: bytes.prefix(200), as: UTF8.self))")
    }
    let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
    status = Int(lines[0].split(separator: " ")[1]) ?? 0
    var fields: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      fields[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    self.fields = fields
    body = Array(bytes[end.upperBound...])
  }

  var text: String { String(decoding: body, as: UTF8.self) }
}

/// A plain connection to loopback whose reads give up after a minute.
final class RawSocket: Sendable {
  private let descriptor: Int32

  init(_ port: Int) throws {
    guard let descriptor = Loopback.connect(port) else { throw TestFailure("nobody listens on port \(port)") }
    self.descriptor = descriptor
    var time = timeval(tv_sec: 60, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(descriptor) }

  func send(_ bytes: [UInt8]) throws {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress! + done, bytes.count - done, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw Errno(rawValue: errno) }
      done += count
    }
  }

  /// Says that nothing more is sent.
  func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// At least a byte, unless the other end has closed.
  func read(atMost limit: Int = 65_536) throws -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: limit)
    let count = recv(descriptor, &buffer, limit, 0)
    // A server that closes while bytes of ours are under way resets the connection.
    if count < 0 && errno == ECONNRESET { return [] }
    guard count >= 0 else { throw Errno(rawValue: errno) }
    return Array(buffer[..<count])
  }

  func readToEnd() throws -> [UInt8] {
    var all: [UInt8] = []
    while true {
      let some = try read()
      if some.isEmpty { return all }
      all += some
    }
  }

  /// Reads until a text has come.
  func read(until text: String) throws -> [UInt8] {
    var all: [UInt8] = []
    while Data(all).range(of: Data(text.utf8)) == nil {
      let some = try read()
      if some.isEmpty { throw TestFailure("closed before '\(text)'") }
      all += some
    }
    return all
  }
}

/// Files that a test puts there and takes away.
final class MadeContent: WebContent {
  private let files = Mutex<[String: WebFile]>([:])
  private let folder: FilePath
  let madeStatus = Mutex<WebStatus>(
    WebStatus(release: nil, components: [], lastRun: nil, packages: [], packageCount: 0, asOf: 0)
  )

  init(_ folder: FilePath) { self.folder = folder }

  static let changed = UTCTime(seconds: 784_111_777)

  func put(_ path: String, _ bytes: [UInt8], changed: UTCTime = MadeContent.changed) throws {
    let digest = Digest256(bytes: Array(SHA256.hash(data: bytes)))!
    let place = folder.appending(digest.hex)
    try Data(bytes).write(to: URL(fileURLWithPath: place.string))
    files.withLock {
      $0[path] = WebFile(path: path, size: Int64(bytes.count), digest: digest, changed: changed, bytes: .at(place))
    }
  }

  func place(of path: String) -> FilePath? {
    guard case .at(let place)? = files.withLock({ $0[path]?.bytes }) else { return nil }
    return place
  }

  func find(_ path: String) -> WebLookup { files.withLock { $0[path] }.map { .file($0) } ?? .nothing }
  func refresh() {}
  func status() -> WebStatus { madeStatus.withLock { $0 } }
}
