import NIOCore
import TestSupport
import Testing

@testable import WebStore

/// What clients do to servers of HTTP/2 to wear them out, each in frames on the wire: every one is refused or bounded, and
/// the server goes on serving others.
struct HTTP2AbuseTests {
  /// What a client does, and what has to come of it. Which error it is, and whether of the stream or of the connection,
  /// RFC 9113 leaves open in places.
  struct Abuse: Sendable, CustomTestStringConvertible {
    let name: String
    var settings: [(UInt16, UInt32)] = []
    var saysPreface = true
    /// The bytes that it sends, over and over until the server has had enough, `rounds` times at the most.
    let bytes: @Sendable (_ round: Int) -> [UInt8]
    var rounds = 1
    /// The error that the server names: for the connection, or for the stream.
    let errors: Set<UInt32>
    /// Whether the connection has to end.
    var ends = true
    var testDescription: String { name }
  }

  /// The errors of RFC 9113, section 7.
  private enum Code {
    static let protocolError: UInt32 = 1
    static let flowControl: UInt32 = 3
    static let streamClosed: UInt32 = 5
    static let frameSize: UInt32 = 6
    static let refused: UInt32 = 7
    static let compression: UInt32 = 9
    static let calm: UInt32 = 11
  }

  private static let path = "/updates/large.dat"

  /// An odd number for the `index`th stream.
  private static func stream(_ index: Int) -> UInt32 { UInt32(2 * index + 1) }

  static let abuses: [Abuse] = [
    Abuse(name: "no preface", saysPreface: false, bytes: { _ in Array(repeating: 0x41, count: 64) }, errors: [1]),
    Abuse(
      name: "rapid reset (CVE-2023-44487)",
      bytes: { round in
        (0..<20).flatMap { index in
          let stream = stream(round * 20 + index)
          return Frame.get(path, stream: stream).bytes + Frame.reset(stream).bytes
        }
      },
      rounds: 500,
      errors: [Code.calm]
    ),
    Abuse(
      name: "made you reset: requests that the server has to reset (CVE-2025-8671)",
      bytes: { round in
        (0..<20).flatMap { index in
          let stream = stream(round * 20 + index)
          return Frame.get(path, stream: stream).bytes + Frame.window(stream, by: 0).bytes
        }
      },
      rounds: 500,
      errors: [Code.calm, Code.protocolError]
    ),
    Abuse(
      name: "fields without an end (CVE-2024-27316)",
      bytes: { round in
        let field = Frame.literal("x-\(round)", String(repeating: "y", count: 1000))
        let request = Frame.get(path, stream: 1).payload
        return round == 0
          ? Frame(kind: Frame.Kind.headers, flags: Frame.endOfStream, stream: 1, payload: request).bytes
          : Frame(kind: Frame.Kind.continuation, stream: 1, payload: field).bytes
      },
      rounds: 5000,
      errors: [Code.calm, Code.protocolError]
    ),
    Abuse(
      name: "empty continuations",
      bytes: { round in
        round == 0
          ? Frame(kind: Frame.Kind.headers, stream: 1).bytes : Frame(kind: Frame.Kind.continuation, stream: 1).bytes
      },
      rounds: 5000,
      errors: [Code.calm, Code.protocolError]
    ),
    Abuse(
      name: "a packed list that is large unpacked",
      bytes: { _ in
        // A field of 4000 bytes goes into the table once, and is named by a byte for each time after that.
        let field = [0x40] + Frame.literal("x", String(repeating: "y", count: 3900)).dropFirst()
        let request = Frame.get(path, stream: 1).payload
        let payload = request + field + [UInt8](repeating: 0xBE, count: 8000)
        return Frame(kind: Frame.Kind.headers, flags: 5, stream: 1, payload: payload).bytes
      },
      errors: [Code.calm, Code.protocolError, Code.compression]
    ),
    Abuse(
      name: "a flood of settings (CVE-2019-9515)",
      bytes: { _ in (0..<50).flatMap { _ in Frame.settings().bytes } },
      rounds: 500,
      errors: [Code.calm]
    ),
    Abuse(
      name: "a flood of pings (CVE-2019-9512)",
      bytes: { _ in (0..<50).flatMap { _ in Frame(kind: Frame.Kind.ping, payload: Array(repeating: 1, count: 8)).bytes }
      },
      rounds: 500,
      errors: [Code.calm]
    ),
    Abuse(
      name: "a flood of priorities (CVE-2019-9513)",
      bytes: { _ in
        (0..<50).flatMap { _ in Frame(kind: Frame.Kind.priority, stream: 1, payload: [0, 0, 0, 0, 9]).bytes }
      },
      rounds: 500,
      errors: [Code.calm]
    ),
    Abuse(
      name: "a flood of empty data (CVE-2019-9518)",
      bytes: { round in
        guard round == 0 else { return (0..<50).flatMap { _ in Frame(kind: Frame.Kind.data, stream: 1).bytes } }
        var request = Frame.get(path, stream: 1)
        request.flags = Frame.endOfHeaders
        return request.bytes
      },
      rounds: 500,
      errors: [Code.calm, Code.streamClosed, Code.protocolError]
    ),
    Abuse(
      name: "more streams than are allowed",
      settings: [(4, 0)],
      bytes: { _ in (0..<150).flatMap { Frame.get(path, stream: stream($0)).bytes } },
      errors: [Code.refused, Code.protocolError, Code.calm]
    ),
    Abuse(
      name: "a window beyond 2^31 - 1",
      bytes: { _ in (0..<2).flatMap { _ in Frame.window(0, by: 0x7FFF_FFFF).bytes } },
      errors: [Code.flowControl]
    ),
    Abuse(
      name: "a window that grows by nothing",
      bytes: { _ in Frame.window(0, by: 0).bytes },
      errors: [Code.protocolError]
    ),
    Abuse(
      name: "a frame that is too large",
      bytes: { _ in Frame(kind: Frame.Kind.data, stream: 1, payload: Array(repeating: 0, count: 16_385)).bytes },
      errors: [Code.frameSize]
    ),
    Abuse(
      name: "packed fields that are none",
      bytes: { _ in Frame(kind: Frame.Kind.headers, flags: 5, stream: 1, payload: [0xFF, 0xFF, 0xFF, 0xFF, 0x7F]).bytes
      },
      errors: [Code.compression]
    ),
    Abuse(
      name: "a stream with an even number",
      bytes: { _ in Frame.get(path, stream: 2).bytes },
      errors: [Code.protocolError]
    ),
    Abuse(
      name: "data for a stream that is not there",
      bytes: { _ in Frame(kind: Frame.Kind.data, stream: 1, payload: [1]).bytes },
      errors: [Code.protocolError]
    ),
    Abuse(
      name: "a setting that is not allowed",
      bytes: { _ in Frame.settings([(4, 0x8000_0000)]).bytes },
      errors: [Code.flowControl]
    ),
    Abuse(
      name: "a request with a field in capitals",
      bytes: { _ in Frame.get(path, stream: 1, more: [("X-Upper", "1")]).bytes },
      errors: [Code.protocolError],
      ends: false
    ),
    Abuse(
      name: "a request with a field of a connection",
      bytes: { _ in Frame.get(path, stream: 1, more: [("connection", "close")]).bytes },
      errors: [Code.protocolError],
      ends: false
    ),
  ]

