import Foundation
import TestSupport
import Testing

@testable import WebStore

/// Sends changed requests to the server: see `Fuzz`.
@Suite struct RequestFuzzTests {
  private static let mutator = Mutator(
    [
      "\r\n", "\n", "\r", " ", "\t", ":", "\0", "HTTP/1.1", "HTTP/9.9", "../", "%2e%2e/", "%00",
      "Content-Length: 99999999999\r\n",
      "Transfer-Encoding: chunked\r\n", "Range: bytes=0-,5-9223372036854775807\r\n", "Host: a\r\nHost: b\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\u{202E}",
    ],
    longest: 200,
    mostChanges: 4
  )

  @Test func `whatever is sent, the server answers others, and gives out no file that is not published`() async throws {
    let secret = Array("what lies beside".utf8)
    try await ServerFixture(["a/b.dat": Array("published".utf8)]) { options in
      options.headTimeout = 2
      options.idleTimeout = 2
      options.stallTimeout = 2
    }.run { fixture in
      try Data(secret).write(to: URL(fileURLWithPath: fixture.folder["beside"].string))
      let request = """
        GET /a/b.dat HTTP/1.1\r
        Host: localhost\r
        Range: bytes=2-5\r
        If-None-Match: "abc"\r
        Accept-Encoding: gzip;q=0.5, zstd\r
        Connection: close\r
        \r

        """
      let port = fixture.port
      for round in Fuzz.rounds("requests over HTTP/1.1", 250) {
        let answer = try await onThread {
          var (changed, random) = (Array(request.utf8), round.random)
          changed = Self.mutator.changed(changed, &random)
          let socket = try RawSocket(port)
          try? socket.send(changed)
          socket.endSending()
          return (try? socket.readToEnd()) ?? []
        }
        #expect(Data(answer).range(of: Data(secret)) == nil, "\(round)")
        if !answer.isEmpty { #expect(answer.starts(with: "HTTP/1.".utf8) || answer.first == 0, "\(round)") }
      }
      #expect(try await fixture.get("/a/b.dat").text == "published")
    }
  }
}
