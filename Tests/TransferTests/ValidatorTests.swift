import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Transfer

/// What is kept of a server's headers, and sent back, is sound, whatever it sends.
@Suite struct ValidatorTests {
  @Test(arguments: [
    "\"v1\"", "W/\"v1\"", "\"\"", "\"!#~\"", "\"" + String(repeating: "x", count: 254) + "\"",
  ])
  func `entity tags that are kept`(_ tag: String) {
    #expect(Validators(etag: tag).etag == tag)
  }

  @Test(arguments: [
    "", "v1", "\"v1", "v1\"", "\"", "w/\"v1\"", "\"a\"b\"", "\"a b\"", "\"a\u{1}\"", "\"a\r\nX: 1\"", "\"\u{7F}\"",
    "\"é\"",
    "\"a\", \"b\"", "*", "\"" + String(repeating: "x", count: 255) + "\"", String(repeating: "\"", count: 65_536),
  ])
  func `entity tags that are not kept`(_ tag: String) {
    #expect(Validators(etag: tag).etag == nil)
    #expect(Validators(etag: tag).isEmpty)
  }

  @Test(arguments: [
    ("Tue, 15 Nov 1994 12:45:26 GMT", true), ("Sunday, 06-Nov-94 08:49:37 GMT", true),
    ("Sun Nov  6 08:49:37 1994", true),
    ("yesterday", false), ("", false), ("Tue, 15 Nov 1994 12:45:26 GMT\r\nX: 1", false),
    ("Tue, 15 Nov 1994 12:45:26 GMT" + String(repeating: " ", count: 60) + "x", false),
  ])
  func `dates`(_ date: String, _ isKept: Bool) {
    #expect(Validators(lastModified: date).lastModified == (isKept ? date : nil))
  }

  @Test func `what an earlier version kept is looked at again`() throws {
    let kept = #"{"etag":"\"a\u0001\"","lastModified":"Tue, 15 Nov 1994 12:45:26 GMT"}"#
    let validators = try JSONDecoder().decode(Validators.self, from: Data(kept.utf8))
    #expect(validators == Validators(lastModified: "Tue, 15 Nov 1994 12:45:26 GMT"))
    let again = try JSONDecoder().decode(Validators.self, from: try JSONEncoder().encode(validators))
    #expect(again == validators)
  }

  @Test func `only a strong tag allows going on`() {
    #expect(
      Validators(etag: "\"a\"", lastModified: "Tue, 15 Nov 1994 12:45:26 GMT").strongTag == Validators(etag: "\"a\"")
    )
    #expect(Validators(etag: "W/\"a\"").strongTag == nil)
    #expect(Validators(lastModified: "Tue, 15 Nov 1994 12:45:26 GMT").strongTag == nil)
  }

  @Test(arguments: [400, 412, 431, 494])
  func `a condition that a server takes offence at is dropped`(_ status: Int) async throws {
    let server = try ScriptedServer { request, connection in
      let isConditional = request.headers["if-none-match"] != nil
      connection.answer(
        isConditional ? "\(status) No" : "200 OK",
        ["ETag: \"new\""],
        Array((isConditional ? "" : "new").utf8)
      )
      return .keep
    }
    let client = try TransferClient.quick(server.url)
    let sink = MemorySink(limit: 10)
    var request = TransferRequest("a", into: sink)
    request.validators = Validators(etag: "\"old\"")
    let response = try await client.fetch(request)
    #expect(response.outcome == .complete && sink.bytes == Array("new".utf8))
    #expect(response.validators == Validators(etag: "\"new\""))
    #expect(server.requests.count == 2)
  }

  @Test func `pauses that servers ask for have a limit in all, and are reported`() async throws {
    let server = try ScriptedServer { _, connection in
      connection.answer("503 Service Unavailable", ["Retry-After: 7200"])
      return .keep
    }
    let told = Told()
    let client = try TransferClient.quick(server.url) {
      $0.retries.attempts = 50
      $0.retries.longestPause = .milliseconds(200)
      $0.retries.longestWaiting = .milliseconds(500)
      $0.onEvent = { if case .pause(let pause) = $0 { told.note(pause) } }
    }
    let error = try await client.failure(TransferRequest("a"))
    #expect(error.kind == .refused)
    #expect(error.description.contains("503") && error.description.contains("come back in 2 hours"))
    #expect(told.pauses.count == 2 && told.pauses.allSatisfy { $0.asked == .seconds(7200) && $0.status == 503 })
    #expect(server.requests.count == 3)
  }
}

/// Pauses as a client tells them.
private final class Told: Sendable {
  private let state = Mutex<[TransferPause]>([])

  var pauses: [TransferPause] { state.withLock { $0 } }

  func note(_ pause: TransferPause) { state.withLock { $0.append(pause) } }
}
