import Foundation
import Glibc
import LoopbackTLS
import Synchronization
import SystemPackage
import TestSupport

/// An update server: serves a folder over HTTPS (HTTP/1.1, conditional requests, ranges), and misbehaves as it is told.
///
/// It ends with this object.
package final class UpdateServer: Sendable {
  /// One request, as it came.
  package struct Request: Sendable {
    /// The path below the root, decoded, without the slash in front.
    package let path: String
    /// Headers by name in lower case.
    package let headers: [String: String]
    /// Which request for this path it is, from 1 on.
    package let count: Int
    /// Which request of all it is, from 1 on.
    package let number: Int
  }

  /// How a request is answered.
  package enum Answer: Sendable {
    /// With the file, or 404.
    case file
    /// With the file of another tree, with or without an `ETag` and a date.
    case from(FilePath, hasValidators: Bool = true)
    /// With the file, and these headers in the place of its `ETag` and date.
    case headed([String])
    /// With the file and a date alone, which never grows: whoever asks with a date is told that nothing has changed.
    case dated
    /// With the file, so many bytes of it, and then nothing for so many seconds.
    case held(after: Int, seconds: Double)
    /// With a status and no file.
    case status(Int, headers: [String] = [])
    /// With other bytes than the file's.
    case bytes([UInt8])
    /// With the file, but cut off after so many bytes of it.
    case cut(after: Int)
    /// With the file, and so many bytes more than its length is told to be, or less.
    case wrongLength(by: Int)
    /// Not at all, for so many seconds.
    case stall(seconds: Double)
  }

  /// Decides how a request is answered.
  package typealias Script = @Sendable (Request) -> Answer

  /// The port on 127.0.0.1.
  package let port: Int
  private let root: FilePath
  private let listener: TLSListener
  private let state = Mutex(State())

  private struct State {
    var script: Script = { _ in .file }
    var requests: [Request] = []
    var counts: [String: Int] = [:]
  }

  /// Starts a server.
  package init(serving root: FilePath, identity: TestAuthority.Identity) throws {
    self.root = root
    listener = try TLSListener(identity)
    port = listener.port
    listener.start { [weak self] connection, _ in self?.serve(connection) }
  }

  deinit { stop() }

  /// Its address.
  package var url: String { "https://localhost:\(port)" }

  /// All requests so far.
  package var requests: [Request] { state.withLock { $0.requests } }

  /// Forgets the requests so far.
  package func forgetRequests() {
    state.withLock {
      $0.requests = []
      $0.counts = [:]
    }
  }

  /// From now on answers as `script` says.
  package func answer(_ script: @escaping Script) { state.withLock { $0.script = script } }

  /// Ends it; connections are cut.
  package func stop() { listener.stop() }
}

// MARK: - On the threads

extension UpdateServer {
  private func serve(_ connection: TLSConnection) {
    var pending: [UInt8] = []
    while let head = readHead(connection, &pending), let (request, script) = note(head) {
      guard answer(request, script(request), on: connection) else { return }
    }
    connection.close()
  }

  private func readHead(_ connection: TLSConnection, _ pending: inout [UInt8]) -> String? {
    while true {
      if let end = pending.firstRange(of: Array("\r\n\r\n".utf8)) {
        defer { pending.removeSubrange(..<end.upperBound) }
        return String(decoding: pending[..<end.lowerBound], as: UTF8.self)
      }
      let bytes = connection.read()
      if bytes.isEmpty || pending.count > 65_536 { return nil }
      pending += bytes
    }
  }

  private func note(_ head: String) -> (Request, Script)? {
    let lines = head.split(separator: "\r\n")
    let words = lines.first?.split(separator: " ") ?? []
    guard words.count == 3, words[0] == "GET", words[1].hasPrefix("/") else { return nil }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2 { headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " }) }
    }
    let path = Self.decoded(words[1].dropFirst())
    return state.withLock { state in
      state.counts[path, default: 0] += 1
      let count = state.counts[path, default: 0]
      let request = Request(path: path, headers: headers, count: count, number: state.requests.count + 1)
      state.requests.append(request)
      return (request, state.script)
    }
  }

  private static func decoded(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Answers; `false` when the connection is to be closed.
  private func answer(_ request: Request, _ answer: Answer, on connection: TLSConnection) -> Bool {
    switch answer {
    case .status(let status, let headers):
      return connection.write(Self.head(status, ["Content-Length: 0"] + headers))
    case .bytes(let bytes):
      return connection.write(Self.head(200, ["Content-Length: \(bytes.count)"]) + bytes)
    case .stall(let seconds):
      connection.stall(seconds: seconds)
      return false
    case .from(let root, _):
      return FileAnswer(request: request, root: root, misbehaviour: answer).send(on: connection)
    case .file, .cut, .wrongLength, .headed, .dated, .held:
      return FileAnswer(request: request, root: root, misbehaviour: answer).send(on: connection)
    }
  }

  static func head(_ status: Int, _ headers: [String]) -> [UInt8] {
    Array((["HTTP/1.1 \(status) Status"] + headers + ["", ""]).joined(separator: "\r\n").utf8)
  }
}
