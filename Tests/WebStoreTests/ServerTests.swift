import Foundation
import Glibc
import MirrorTypes
import SystemPackage
import TestSupport
import Testing

@testable import WebStore

/// A server over real sockets.
struct ServerTests {
  private static let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
  private static let text = Array(String(repeating: "<file name=\"a\"/>\n", count: 500).utf8)
  private static let files = ["updates/big.dat": bytes, "updates/small.dat": Array(bytes[..<1000]), "a.xml": text]

  @Test func `files of all sizes come whole, by GET, and as fields alone by HEAD`() async throws {
    let files = Self.files.merging(["empty": []]) { first, _ in first }
    try await ServerFixture(files).run { fixture in
      for (path, bytes) in files {
        let answer = try await fixture.get("/\(path)")
        #expect(answer.status == 200)
        #expect(answer.body == bytes)
        #expect(answer.fields["content-length"] == "\(bytes.count)")
        #expect(answer.fields["last-modified"] == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(answer.fields["cache-control"] == "no-cache")
        let head = try await fixture.get("/\(path)", method: "HEAD")
        #expect(head.status == 200 && head.body.isEmpty)
        #expect(head.fields["etag"] == answer.fields["etag"])
        #expect(head.fields["content-length"] == "\(bytes.count)")
      }
    }
  }

  @Test func `several requests go over one connection, even when all are sent at once`() async throws {
    try await ServerFixture(Self.files).run { fixture in
      let one = "GET /updates/small.dat HTTP/1.1\r\nHost: a\r\n\r\n"
      let last = "GET /updates/big.dat HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
      let all = try await fixture.exchange(String(repeating: one, count: 20) + last)
      #expect(all.components(separatedBy: "HTTP/1.1 200 OK").count == 22)
    }
  }

  @Test func `ranges come as they were asked for`() async throws {
    try await ServerFixture(Self.files).run { fixture in
      let one = try await fixture.get("/updates/big.dat", "Range: bytes=1000-1999")
      #expect(one.status == 206)
      #expect(one.body == Array(Self.bytes[1000..<2000]))
      #expect(one.fields["content-range"] == "bytes 1000-1999/300000")
      let two = try await fixture.get("/updates/big.dat", "Range: bytes=0-9,-5")
      #expect(two.status == 206)
      let boundary = try #require(two.fields["content-type"]?.components(separatedBy: "boundary=").last)
      var expected = Data("--\(boundary)\r\nContent-Type: application/octet-stream\r\n".utf8)
      expected += Data("Content-Range: bytes 0-9/300000\r\n\r\n".utf8) + Data(Self.bytes[..<10])
      expected += Data("\r\n--\(boundary)\r\nContent-Type: application/octet-stream\r\n".utf8)
      expected += Data("Content-Range: bytes 299995-299999/300000\r\n\r\n".utf8) + Data(Self.bytes.suffix(5))
      expected += Data("\r\n--\(boundary)--\r\n".utf8)
      #expect(Data(two.body) == expected)
      #expect(two.fields["content-length"] == "\(expected.count)")
      let none = try await fixture.get("/updates/big.dat", "Range: bytes=300000-")
      #expect(none.status == 416)
      #expect(none.fields["content-range"] == "bytes */300000")
      let tag = try #require(one.fields["etag"])
      #expect(try await fixture.get("/updates/big.dat", "Range: bytes=0-1", "If-Range: \(tag)").status == 206)
      #expect(try await fixture.get("/updates/big.dat", "Range: bytes=0-1", "If-Range: \"x\"").status == 200)
      #expect(try await fixture.get("/updates/big.dat", "Range: bytes=0-1", method: "HEAD").status == 200)
      let many = (0..<5000).map { "\($0 * 2)-\($0 * 2)" }.joined(separator: ",")
      let bounded = try await fixture.get("/updates/big.dat", "Range: bytes=\(many.prefix(20_000))")
      #expect(bounded.status == 200 && bounded.body.count == Self.bytes.count)
    }
  }

  @Test func `text is packed for those who take it, each coding with a tag of its own`() async throws {
    try await ServerFixture(Self.files).run { fixture in
      let plain = try await fixture.get("/a.xml")
      #expect(plain.body == Self.text && plain.fields["vary"] == "Accept-Encoding")
      let tag = try #require(plain.fields["etag"])
      let folder = TemporaryFolder()
      for (coding, tool) in [("gzip", "gzip"), ("zstd", "zstd")] {
        // The second time it is at hand.
        for _ in 0..<2 {
          let packed = try await fixture.get("/a.xml", "Accept-Encoding: \(coding)")
          #expect(packed.fields["content-encoding"] == coding)
          #expect(packed.fields["etag"] != tag)
          #expect(packed.body.count < Self.text.count / 4)
          #expect(packed.fields["content-length"] == "\(packed.body.count)")
          let file = folder["packed.\(coding)"]
          try Data(packed.body).write(to: URL(fileURLWithPath: file.string))
          #expect(try Array(Command.run(tool, ["-dc", file.string]).utf8) == Self.text)
          let again = try await fixture.get(
            "/a.xml",
            "Accept-Encoding: \(coding)",
            "If-None-Match: \(packed.fields["etag"] ?? "")"
          )
          #expect(again.status == 304)
          let head = try await fixture.get("/a.xml", "Accept-Encoding: \(coding)", method: "HEAD")
          #expect(head.fields["content-length"] == packed.fields["content-length"] && head.body.isEmpty)
        }
      }
      // Who has the plain form already is told that it is still good.
      #expect(try await fixture.get("/a.xml", "Accept-Encoding: gzip", "If-None-Match: \(tag)").status == 304)
      // A range is of the file as it is.
      let range = try await fixture.get("/a.xml", "Accept-Encoding: gzip", "Range: bytes=0-4")
      #expect(range.status == 206 && range.text == "<file" && range.fields["content-encoding"] == nil)
    }
  }

