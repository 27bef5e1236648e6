import Crypto
import Foundation
import SystemPackage
import TestSupport
import Testing

/// HTTP's semantics, asked of the built-in server and of nginx with the shipped configuration: a table of questions, and
/// both have to give the answer that stands in it.
@Suite(.enabled(if: NginxServer.isInstalled, Comment(rawValue: NginxServer.absence)))
struct WebSemanticsTests {
  /// A question. `{tag}` and `{date}` stand for the entity tag and the date that the server gave for the same path.
  struct Question: Sendable, CustomTestStringConvertible {
    let path: String
    let status: Int
    let arguments: [String]
    /// Fields that the answer has to have, with a text in each.
    let fields: [String: String]
    /// How many bytes its body has to have; `nil`: any number.
    let count: Int?

    init(_ status: Int, _ path: String, _ fields: String..., has: [String: String] = [:], count: Int? = nil) {
      self.path = path
      self.status = status
      arguments = fields.flatMap { $0.hasPrefix("-") ? $0.components(separatedBy: " ") : ["-H", $0] }
      self.fields = has
      self.count = count
    }

    var testDescription: String { "\(status) \(path) \(arguments.joined(separator: " "))" }
  }

  private static let file = "/updates/updates/ah/ah0000.dat"
  private static let index = "/updates/index/u1901g.xml"
  private static let before = "Thu, 01 Jan 1998 00:00:00 GMT"

