import Curl
import Glibc
import Synchronization
import TestSupport
import Testing
import Transfer

@Suite struct LimitTests {
  /// Answers with the beginning of a body, and then says no more.
  private static let silent: ScriptedServer.Script = { _, connection in
    connection.begin(length: 1000, noise(10))
    connection.stall()
    return .close
  }

  @Test func `a bandwidth limit holds over all files together`() async throws {
    let body = noise(50_000)
    let server = try ScriptedServer { _, connection in
      connection.answer("200 OK", [], body)
      return .keep
    }
    let client = try TransferClient.quick(server.url) {
      $0.bandwidth = [BandwidthRule(bytesPerSecond: 500_000)]
      $0.concurrentTransfers = 4
    }
    let began = ContinuousClock.now
    let files = try await client.bytes((0..<20).map(String.init))
    let took = ContinuousClock.now - began
    #expect(files.values.allSatisfy { $0 == body })
    // A million bytes; the last ones of each of the four need not have been waited for.
    #expect(took >= .milliseconds(1400))
  }

  @Test func `the first rule for bandwidth that applies is the one that counts`() async throws {
    let server = try ScriptedServer { _, connection in
      connection.answer("200 OK", [], noise(50_000))
      return .keep
    }
    let client = try TransferClient.quick(server.url) {
      $0.bandwidth = [BandwidthRule(bytesPerSecond: nil), BandwidthRule(bytesPerSecond: 100)]
    }
    for _ in 0..<3 { #expect(try await client.bytes("a").count == 50_000) }
    #expect(server.requests.count == 3)
  }

  @Test func `a server that says nothing more has stalled`() async throws {
    let server = try ScriptedServer(Self.silent)
    let client = try TransferClient.quick(server.url) {
      $0.connection.stallTimeout = .milliseconds(200)
      $0.retries.attempts = 2
    }
    let error = try await client.failure(TransferRequest("a"))
    #expect(error.isTimedOut(.stalled), "\(error)")
    #expect(error.kind == .timedOut)
    #expect(server.requests.count == 2)
  }

  @Test func `a server that never answers has stalled`() async throws {
    let server = try ScriptedServer { _, connection in
      connection.stall()
      return .close
    }
    let client = try TransferClient.quick(server.url) {
      $0.connection.stallTimeout = .milliseconds(200)
      $0.retries.attempts = 1
    }
    #expect(try await client.failure(TransferRequest("a")).isTimedOut(.stalled))
    #expect(server.requests.count == 1)
  }

  @Test func `a server that drips has stalled where more is demanded`() async throws {
    let server = try ScriptedServer { _, connection in
      connection.begin(length: 100_000, noise(10))
      while !connection.stall(seconds: 0.02) { connection.send("x") }
      return .close
    }
    let client = try TransferClient.quick(server.url) {
      $0.connection.stallTimeout = .milliseconds(400)
      $0.stallBytesPerSecond = 10_000
      $0.retries.attempts = 1
    }
    #expect(try await client.failure(TransferRequest("a")).isTimedOut(.stalled))
  }

  @Test func `a stall is seen also while a bandwidth limit slows the others down`() async throws {
    let silent = try ScriptedServer(Self.silent)
    let chunk = noise(1 << 20)
    let busy = try ScriptedServer { _, connection in
      connection.begin(length: 1 << 40, [])
      while !connection.stall(seconds: 0) { connection.send(chunk) }
      return .close
    }
    let client = try TransferClient.quick(silent.url) {
      $0.bandwidth = [BandwidthRule(bytesPerSecond: 24_000_000)]
      $0.connectionsPerServer = 1
      $0.connection.stallTimeout = .milliseconds(300)
      $0.retries.attempts = 1
    }
    let url = busy.url + "a"
    let other = Task {
      try await client.fetch(TransferRequest(.url(url), into: CountingSink(), maximumBytes: 1 << 40))
    }
    let stalled = Task { try await client.failure(TransferRequest("a")) }
    let giveUp = Task {
      try await Task.sleep(for: .seconds(10))
      stalled.cancel()
    }
    let error = try await stalled.value
    giveUp.cancel()
    other.cancel()
    _ = await other.result
    #expect(error.isTimedOut(.stalled), "\(error)")
  }

  @Test func `files share a limited bandwidth`() async throws {
    let body = noise(1 << 20)
    let server = try ScriptedServer { request, connection in
      let isEndless = request.target == "/endless"
      connection.begin(length: isEndless ? 1 << 40 : body.count * 4, [])
      var sent = 0
      while isEndless ? !connection.stall(seconds: 0) : sent < 4 {
        connection.send(body)
        sent += 1
      }
      return .close
    }
    let client = try TransferClient.quick(server.url) {
      $0.bandwidth = [BandwidthRule(bytesPerSecond: 12 << 20)]
      $0.eventLoops = 1
    }
    let (endless, short) = (CountingSink(), CountingSink())
    let other = Task {
      try await client.fetch(TransferRequest(.path("endless"), into: endless, maximumBytes: 1 << 40))
    }
    while endless.offset < 1 << 20 { try await Task.sleep(for: .milliseconds(5)) }
    // A file that takes all that it gets does not keep the next one waiting.
    _ = try await client.fetch(TransferRequest("a", into: short))
    #expect(short.offset == 4 << 20)
    other.cancel()
    _ = await other.result
  }

  @Test func `a file may take no longer than the total limit, however it drips`() async throws {
    let server = try ScriptedServer { _, connection in
      connection.begin(length: 100_000, noise(10))
      while !connection.stall(seconds: 0.02) { connection.send("x") }
      return .close
    }
    let client = try TransferClient.quick(server.url) {
      $0.connection.stallTimeout = .milliseconds(400)
      $0.totalTimeout = .milliseconds(600)
    }
    let error = try await client.failure(TransferRequest("a"))
    #expect(error.isTimedOut(.total), "\(error)")
    #expect(server.requests.count == 1)
  }

  @Test(arguments: ["500 Internal Server Error", "503 Service Unavailable"])
  func `the total limit holds in pauses too`(status: String) async throws {
    let server = try ScriptedServer { _, connection in
      connection.answer(status)
      return .keep
    }
    let client = try TransferClient.quick(server.url) {
      $0.retries.firstPause = .seconds(60)
      $0.retries.longestPause = .seconds(60)
      $0.totalTimeout = .milliseconds(300)
    }
    let fetching = Task { try await client.failure(TransferRequest("a")) }
    let giveUp = Task {
      try await Task.sleep(for: .seconds(10))
      fetching.cancel()
    }
    let error = try await fetching.value
    giveUp.cancel()
    #expect(error.isTimedOut(.total), "\(error)")
    #expect(server.requests.count == 1)
  }

  @Test func `waiting for one of few connections is no failure to connect`() async throws {
    let server = try ScriptedServer { _, connection in
      usleep(1_200_000)
      connection.answer()
      return .keep
    }
    let client = try TransferClient.quick(server.url) {
      $0.connectionsPerServer = 3
      $0.connection.connectTimeout = .milliseconds(500)
    }
    _ = try await client.bytes(["a", "b", "c"])
    #expect(client.statistics.retries == 0)
    #expect(server.requests.count == 3)
  }

  // MARK: - Cancelling

  @Test func `cancelling a task ends its transfer and keeps what has come`() async throws {
    let left = Mutex(false)
    let server = try ScriptedServer { _, connection in
      connection.begin(length: 1000, noise(10))
      let isLeft = connection.stall()
      left.withLock { $0 = isLeft }
      return .close
    }
    let client = try TransferClient.quick(server.url)
    let sink = MemorySink(limit: 1000)
    let fetching = Task { try await client.failure(TransferRequest("a", into: sink)) }
    #expect(try await eventually { sink.offset == 10 })
    fetching.cancel()
    let error = try await fetching.value
    #expect(error.told == "cancelled")
    #expect(error.kind == .cancelled)
    #expect(sink.bytes == noise(10))
    #expect(try await eventually { left.withLock { $0 } })
    #expect(client.statistics.running == 0)
  }

  @Test func `cancelling ends what has not begun, what waits and what pauses`() async throws {
    let server = try ScriptedServer { request, connection in
      if request.target == "/pausing" {
        connection.answer("500 Internal Server Error")
      } else {
        connection.begin(length: 1000, noise(10))
        connection.stall()
      }
      return .keep
    }
    let client = try TransferClient.quick(server.url) {
      $0.concurrentTransfers = 1
      $0.retries.firstPause = .seconds(600)
      $0.retries.longestPause = .seconds(600)
    }
    let early = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await client.failure(TransferRequest("early"))
    }
    #expect(try await early.value.kind == .cancelled)
    #expect(server.requests.isEmpty)
    let pausing = Task { try await client.failure(TransferRequest("pausing")) }
    #expect(try await eventually { client.statistics.retries == 1 })
    let running = Task { try await client.failure(TransferRequest("running")) }
    #expect(try await eventually { server.requests.count == 2 })
    let waiting = Task { try await client.failure(TransferRequest("waiting")) }
    #expect(try await eventually { client.statistics.waiting == 2 })
    for task in [pausing, waiting, running] {
      task.cancel()
      #expect(try await task.value.kind == .cancelled)
    }
    #expect(server.requests.map(\.target) == ["/pausing", "/running"])
  }

