import Foundation
import MirrorTypes
import ObjectBucket
import Synchronization
import SystemPackage
import Testing

/// A store that answers what a test says, and remembers what it was asked.
private final class Script: BucketTransport {
  private let state: Mutex<(answers: [BucketResponse], asked: [BucketRequest])>

  init(_ answers: [BucketResponse]) { state = Mutex((answers, [])) }

  var asked: [BucketRequest] { state.withLock { $0.asked } }

  func send(_ request: BucketRequest) async throws -> BucketResponse {
    state.withLock { state in
      state.asked.append(request)
      return state.answers.count > 1 ? state.answers.removeFirst() : state.answers[0]
    }
  }

  func isPassing(_ failure: any Error) -> Bool { false }
}

extension BucketResponse {
  fileprivate init(_ status: Int, _ text: String = "", _ headers: [String: String] = [:]) {
    self.init(status: status, headers: headers, body: Array(text.utf8))
  }
}

@Suite("What a bucket answers is not believed blindly")
struct ClientTests {
  private func client(_ answers: BucketResponse...) -> (BucketClient, Script) {
    let script = Script(answers)
    return (BucketClient(script, bucket: "mirror", attempts: 3, pause: .milliseconds(1)), script)
  }

  private func error(_ body: () async throws -> Void) async -> BucketError? {
    do { try await body() } catch { return error as? BucketError }
    return nil
  }

  private func page(_ keys: [(String, Int)], next: String? = nil) -> String {
    let items = keys.map { "<Contents><Key>\($0)</Key><Size>\($1)</Size></Contents>" }.joined()
    let token = next.map { "<NextContinuationToken>\($0)</NextContinuationToken>" } ?? ""
    return "<ListBucketResult><IsTruncated>\(next != nil)</IsTruncated>\(token)\(items)</ListBucketResult>"
  }

  @Test("a listing goes on from page to page, with its token escaped")
  func pages() async throws {
    let (client, script) = client(.init(200, page([("a/1", 1)], next: "x+/=&amp;")), .init(200, page([("a/2", 2)])))
    #expect(try await client.list("a/") == ["a/1": 1, "a/2": 2])
    #expect(script.asked.map(\.query).last == "continuation-token=x%2B%2F%3D%26&list-type=2&prefix=a%2F")
  }

  @Test(
    "a listing that is none is refused",
    arguments: [
      "", "nonsense", "<a/>", "<ListBucketResult></ListBucketResult>",
      "<!DOCTYPE x [<!ENTITY a \"b\">]><ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>",
      "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
      "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>b/1</Key><Size>1</Size></Contents></ListBucketResult>",
      "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a/1</Key><Size>-1</Size></Contents></ListBucketResult>",
      String(repeating: "<a>", count: 20),
      "<ListBucketResult><IsTruncated>" + String(repeating: "x", count: 5000) + "</IsTruncated></ListBucketResult>",
    ]
  )
  func hostileListings(text: String) async {
    let (client, _) = client(.init(200, text))
    guard case .malformed = await error({ _ = try await client.list("a/") }) else {
      Issue.record("it was taken: \(text.prefix(60))")
      return
    }
  }

  @Test("a listing that gives the same page for ever ends")
  func endlessListing() async {
    let (client, _) = client(.init(200, page([("a/1", 1)], next: "t")))
    guard case .malformed = await error({ _ = try await client.list("a/") }) else {
      Issue.record("no error")
      return
    }
  }

  @Test("a busy store is asked again, a number of times")
  func busy() async throws {
    let (client, script) = client(.init(503, "", ["retry-after": "0"]), .init(500), .init(200, page([])))
    #expect(try await client.list("a/").isEmpty)
    #expect(script.asked.count == 3)
    let (other, asked) = self.client(.init(503, "<Error><Code>SlowDown</Code></Error>"))
    guard case .serverFault(_, 503, "SlowDown") = await error({ _ = try await other.list("a/") }) else {
      Issue.record("no error of its kind")
      return
    }
    #expect(asked.asked.count == 3)
  }

  @Test("errors are told by kind, and are not tried again")
  func kinds() async throws {
    let object = ObjectDigest.sha256(of: [1])
    func put(_ status: Int, _ code: String) async -> (String, Int) {
      let (client, script) = client(.init(status, "<Error><Code>\(code)</Code></Error>"))
      let error = await error {
        try await client.put(.bytes([1]), as: "k", digest: object, type: "a/b", cacheControl: "c")
      }
      return (error.map { "\($0)" } ?? "", script.asked.count)
    }
    for (status, code, text) in [
      (403, "AccessDenied", "denies it (AccessDenied)"), (403, "RequestTimeTooSkewed", "clock"),
      (404, "NoSuchBucket", "there is no bucket 'mirror'"), (409, "OperationAborted", "another writer is active"),
      (412, "PreconditionFailed", "another writer is active"), (400, "BadDigest", "other bytes than were signed"),
      (400, "<b/>", "HTTP status 400 (no code)"), (301, "PermanentRedirect", "HTTP status 301"),
    ] {
      let (said, asked) = await put(status, code)
      #expect(said.contains(text), "\(said)")
      #expect(asked == 1)
    }
  }

  @Test("a store that says it took other bytes, or does not say that it took any, is not believed")
  func lies() async throws {
    let object = ObjectDigest.sha256(of: [1])
    for answer in [
      BucketResponse(200, "", ["etag": "\"x\"", "x-amz-checksum-sha256": "AAAA"]), BucketResponse(200),
    ] {
      let (client, _) = client(answer)
      #expect(
        await error {
          try await client.put(.bytes([1]), as: "k", digest: object, type: "a/b", cacheControl: "c")
        } != nil
      )
    }
    for answer in [BucketResponse(206, "\u{2}"), BucketResponse(206, "\u{1}\u{1}"), BucketResponse(416)] {
      let (client, _) = client(answer)
      #expect(await error { try await client.verify("k", object, size: 1) } != nil)
    }
    let (honest, _) = client(.init(206, "\u{1}"))
    try await honest.verify("k", object, size: 1)
  }

  @Test("a file of more than 5 GiB is not even begun")
  func tooLarge() async {
    let (client, script) = client(.init(200, "", ["etag": "x"]))
    let body = BucketRequest.Body.file("/none", size: BucketClient.largestObject + 1)
    let object = ObjectDigest.sha256(of: [])
    guard
      case .tooLarge = await error({
        try await client.put(body, as: "k", digest: object, type: "a/b", cacheControl: "c")
      })
    else {
      Issue.record("no error of its kind")
      return
    }
    #expect(script.asked.isEmpty)
  }
}
