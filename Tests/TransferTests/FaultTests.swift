import Glibc
import TestSupport
import Testing
import Transfer

@Suite struct FaultTests {
  private struct Refusal: Error, Equatable {}

  @Test func `a length that the body does not reach is reported as cut short`() async throws {
    let server = try ScriptedServer { _, connection in
      connection.begin(length: 1000, noise(10))
      return .close
    }
    let client = try TransferClient.quick(server.url)
    let error = try await client.failure(TransferRequest("a"))
    #expect(error.told == "cutShort(expected: Optional(1000), received: 10)")
    #expect(error.kind == .damaged)
    #expect(server.requests.count == 3)
  }

  @Test func `what comes behind the told length is not taken for the next answer`() async throws {
    let server = try ScriptedServer { request, connection in
      guard request.target == "/first" else {
        connection.answer("200 OK", [], Array("second".utf8))
        return .keep
      }
      connection.begin(length: 5, Array("firstHTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nsmuggle".utf8))
      return .keep
    }
    let client = try TransferClient.quick(server.url) { $0.eventLoops = 1 }
    #expect(try await client.bytes("first") == Array("first".utf8))
    #expect(try await client.bytes("second") == Array("second".utf8))
  }

  @Test func `a file told to be longer than allowed is refused before its body`() async throws {
    let server = try ScriptedServer { _, connection in
      connection.begin(length: 1001, noise(10))
      connection.stall()
      return .close
    }
    let client = try TransferClient.quick(server.url)
    let sink = MemorySink(limit: 10_000)
    let error = try await client.failure(TransferRequest(.path("a"), into: sink, maximumBytes: 1000))
    #expect(error.told == "tooLarge(limit: 1000)")
    #expect(sink.bytes.isEmpty)
    #expect(server.requests.count == 1)
  }

  @Test func `a body without end is cut at the most bytes allowed`() async throws {
    let server = try ScriptedServer { _, connection in
      connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
      for _ in 0..<2000 { connection.send("10000\r\n\(String(repeating: "x", count: 65536))\r\n") }
      return .close
    }
    let client = try TransferClient.quick(server.url)
    let sink = MemorySink(limit: 1 << 24)
    let error = try await client.failure(TransferRequest(.path("a"), into: sink, maximumBytes: 100_000))
    #expect(error.told == "tooLarge(limit: 100000)")
    #expect(sink.offset <= 100_000)
    #expect(server.requests.count == 1)
  }

  @Test func `a length other than the known one is refused before the body`() async throws {
    let server = try ScriptedServer { _, connection in
      connection.answer("200 OK", [], noise(999))
      return .keep
    }
    let client = try TransferClient.quick(server.url)
    let sink = MemorySink(limit: 10_000)
    let error = try await client.failure(TransferRequest("a", into: sink, expected: 1000))
    #expect(error.told == "wrongLength(expected: 1000, received: 999)")
    #expect(sink.bytes.isEmpty)
    #expect(server.requests.count == 1)
  }

  @Test func `a body of no told length has to have the known one`() async throws {
    let server = try ScriptedServer { request, connection in
      let text = request.target == "/long" ? "12345678" : "123"
      connection.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n\(text)")
      return .close
    }
    let client = try TransferClient.quick(server.url)
    let long = try await client.failure(TransferRequest("long", expected: 5))
    #expect(long.told == "wrongLength(expected: 5, received: 8)")
    let short = try await client.failure(TransferRequest("short", expected: 5))
    #expect(short.told == "cutShort(expected: Optional(5), received: 3)")
  }

  @Test(arguments: [
    "what is this\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nbody",
    "HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\nbody",
    "HTTP/1.1 206 Partial Content\r\nContent-Length: 4\r\nContent-Range: bytes 0-3/4\r\n\r\nbody",
  ])
  func `an answer against the rules is reported as that, and its body is not kept`(text: String) async throws {
    let server = try ScriptedServer { _, connection in
      connection.send(text)
      return .close
    }
    let client = try TransferClient.quick(server.url)
    let sink = MemorySink(limit: 1000)
    let error = try await client.failure(TransferRequest("a", into: sink))
    #expect(error.isMalformedAnswer, "\(error)")
    #expect(sink.bytes.isEmpty)
    #expect(server.requests.count == 1)
  }