  /// What RFC 9110 leaves to a server, and the two do differently, is not asked: dates later than a file's, ranges that
  /// are no ranges, ranges with HEAD, and a name in another case.
  static let questions: [Question] = [
    Question(200, file, has: ["cache-control": "no-cache", "accept-ranges": "bytes", "content-type": "octet-stream"]),
    Question(200, file, "-I", has: ["etag": "\"", "last-modified": "GMT"], count: 0),
    Question(200, index, has: ["content-type": "text/xml", "vary": "Accept-Encoding"]),
    Question(200, "/updates//index///u1901g.xml"),
    Question(200, "\(file)?anything=../x"),
    Question(200, "/updates/updates/%61h/ah0000.dat"),
    // What is not there.
    Question(404, "/updates/nothing.dat", has: ["content-type": "text/plain", "x-content-type-options": "nosniff"]),
    Question(404, "/updates/updates/"),
    Question(404, "/updates/updates"),
    Question(404, "/updates/"),
    Question(404, "\(file)/"),
    Question(404, "\(file)/x"),
    Question(404, "/nothing", has: ["content-type": "text/plain", "cache-control": "no-cache"]),
    Question(404, "/catalogue.sqlite"),
    Question(404, "/objects/"),
    Question(404, "/keys/root.key"),
    Question(404, "/packages/"),
    // Only reading.
    Question(405, file, "-X POST", has: ["allow": "GET, HEAD"]),
    Question(405, file, "-X PUT", has: ["allow": "GET, HEAD"]),
    Question(405, file, "-X DELETE", has: ["allow": "GET, HEAD"]),
    Question(405, file, "-X OPTIONS", has: ["allow": "GET, HEAD"]),
    Question(405, file, "-X PROPFIND", has: ["allow": "GET, HEAD"]),
    // Ways out.
    Question(400, "/../etc/passwd"),
    Question(400, "/updates/../metadata/timestamp.json"),
    Question(400, "/updates/%2e%2e/metadata/timestamp.json"),
    Question(400, "/updates/.%2E/metadata/timestamp.json"),
    Question(400, "/updates/..%2fmetadata/timestamp.json"),
    Question(400, "/updates%2findex/u1901g.xml"),
    Question(400, "/updates/..%5cmetadata"),
    Question(400, "/updates/./index/u1901g.xml"),
    Question(400, "/updates/index/u1901g.xml%00"),
    Question(400, "/metadata/../keys/root.key"),
    Question(400, "/updates/%zz"),
    // Conditions.
    Question(304, file, "If-None-Match: {tag}", count: 0),
    Question(304, file, "If-None-Match: \"x\", {tag}", count: 0),
    Question(304, file, "If-None-Match: W/{tag}", count: 0),
    Question(304, file, "If-None-Match: *", count: 0),
    Question(304, file, "If-None-Match: {tag}", "-I", count: 0),
    Question(200, file, "If-None-Match: \"x\""),
    Question(200, file, "If-None-Match: \"x\"", "If-Modified-Since: {date}"),
    Question(304, file, "If-Modified-Since: {date}", count: 0),
    Question(200, file, "If-Modified-Since: \(before)"),
    Question(200, file, "If-Modified-Since: yesterday"),
    Question(200, file, "If-Match: {tag}"),
    Question(200, file, "If-Match: *"),
    Question(412, file, "If-Match: \"x\""),
    Question(412, file, "If-Match: W/{tag}"),
    Question(200, file, "If-Unmodified-Since: {date}"),
    Question(412, file, "If-Unmodified-Since: \(before)"),
    Question(412, file, "If-Match: \"x\"", "If-None-Match: {tag}"),
    // Ranges.
    Question(206, file, "Range: bytes=0-9", has: ["content-range": "bytes 0-9/"], count: 10),
    Question(206, file, "Range: bytes=5-", has: ["content-range": "bytes 5-"]),
    Question(206, file, "Range: bytes=-7", has: ["content-range": "bytes "], count: 7),
    Question(206, file, "Range: bytes=0-9999999", has: ["content-range": "bytes 0-"]),
    Question(206, file, "Range: bytes=0-1,4-5", has: ["content-type": "multipart/byteranges; boundary="]),
    Question(206, file, "Range: bytes=0-1,9999999-", has: ["content-range": "bytes 0-1/"], count: 2),
    Question(416, file, "Range: bytes=9999999-", has: ["content-range": "bytes */"]),
    Question(200, file, "Range: lines=0-9"),
    Question(200, file, "Range: bytes=0-,0-"),
    Question(200, file, "Range: bytes=\((0..<100).map { "\($0)-\($0)" }.joined(separator: ","))"),
    Question(206, file, "Range: bytes=0-9", "If-Range: {tag}", count: 10),
    Question(206, file, "Range: bytes=0-9", "If-Range: {date}", count: 10),
    Question(200, file, "Range: bytes=0-9", "If-Range: \"x\""),
    Question(200, file, "Range: bytes=0-9", "If-Range: W/{tag}"),
    Question(200, file, "Range: bytes=0-9", "If-Range: \(before)"),
    Question(304, file, "Range: bytes=0-9", "If-None-Match: {tag}", count: 0),
    Question(206, file, "Range: bytes=0-9", "If-Modified-Since: \(before)", count: 10),
    Question(304, file, "Range: bytes=0-9", "If-Modified-Since: {date}", count: 0),
    // Packed.
    Question(200, index, "Accept-Encoding: gzip", has: ["content-encoding": "gzip", "vary": "Accept-Encoding"]),
    Question(200, index, "Accept-Encoding: gzip", "-I", has: ["content-encoding": "gzip"], count: 0),
    // Metadata.
    Question(200, "/metadata/timestamp.json", has: ["cache-control": "no-cache", "content-type": "application/json"]),
    Question(200, "/metadata/1.root.json", has: ["cache-control": "immutable", "x-content-type-options": "nosniff"]),
    Question(304, "/metadata/1.root.json", "If-None-Match: {tag}", count: 0),
    Question(404, "/metadata/root.json"),
    Question(404, "/metadata/99.root.json"),
    Question(404, "/metadata/"),
    Question(404, "/targets/updates/index/\(String(repeating: "0", count: 64)).u1901g.xml"),
    Question(404, "/targets/u1901g.xml"),
    // Too much.
    Question(400, file, "X: \(String(repeating: "x", count: 90_000))"),
  ]

  /// What a server answered.
  struct Verdict {
    let status: Int
    let fields: [String: String]
    let body: Data
  }