  @Test func `a transfer that is cancelled while its attempt fails is not tried again`() async throws {
    let server = try ScriptedServer { _, connection in
      // The byte and the fault come together: the attempt has ended before its thread hears of the cancelling.
      connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\nno number\r\n")
      return .close
    }
    let client = try TransferClient.quick(server.url)
    let fetching = Mutex<Task<TransferError, any Error>?>(nil)
    let sink = WatchedSink { _ in fetching.withLock { $0?.cancel() } }
    let task = fetching.withLock { fetching in
      let task = Task { try await client.failure(TransferRequest("a", into: sink)) }
      fetching = task
      return task
    }
    #expect(try await task.value.told == "cancelled")
    #expect(server.requests.count == 1)
  }

  // MARK: - Shutting down

  @Test func `shutting down ends what runs and what waits`() async throws {
    let server = try ScriptedServer(Self.silent)
    let client = try TransferClient.quick(server.url) {
      $0.concurrentTransfers = 4
      $0.eventLoops = 1
    }
    let tasks = (0..<20).map { number in Task { try await client.failure(TransferRequest("\(number)")) } }
    #expect(try await eventually { server.requests.count == 4 && client.statistics.waiting == 16 })
    client.shutdown()
    for task in tasks { #expect(try await task.value.kind == .cancelled) }
    #expect(client.statistics.running == 0)
    client.shutdown()
    #expect(try await client.failure(TransferRequest("late")).kind == .cancelled)
    #expect(server.requests.count == 4)
  }

  @Test(.timeLimit(.minutes(1))) func `nothing is left hanging by a shutdown in the midst of it all`() async throws {
    let server = try ScriptedServer { request, connection in
      if request.number % 4 == 0 { connection.answer("500 Internal Server Error") } else { connection.answer() }
      return .keep
    }
    for round in 0..<100 {
      let client = try TransferClient.quick(server.url) { $0.eventLoops = 3 }
      await withTaskGroup { group in
        for number in 0..<12 {
          group.addTask { _ = try? await client.fetch(TransferRequest("\(number)")) }
        }
        group.addTask {
          usleep(UInt32(round * 30))
          client.shutdown()
        }
      }
      #expect(client.statistics.running == 0)
    }
  }
}