  @Test(arguments: ["many lines", "one line", "answers before the answer", "trailers"])
  func `headers without end are cut`(kind: String) async throws {
    let server = try ScriptedServer { _, connection in
      let filler = String(repeating: "x", count: 2000)
      let (first, rest) =
        switch kind {
        case "many lines": ("HTTP/1.1 200 OK\r\n", "X-Filler: \(filler)\r\n")
        case "one line": ("HTTP/1.1 200 OK\r\nX-Filler: ", filler)
        case "trailers":
          ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n", "X-Filler: \(filler)\r\n")
        default: ("", "HTTP/1.1 103 Early Hints\r\nX-Filler: \(filler)\r\n\r\n")
        }
      connection.send(first)
      // 40 MB: whoever reads them all is neither quick nor small.
      for _ in 0..<20_000 { connection.send(rest) }
      return .close
    }
    let client = try TransferClient.quick(server.url)
    let error = try await client.failure(TransferRequest("a"))
    #expect(error.isMalformedAnswer, "\(error)")
    #expect(server.requests.count == 1)
  }

  @Test func `an error's endless body is not read to its end`() async throws {
    let server = try ScriptedServer { _, connection in
      connection.send("HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n")
      while !connection.stall(seconds: 0) { connection.send("1000\r\n\(String(repeating: "x", count: 4096))\r\n") }
      return .close
    }
    let client = try TransferClient.quick(server.url)
    let sink = MemorySink(limit: 1000)
    #expect(try await client.failure(TransferRequest("a", into: sink)).told == "httpStatus(403)")
    #expect(sink.bytes.isEmpty)
    #expect(server.requests.count == 1)
  }

  @Test func `an error of the sink ends the transfer and is handed on`() async throws {
    let server = try ScriptedServer { _, connection in
      connection.begin(length: 1000, noise(10))
      connection.stall()
      return .close
    }
    let client = try TransferClient.quick(server.url)
    let error = try await client.failure(TransferRequest("a", into: WatchedSink { _ in throw Refusal() }))
    guard case .sink(let own) = error.reason else { throw error }
    #expect(own as? Refusal == Refusal())
    let full = try await client.failure(TransferRequest("a", into: MemorySink(limit: 9)))
    guard case .sink(let own) = full.reason else { throw full }
    #expect((own as? MemorySink.Full)?.limit == 9)
    #expect(server.requests.count == 2)
  }

  @Test func `redirections are followed, relative ones too`() async throws {
    let other = try ScriptedServer { _, connection in
      connection.answer("200 OK", [], Array("moved".utf8))
      return .keep
    }
    let away = other.url + "new"
    let server = try ScriptedServer { request, connection in
      switch request.target {
      case "/a/old": connection.answer("301 Moved Permanently", ["Location: ../b/next"], noise(100))
      default: connection.answer("307 Temporary Redirect", ["Location: \(away)"])
      }
      return .keep
    }
    let client = try TransferClient.quick(server.url)
    let sink = MemorySink(limit: 1000)
    let response = try await client.fetch(TransferRequest("a/old", into: sink))
    #expect(sink.bytes == Array("moved".utf8))
    #expect(response.url == away)
    #expect(response.retries == 0)
    #expect(server.requests.map(\.target) == ["/a/old", "/b/next"])
    #expect(other.requests.map(\.target) == ["/new"])
    #expect(client.statistics.requests == 3)
  }

  @Test func `redirections in a circle end`() async throws {
    let server = try ScriptedServer { request, connection in
      connection.answer("302 Found", ["Location: /\(request.number + 1)"])
      return .keep
    }
    let client = try TransferClient.quick(server.url)
    let error = try await client.failure(TransferRequest("0"))
    #expect(error.told == "refusedRedirect(to: \"\(server.url)6\")")
    #expect(error.kind == .forbidden)
    #expect(server.requests.count == 6)
  }

  @Test(arguments: ["file:///etc/passwd", "ftp://127.0.0.1/a", "gopher://127.0.0.1/", "http://a b/"])
  func `a redirection to what is not the web is refused`(target: String) async throws {
    let server = try ScriptedServer { _, connection in
      connection.answer("302 Found", ["Location: \(target)"])
      return .keep
    }
    let client = try TransferClient.quick(server.url)
    let sink = MemorySink(limit: 100_000)
    _ = try await client.failure(TransferRequest("a", into: sink))
    #expect(sink.bytes.isEmpty)
    #expect(server.requests.count == 1)
  }

  @Test func `a redirection to nowhere is reported as the status it is`() async throws {
    let server = try ScriptedServer { _, connection in
      connection.answer("302 Found")
      return .keep
    }
    let client = try TransferClient.quick(server.url)
    #expect(try await client.failure(TransferRequest("a")).told == "httpStatus(302)")
    #expect(server.requests.count == 1)
  }
}