  private static let large = [UInt8](repeating: 7, count: 600_000)

  private func fixture() async throws -> ServerFixture {
    try await ServerFixture(
      ["updates/large.dat": Self.large, "updates/small.dat": [1, 2, 3]],
      secure: true,
      // That a connection ends is not to be the work of its idle time.
      { $0.idleTimeout = 3600 }
    )
  }

  /// Whether a client gets what it asks for.
  private static func getsSmallFile(_ connection: RawHTTP2, stream: UInt32) async -> Bool {
    await connection.send([Frame.get("/updates/small.dat", stream: stream)])
    let frames = await connection.read { $0.stream == stream && $0.flags & Frame.endOfStream != 0 }
    return frames.contains { $0.kind == Frame.Kind.data && $0.payload == [1, 2, 3] }
  }

  @Test(.timeLimit(.minutes(5)), arguments: abuses)
  func `it is refused, and others are served meanwhile and after`(abuse: Abuse) async throws {
    try await fixture().run { fixture in
      let port = fixture.port
      try await RawHTTP2.run(port) { other in
        #expect(await Self.getsSmallFile(other, stream: 1))
        let frames = try await RawHTTP2.run(port, settings: abuse.settings, saysPreface: abuse.saysPreface) { client in
          let server = client.outbound
          async let sent: Void = Self.send(abuse, to: server)
          let frames = await client.read { !abuse.ends && $0.errorCode.map(abuse.errors.contains) == true }
          await sent
          return frames
        }
        let codes = frames.compactMap(\.errorCode)
        #expect(codes.contains(where: abuse.errors.contains), "\(abuse.name): \(codes)")
        #expect(await Self.getsSmallFile(other, stream: 3))
      }
      #expect(try await RawHTTP2.run(port) { await Self.getsSmallFile($0, stream: 1) })
    }
  }

