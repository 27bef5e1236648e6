import TestSupport
import Testing
import Transfer

@Suite struct ContinuationTests {
  private let body = noise(200_000)
  private let tag = Validators(etag: "\"v1\"")

  @Test func `a cut file is continued where it was cut, on the condition that it is the same`() async throws {
    let body = body
    let server = try ScriptedServer { request, connection in
      if request.number > 0 {
        connection.serve(body, etag: "\"v1\"", for: request)
        return .keep
      }
      connection.begin(["ETag: \"v1\""], length: body.count, body[..<80_000])
      return .close
    }
    let client = try TransferClient.quick(server.url)
    let sink = MemorySink(limit: 1 << 20)
    let response = try await client.fetch(TransferRequest("a", into: sink, expected: 200_000))
    #expect(sink.bytes == body)
    #expect(response.byteCount == 200_000)
    #expect(response.bytesReceived == 200_000)
    #expect(response.retries == 1)
    #expect(response.validators.etag == "\"v1\"")
    #expect(server.requests.count == 2)
    #expect(server.requests.last?.headers["range"] == "bytes=80000-")
    #expect(server.requests.last?.headers["if-range"] == "\"v1\"")
  }

  @Test func `a connection that is torn down again and again costs no bytes twice`() async throws {
    let body = noise(2_000_000)
    let server = try ScriptedServer { request, connection in
      let first = request.headers["range"].flatMap { Int($0.dropFirst(6).dropLast()) } ?? 0
      let head = [
        "HTTP/1.1 \(first == 0 ? "200 OK" : "206 Partial Content")", "Content-Length: \(body.count - first)",
        "ETag: \"v1\"", "Content-Range: bytes \(first)-\(body.count - 1)/\(body.count)",
      ]
      // As far as it goes, each attempt brings the file further: it does not count.
      connection.send(Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body[first...].prefix(300_000))
      return .close
    }
    let client = try TransferClient.quick(server.url) { $0.retries.attempts = 2 }
    let sink = MemorySink(limit: 1 << 22)
    let response = try await client.fetch(TransferRequest("a", into: sink))
    #expect(sink.bytes == body)
    #expect(response.bytesReceived == 2_000_000)
    #expect(server.requests.count == 7)
  }

  @Test func `a cut file is begun anew when it has changed`() async throws {
    let (old, new) = (body, noise(150_000, seed: 2))
    let server = try ScriptedServer { request, connection in
      if request.number > 0 {
        connection.serve(new, etag: "\"v2\"", for: request)
        return .keep
      }
      connection.begin(["ETag: \"v1\""], length: old.count, old[..<80_000])
      return .close
    }
    let client = try TransferClient.quick(server.url)
    let sink = MemorySink(limit: 1 << 20)
    let response = try await client.fetch(TransferRequest("a", into: sink))
    #expect(sink.bytes == new)
    #expect(response.byteCount == 150_000)
    #expect(response.bytesReceived == 230_000)
    #expect(response.validators.etag == "\"v2\"")
    #expect(server.requests.last?.headers["if-range"] == "\"v1\"")
  }

  @Test(arguments: [
    "bytes 0-99999/200000", "bytes 100001-199999/200000", "bytes 100000-199999/200000; ETag: \"v2\"",
  ])
  func `a part other than the one asked for is not put behind what is held`(range: String) async throws {
    let body = body
    let server = try ScriptedServer { request, connection in
      if request.headers["range"] == nil {
        connection.answer("200 OK", ["ETag: \"v1\""], body)
      } else {
        let parts = range.split(separator: "; ").map(String.init)
        let headers = ["Content-Range: \(parts[0])", parts.count > 1 ? parts[1] : "ETag: \"v1\""]
        connection.answer("206 Partial Content", headers, noise(100_000, seed: 3))
      }
      return .keep
    }
    let client = try TransferClient.quick(server.url)
    let sink = MemorySink(holding: body[..<100_000])
    _ = try await client.fetch(TransferRequest("a", into: sink, resume: tag))
    #expect(sink.bytes == body)
    #expect(server.requests.map { $0.headers["range"] } == ["bytes=100000-", nil])
  }

  @Test(arguments: [
    "", "bytes */200000", "bytes 100000-/200000", "lines 100000-199999/200000",
    "bytes 100000-99999999999999999999/200000", "bytes 100000-199999/150000", "bytes 100000-150000/200000",
  ])
  func `a part that does not say rightly what it is is refused`(range: String) async throws {
    let server = try ScriptedServer { request, connection in
      let headers = ["ETag: \"v1\""] + (range.isEmpty ? [] : ["Content-Range: \(range)"])
      connection.answer("206 Partial Content", headers, noise(100_000, seed: 3))
      return .keep
    }
    let client = try TransferClient.quick(server.url)
    let sink = MemorySink(holding: body[..<100_000])
    let error = try await client.failure(TransferRequest("a", into: sink, resume: tag))
    #expect(error.isMalformedAnswer, "\(error)")
    #expect(sink.bytes == Array(body[..<100_000]))
  }