  private func ask(_ question: Question, _ base: String, _ world: World, _ version: String) throws -> Verdict {
    var arguments = question.arguments
    if arguments.contains(where: { $0.contains("{") }) {
      let plain = try ask(Question(200, question.path), base, world, version)
      arguments = arguments.map {
        $0.replacingOccurrences(of: "{tag}", with: plain.fields["etag"] ?? "none")
          .replacingOccurrences(of: "{date}", with: plain.fields["last-modified"] ?? "none")
      }
    }
    let name = UUID().uuidString
    let (body, head) = (world.folder["temporary/\(name).body"], world.folder["temporary/\(name).head"])
    _ = FileManager.default.createFile(atPath: body.string, contents: nil)
    // A connection of HTTP/2 that is ended is a refusal, too, of a request that is too large.
    let isTooLarge = arguments.contains { $0.utf8.count > 50_000 }
    let status = try Command.run(
      isTooLarge ? "sh" : "curl",
      (isTooLarge ? ["-c", "curl \"$@\" || true", "curl"] : [])
        + ["-s", "--path-as-is", version, "--cacert", world.authority.certificate.string, "--max-time", "120"]
        + ["-o", body.string, "-D", head.string, "-w", "%{http_code}"] + arguments + [base + question.path]
    )
    var fields: [String: String] = [:]
    for line in try String(contentsOfFile: head.string, encoding: .utf8).components(separatedBy: "\r\n") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      fields[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    // With -I curl writes the fields where the body would be.
    let bytes = arguments.contains("-I") ? Data() : try Data(contentsOf: URL(fileURLWithPath: body.string))
    return Verdict(status: Int(status) ?? 0, fields: fields, body: bytes)
  }

  @Test(arguments: ["--http1.1", "--http2"])
  func `the built-in server and nginx answer every question alike`(version: String) async throws {
    let world = try World()
    try await world.makeKeys()
    #expect(try await world.sync().status == 0)
    let identity = try world.authority.issue("localhost")
    let nginx = try WebStoreGround.nginx(world.connected, identity)
    let served = try WebStoreGround(world, world.connected, identity)
    for question in Self.questions {
      var bodies: [Data] = []
      for base in [served.url, "https://localhost:\(nginx.port)"] {
        let verdict = try ask(question, base, world, version)
        let isTooLarge = question.status == 400 && [0, 431].contains(verdict.status)
        #expect(verdict.status == question.status || isTooLarge, "\(question.testDescription) \(base == served.url)")
        for (name, text) in question.fields {
          #expect(
            verdict.fields[name]?.contains(text) == true,
            "\(question.testDescription): \(name) is \(verdict.fields[name] ?? "missing") \(base == served.url)"
          )
        }
        if let count = question.count { #expect(verdict.body.count == count, "\(question.testDescription)") }
        if verdict.fields["content-encoding"] == nil, !(question.fields["content-type"] ?? "").hasPrefix("multipart") {
          bodies.append(verdict.body)
        }
      }
      if (200..<300).contains(question.status), bodies.count == 2 {
        #expect(bodies[0] == bodies[1], "\(question.testDescription)")
      }
    }
    #expect(try await served.stop() == 0)
  }
}

/// `kscmirror serve` on loopback.
final class WebStoreGround {
  let port: Int
  let url: String
  private let running: World.Running

  /// Starts it and waits until it answers.
  init(_ world: World, _ store: FilePath, _ identity: TestAuthority.Identity?, _ more: String...) throws {
    let port = try Loopback.freePort()
    let address = "127.0.0.1:\(port)"
    let secure = identity.map {
      ["--listen", address, "--certificate", $0.certificate.string, "--key", $0.key.string]
    }
    running = try world.start(["serve", "--store", store.string] + (secure ?? ["--http", address]) + more)
    self.port = port
    url = "\(identity == nil ? "http" : "https")://localhost:\(port)"
    while running.process.isRunning, !Loopback.answers(port) { usleep(20_000) }
    guard running.process.isRunning else { throw TestFailure("'kscmirror serve' ended at once") }
  }

  /// Asks it to end; returns its exit status.
  func stop() async throws -> Int32 {
    running.process.kill(SIGTERM)
    return try await running.outcome().status
  }

  /// nginx with the shipped configuration on the same store.
  static func nginx(_ store: FilePath, _ identity: TestAuthority.Identity?) throws -> NginxServer {
    let place = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
      .pushing("Mirror/nginx/web-store.conf")
    return try NginxServer(
      serving: store,
      identity: identity,
      settings: String(contentsOfFile: place.string, encoding: .utf8)
        .replacingOccurrences(of: "/var/lib/kscmirror", with: store.string)
    )
  }
}