  @Test(.timeLimit(.minutes(5)))
  func `a client that takes nothing of its answers is cut off, each stream by its own time`() async throws {
    try await ServerFixture(
      ["updates/large.dat": Self.large, "updates/small.dat": [1, 2, 3]],
      secure: true,
      {
        $0.idleTimeout = 3600
        $0.stallTimeout = 1
      }
    ).run { fixture in
      // No window for any stream.
      try await RawHTTP2.run(fixture.port, settings: [(4, 0)]) { client in
        await client.send((0..<50).map { Frame.get(Self.path, stream: Self.stream($0)) })
        var open = Set((0..<50).map(Self.stream))
        _ = await client.read { frame in
          if frame.kind == Frame.Kind.reset { open.remove(frame.stream) }
          return open.isEmpty
        }
        #expect(open.isEmpty)
        // The connection is as good as before.
        let next: UInt32 = 201
        await client.send([Frame.get("/updates/small.dat", stream: next), .window(next, by: 10)])
        let frames = await client.read { $0.stream == next && $0.flags & Frame.endOfStream != 0 }
        #expect(frames.contains { $0.kind == Frame.Kind.data && $0.payload == [1, 2, 3] })
      }
    }
  }

  @Test(.timeLimit(.minutes(5)))
  func `each answer ends with its last bytes, and resets of answers taken in full cost nothing`() async throws {
    let sizes = [0, 1, 131_072, 131_073, 262_144, 300_000]
    let files = Dictionary(
      uniqueKeysWithValues: sizes.map { ("updates/\($0).dat", [UInt8](repeating: 1, count: $0)) }
    )
    try await ServerFixture(files, secure: true).run { fixture in
      // Windows of 2^30 bytes: nothing but the server cuts an answer.
      try await RawHTTP2.run(fixture.port, settings: [(4, 1 << 30)]) { client in
        await client.send([Frame.window(0, by: 1 << 30)])
        for round in 0..<600 {
          let (stream, size) = (Self.stream(round), sizes[round % sizes.count])
          await client.send([Frame.get("/updates/\(size).dat", stream: stream)])
          let frames = await client.read { $0.stream == stream && $0.flags & Frame.endOfStream != 0 }
          let answer = frames.filter { $0.stream == stream }
          #expect(answer.reduce(0) { $0 + ($1.kind == Frame.Kind.data ? $1.payload.count : 0) } == size)
          #expect(answer.last.map { $0.flags & Frame.endOfStream != 0 } == true)
          // No empty frame comes behind the bytes.
          #expect(answer.last?.kind == (size == 0 ? Frame.Kind.headers : Frame.Kind.data))
          #expect(answer.last?.payload.isEmpty == false, "round \(round), \(size) bytes")
          await client.send([Frame.reset(stream)])
        }
      }
    }
  }

  @Test func `what may be given up grows with answers that were taken, and comes back with time`() {
    let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
    func allowed(_ allowance: inout ResetAllowance, at now: NIODeadline) -> Int {
      var count = 0
      while count < 5000, allowance.givenUp(at: now) { count += 1 }
      return count
    }
    var new = ResetAllowance(at: start)
    #expect(allowed(&new, at: start) == 200)
    // The one that was refused is owed.
    #expect(allowed(&new, at: start + .seconds(30)) == 199)
    #expect(allowed(&new, at: start + .hours(9)) == 200)
    var honest = ResetAllowance(at: start)
    for _ in 0..<300 { honest.answered() }
    #expect(allowed(&honest, at: start) == 500)
    var long = ResetAllowance(at: start)
    for _ in 0..<100_000 { long.answered() }
    #expect(allowed(&long, at: start) == 1000)
    // One given up for each that is taken goes on for ever.
    var even = ResetAllowance(at: start)
    for _ in 0..<10_000 {
      even.answered()
      let isAllowed = even.givenUp(at: start)
      #expect(isAllowed)
    }
  }

  /// Sends until all is sent, or the server has closed.
  private static func send(_ abuse: Abuse, to server: NIOAsyncChannelOutboundWriter<ByteBuffer>) async {
    for round in 0..<abuse.rounds {
      do { try await server.write(ByteBuffer(bytes: abuse.bytes(round))) } catch { return }
    }
  }
}