  @Test func `a part of a file of another length than the known one is refused`() async throws {
    let server = try ScriptedServer { _, connection in
      let headers = ["ETag: \"v1\"", "Content-Range: bytes 100000-100009/100010"]
      connection.answer("206 Partial Content", headers, noise(10))
      return .keep
    }
    let client = try TransferClient.quick(server.url)
    let sink = MemorySink(holding: body[..<100_000])
    let error = try await client.failure(TransferRequest("a", into: sink, expected: 200_000, resume: tag))
    #expect(error.told == "wrongLength(expected: 200000, received: 100010)")
    #expect(sink.offset == 100_000)
  }

  @Test(arguments: [Validators(), Validators(etag: "W/\"v1\"")])
  func `without a strong validator all is fetched anew`(held: Validators) async throws {
    let body = body
    let server = try ScriptedServer { request, connection in
      connection.serve(body, etag: "W/\"v1\"", for: request)
      return .keep
    }
    let client = try TransferClient.quick(server.url)
    let sink = MemorySink(holding: noise(50_000, seed: 4))
    let response = try await client.fetch(TransferRequest("a", into: sink, resume: held))
    #expect(sink.bytes == body)
    #expect(response.byteCount == 200_000)
    #expect(server.requests.count == 1)
    #expect(server.requests.first?.headers["range"] == nil)
  }

  @Test func `a date will do where there is no tag`() async throws {
    let body = body
    let date = "Tue, 15 Nov 1994 12:45:26 GMT"
    let server = try ScriptedServer { request, connection in
      let headers = ["Last-Modified: \(date)", "Content-Range: bytes 100000-199999/200000"]
      connection.answer("206 Partial Content", headers, body[100_000...])
      return .keep
    }
    let client = try TransferClient.quick(server.url)
    let sink = MemorySink(holding: body[..<100_000])
    _ = try await client.fetch(TransferRequest("a", into: sink, resume: Validators(lastModified: date)))
    #expect(sink.bytes == body)
    #expect(server.requests.map { $0.headers["if-range"] } == [date])
  }

  @Test(arguments: ["416 Range Not Satisfiable", "412 Precondition Failed"])
  func `a server that has no such part is asked for all`(status: String) async throws {
    let body = body
    let server = try ScriptedServer { request, connection in
      if request.headers["range"] == nil { connection.answer("200 OK", [], body) } else { connection.answer(status) }
      return .keep
    }
    let client = try TransferClient.quick(server.url)
    let sink = MemorySink(holding: noise(100_000, seed: 5))
    _ = try await client.fetch(TransferRequest("a", into: sink, resume: tag))
    #expect(sink.bytes == body)
    #expect(server.requests.count == 2)
  }

  @Test func `a file that is not modified is not sent, and the sink is not touched`() async throws {
    let server = try ScriptedServer { _, connection in
      connection.answer("304 Not Modified")
      return .keep
    }
    let client = try TransferClient.quick(server.url)
    let held = Validators(etag: "W/\"v1\"", lastModified: "Tue, 15 Nov 1994 12:45:26 GMT")
    let sink = MemorySink(holding: body[..<10])
    var request = TransferRequest("a", into: sink)
    request.validators = held
    let response = try await client.fetch(request)
    #expect(response.outcome == .notModified)
    #expect(response.byteCount == 0)
    #expect(response.validators == held)
    #expect(sink.bytes == Array(body[..<10]))
    #expect(server.requests.first?.headers["if-none-match"] == held.etag)
    #expect(server.requests.first?.headers["if-modified-since"] == held.lastModified)
  }

  @Test func `a file that is modified is sent to a conditional request`() async throws {
    let body = body
    let server = try ScriptedServer { _, connection in
      connection.answer("200 OK", ["ETag: \"v2\""], body)
      return .keep
    }
    let client = try TransferClient.quick(server.url)
    let sink = MemorySink(limit: 1 << 20)
    var request = TransferRequest("a", into: sink)
    request.validators = tag
    let response = try await client.fetch(request)
    #expect(response.outcome == .complete)
    #expect(response.validators == Validators(etag: "\"v2\""))
    #expect(sink.bytes == body)
  }

  @Test func `not modified is no answer to a request without a condition`() async throws {
    let server = try ScriptedServer { _, connection in
      connection.answer("304 Not Modified")
      return .keep
    }
    let client = try TransferClient.quick(server.url)
    #expect(try await client.failure(TransferRequest("a")).told == "httpStatus(304)")
    #expect(server.requests.count == 1)
  }

  @Test func `a validator with a line break is not sent`() async throws {
    let server = try ScriptedServer { _, connection in
      connection.answer()
      return .keep
    }
    let client = try TransferClient.quick(server.url)
    var request = TransferRequest("a")
    request.validators = Validators(etag: "\"v1\"\r\nX-Other: 1")
    #expect(request.validators?.isEmpty == true)
    _ = try await client.fetch(request)
    #expect(server.requests.first?.headers["if-none-match"] == nil)
    #expect(server.requests.first?.headers["x-other"] == nil)
  }
}
