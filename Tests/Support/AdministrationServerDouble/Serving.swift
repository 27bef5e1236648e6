import Foundation
import LoopbackTLS

/// HTTP/1.1 on the threads of the connections.
extension AdministrationServerDouble {
  private struct Head {
    let verb: String
    let target: String
    let headers: [String: String]
  }

  /// An answer of the server.
  struct Reply {
    var status = 200
    var contentType = "application/json; charset=UTF-8"
    var headers: [String] = []
    var body: [UInt8] = []

    var bytes: [UInt8] {
      let lines = ["HTTP/1.1 \(status) Status", "Content-Type: \(contentType)", "Content-Length: \(body.count)"]
      return Array((lines + headers + ["", ""]).joined(separator: "\r\n").utf8) + body
    }
  }

  func serve(_ connection: TLSConnection, _ number: Int) {
    var pending: [UInt8] = []
    while let head = Self.readHead(connection, &pending) {
      if head.headers["expect"]?.lowercased() == "100-continue" {
        guard connection.write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)) else { return }
      }
      guard let body = Self.readBody(connection, &pending, head) else { return }
      // One connection carries one call at a time.
      if !pending.isEmpty { state.withLock { $0.rulesBroken += 1 } }
      guard answer(head, body, connection, number) else { return }
    }
    connection.close()
  }

  private static func readHead(_ connection: TLSConnection, _ pending: inout [UInt8]) -> Head? {
    while true {
      if let end = pending.firstRange(of: Array("\r\n\r\n".utf8)) {
        defer { pending.removeSubrange(..<end.upperBound) }
        return head(String(decoding: pending[..<end.lowerBound], as: UTF8.self))
      }
      let bytes = connection.read()
      if bytes.isEmpty || pending.count > 65_536 { return nil }
      pending += bytes
    }
  }

  private static func head(_ text: String) -> Head? {
    let lines = text.split(separator: "\r\n")
    let words = lines.first?.split(separator: " ").map(String.init) ?? []
    guard words.count == 3 else { return nil }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2 { headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " }) }
    }
    return Head(verb: words[0], target: words[1], headers: headers)
  }

  private static func readBody(_ connection: TLSConnection, _ pending: inout [UInt8], _ head: Head) -> [UInt8]? {
    let length = head.headers["content-length"].flatMap { Int($0) } ?? 0
    guard length <= 64 << 20 else { return nil }
    while pending.count < length {
      let bytes = connection.read()
      if bytes.isEmpty { return nil }
      pending += bytes
    }
    defer { pending.removeSubrange(..<length) }
    return Array(pending[..<length])
  }

  /// Answers; `false` when the connection is to be closed.
  private func answer(_ head: Head, _ body: [UInt8], _ connection: TLSConnection, _ number: Int) -> Bool {
    let prefix = "/api/v1.0/"
    let method =
      head.verb == "POST" && head.target.hasPrefix(prefix) ? String(head.target.dropFirst(prefix.count)) : head.verb
    let (call, misbehaviour) = state.withLock { state in
      state.counts[method, default: 0] += 1
      let call = DoubleCall(
        method: method,
        headers: head.headers,
        body: body,
        count: state.counts[method] ?? 1,
        number: state.calls.count + 1,
        connection: number
      )
      state.calls.append(call)
      return (call, state.script)
    }
    func reply() -> Reply {
      switch head.verb {
      case "POST" where method != head.verb: self.reply(to: call)
      case "PUT": self.reply(toPart: call, head.target)
      case "GET" where head.target.hasPrefix("/plugin/"): self.reply(toPlugin: head.target)
      default: Reply(status: 404, contentType: "text/html", body: Array("<h1>Not found</h1>".utf8))
      }
    }
    let isSignIn = ["login", "Session.StartSession"].contains(method)
    if isSignIn {
      state.withLock { state in
        state.signInsUnderWay += 1
        state.mostSignInsAtOnce = max(state.mostSignInsAtOnce, state.signInsUnderWay)
      }
    }
    defer { if isSignIn { state.withLock { $0.signInsUnderWay -= 1 } } }
    switch misbehaviour(call) {
    case nil: return connection.write(reply().bytes)
    case .status(let status, let headers, let text):
      return connection.write(
        Reply(status: status, contentType: "text/plain", headers: headers, body: Array(text.utf8)).bytes
      )
    case .failure(let failure): return connection.write(Reply(body: failure.json).bytes)
    case .late(let seconds):
      connection.stall(seconds: seconds)
      return connection.write(reply().bytes)
    case .truncated(let length):
      var reply = reply()
      reply.body = Array(reply.body.prefix(length))
      return connection.write(reply.bytes)
    case .cut:
      let bytes = reply().bytes
      _ = connection.write(Array(bytes.prefix(bytes.count - 3)))
      connection.cut()
      return false
    case .cutBefore:
      connection.cut()
      return false
    case .body(let bytes, let type): return connection.write(Reply(contentType: type, body: bytes).bytes)
    case .huge(let size): return sendHuge(size, connection)
    }
  }

  private func sendHuge(_ size: Int, _ connection: TLSConnection) -> Bool {
    let begin = Array("{\"PxgRetVal\":\"".utf8)
    let end = Array("\"}".utf8)
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(size)\r\n\r\n"
    guard connection.write(Array(head.utf8) + begin) else { return false }
    var left = size - begin.count - end.count
    while left > 0 {
      let count = min(left, 1 << 16)
      guard connection.write([UInt8](repeating: UInt8(ascii: "x"), count: count)) else { return false }
      left -= count
    }
    return connection.write(end)
  }
}