  @Test func `only reading is allowed, and what is not there is not found`() async throws {
    try await ServerFixture(Self.files).run { fixture in
      for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"] {
        let answer = try await fixture.get("/a.xml", method: method)
        #expect(answer.status == 405 && answer.fields["allow"] == "GET, HEAD", "\(method)")
      }
      for path in ["/nothing", "/updates", "/updates/", "/a.xml/", "/updates/small.dat/x"] {
        #expect(try await fixture.get(path).status == 404, "\(path)")
      }
      for path in ["/../a.xml", "/%2e%2e/a.xml", "/a%00.xml", "/updates%2fsmall.dat", "/..%5ca.xml"] {
        #expect(try await fixture.get(path).status == 400, "\(path)")
      }
      #expect(try await fixture.exchange("GET /a.xml HTTP/1.1\r\nConnection: close\r\n\r\n").contains(" 400 "))
      #expect(try await fixture.exchange("GET /a.xml HTTP/1.0\r\n\r\n").contains(" 200 "))
      #expect(try await fixture.exchange("nonsense\r\n\r\n").contains(" 400 "))
    }
  }

  @Test func `a file that is gone or of another size is not sent`() async throws {
    try await ServerFixture(Self.files).run { fixture in
      let place = try #require(fixture.content.place(of: "updates/big.dat"))
      try Data(Self.bytes[..<7]).write(to: URL(fileURLWithPath: place.string))
      #expect(try await fixture.get("/updates/big.dat").status == 500)
      try FileManager.default.removeItem(atPath: place.string)
      #expect(try await fixture.get("/updates/big.dat").status == 404)
    }
  }

  @Test func `a file that changes its name while it is sent comes whole`() async throws {
    let large = (0..<30_000_000).map { UInt8(truncatingIfNeeded: $0 >> 10) }
    try await ServerFixture(["large": large]).run { fixture in
      let port = fixture.port
      let place = try #require(fixture.content.place(of: "large"))
      let got = try await onThread {
        let socket = try RawSocket(port)
        try socket.send(Array("GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8))
        var all = try socket.read(until: "\r\n\r\n")
        try FileManager.default.removeItem(atPath: place.string)
        all += try socket.readToEnd()
        return all
      }
      #expect(try RawAnswer(got).body == large)
    }
  }

  @Test func `a request whose fields are too large is refused`() async throws {
    try await ServerFixture(Self.files).run { fixture in
      let large = try await fixture.exchange(
        "GET /a.xml HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 100_000))\r\n\r\n"
      )
      #expect(large.hasPrefix("HTTP/1.1 431 "))
      let many = (0..<500).map { "X\($0): y\r\n" }.joined()
      #expect(try await fixture.exchange("GET /a.xml HTTP/1.1\r\nHost: a\r\n\(many)\r\n").hasPrefix("HTTP/1.1 431 "))
      let endless = "GET /\(String(repeating: "a", count: 200_000)) HTTP/1.1\r\nHost: a\r\n\r\n"
      #expect(try await fixture.exchange(endless).hasPrefix("HTTP/1.1 4"))
    }
  }

  @Test func `a request that trickles in, and a connection that says nothing, are closed`() async throws {
    try await ServerFixture(
      Self.files,
      {
        $0.headTimeout = 1; $0.idleTimeout = 1
      }
    ).run { fixture in
      let port = fixture.port
      let silent = try await onThread { try RawSocket(port).readToEnd() }
      #expect(silent.isEmpty)
      let got = try await onThread {
        let socket = try RawSocket(port)
        try socket.send(Array("GET /a.xml HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        _ = try socket.read(until: "\r\n\r\n")
        // A second request, a byte at a time: it has a second in all.
        for byte in "GET /a.xml HTTP/1.1\r\nHost: a\r\n".utf8 {
          guard (try? socket.send([byte])) != nil else { break }
          usleep(100_000)
        }
        return try socket.readToEnd()
      }
      #expect(!String(decoding: got, as: UTF8.self).contains("HTTP/1.1 200"))
    }
  }

  @Test func `connections are bounded in number, for each address and by network`() async throws {
    try await ServerFixture(Self.files, { $0.maximumConnectionsPerAddress = 2 }).run { fixture in
      let port = fixture.port
      try await onThread {
        let open = try (0..<2).map { _ in try RawSocket(port) }
        for socket in open {
          try socket.send(Array("GET /updates/small.dat HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
          _ = try socket.read(until: "\r\n\r\n")
        }
        let third = try RawSocket(port)
        try? third.send(Array("GET /updates/small.dat HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        withExtendedLifetime(open) {}
        guard try third.readToEnd().isEmpty else { throw TestFailure("a third connection was answered") }
      }
    }
    try await ServerFixture(Self.files, { $0.allowed = [AddressRange("192.0.2.0/24")!] }).run { fixture in
      let answer = try await fixture.exchange("GET /a.xml HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(answer.isEmpty)
    }
    try await ServerFixture(Self.files, { $0.allowed = [AddressRange("127.0.0.0/8")!] }).run { fixture in
      let answer = try await fixture.get("/a.xml")
      #expect(answer.status == 200)
    }
  }

  @Test func `a client that asks too often is told to wait`() async throws {
    try await ServerFixture(Self.files, { $0.requestsPerSecond = 0.001 }).run { fixture in
      let one = "GET /updates/small.dat HTTP/1.1\r\nHost: a\r\n\r\n"
      let last = "GET /updates/small.dat HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
      let all = try await fixture.exchange(String(repeating: one, count: 100) + last)
      #expect(all.components(separatedBy: "HTTP/1.1 200 OK").count == 101)
      #expect(all.contains("HTTP/1.1 429 ") && all.contains("Retry-After: 1"))
    }
  }

  @Test func `when it ends, answers under way are finished`() async throws {
    let large = [UInt8](repeating: 7, count: 30_000_000)
    // A port that nobody else is given once it is free.
    let port = try Loopback.freePort()
    let fixture = try await ServerFixture(["large": large]) {
      $0.listeners = [.address(host: "127.0.0.1", port: port, secure: false)]
    }
    let socket = try RawSocket(port)
    let idle = try RawSocket(port)
    try socket.send(Array("GET /large HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
    let start = try await onThread { try socket.read(until: "\r\n\r\n") }
    async let stopped: Void = fixture.server.stop()
    let rest = try await onThread { try socket.readToEnd() }
    #expect(try RawAnswer(start + rest).body.count == large.count)
    let left = try await onThread { try idle.readToEnd() }
    #expect(left.isEmpty)
    await stopped
    // A program that another test starts has the socket too, until it has closed what is not its own.
    for _ in 0..<100 where Loopback.answers(port) { try await Task.sleep(for: .milliseconds(20)) }
    #expect(!Loopback.answers(port))
  }

  @Test func `answers are logged, to a new file when the old one was renamed away`() async throws {
    let logs = TemporaryFolder()
    let log = logs["access.log"]
    try await ServerFixture(Self.files, { $0.log = .file(log) }).run { fixture in
      _ = try await fixture.get("/updates/small.dat", "User-Agent: first")
      while try String(contentsOfFile: log.string, encoding: .utf8).isEmpty { usleep(50_000) }
      try FileManager.default.moveItem(atPath: log.string, toPath: log.string + ".1")
      _ = try await fixture.get("/nothing", "User-Agent: second")
    }
    let first = try String(contentsOfFile: log.string + ".1", encoding: .utf8)
    #expect(first.hasPrefix("127.0.0.1 - - ["))
    #expect(first.hasSuffix("\"GET /updates/small.dat HTTP/1.1\" 200 1000 \"-\" \"first\"\n"))
    let second = try String(contentsOfFile: log.string, encoding: .utf8)
    #expect(second.contains("\"GET /nothing HTTP/1.1\" 404 ") && second.contains("second"))
  }

  @Test func `an idle connection of HTTP/2 ends, and one that is in use does not`() async throws {
    let large = [UInt8](repeating: 7, count: 60_000_000)
    try await ServerFixture(["large": large, "small": [1]], secure: true, { $0.idleTimeout = 4 }).run { fixture in
      let place = fixture.folder["got"].string
      // The file takes six seconds; what follows comes over the same connection.
      let said = try await onThread { [port = fixture.port] in
        try Command.run(
          "curl",
          ["-skf", "--http2", "--limit-rate", "10M", "-o", place, "-w", "%{http_version} %{num_connects}\\n"]
            + ["https://localhost:\(port)/large", "--next", "-skf", "--http2", "-o", "/dev/null", "-w"]
            + ["%{http_version} %{num_connects}\\n", "https://localhost:\(port)/small"]
        )
      }
      #expect(said == "2 1\n2 0\n")
      #expect(try Data(contentsOf: URL(fileURLWithPath: place)) == Data(large))
      // A client that says nothing: it ends by itself only when the server has closed.
      try await onThread { [port = fixture.port] in
        let words = ["60", "openssl", "s_client", "-quiet", "-alpn", "h2", "-connect", "127.0.0.1:\(port)"]
        do { try Command.run("timeout", words) } catch {
          // openssl minds how it was closed; 124 would be the time limit.
          if "\(error)".contains("124") { throw error }
        }
      }
    }
  }
}
