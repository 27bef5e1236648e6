import Foundation
import SystemPackage
import TestSupport
import Testing
import UpdateServerDouble

/// A server that lies in its headers ends a run with an error at the worst, and never spoils a later one.
///
/// `KSCMIRROR_LIES` sets how many servers there are, each with other lies.
@Suite struct LyingServerTests {
  private static let seeds = ProcessInfo.processInfo.environment["KSCMIRROR_LIES"].flatMap { UInt64($0) } ?? 8

  /// One lie, or none, for one request: it follows from the seed.
  private static func answer(_ seed: UInt64, _ request: UpdateServer.Request) -> UpdateServer.Answer {
    var random = SeededGenerator(seed &* 0x9E37_79B9 &+ UInt64(request.path.utf8.reduce(0) { $0 &* 31 &+ UInt64($1) }))
    let date = "Last-Modified: Tue, 11 Nov 2025 00:26:00 GMT"
    switch Int.random(in: 0..<40, using: &random) {
    case 0: return .headed(["ETag: \"\u{1}\u{7}control\u{1F}\"", date])
    case 1: return .headed(["ETag: \"" + String(repeating: "x", count: 65_536) + "\"", date])
    case 2: return .headed(["ETag: without quotes", date])
    case 3: return .headed(["ETag: \"ключ\"", "Last-Modified: yesterday\u{8}"])
    case 4: return .headed(["ETag: \"open", "Last-Modified: " + String(repeating: "9", count: 9000)])
    case 5: return .headed(["ETag: W/\"\"", "Content-Encoding: \u{2}gzip"])
    case 6: return .headed(["Content-Range: bytes 5-1/\u{3}", "ETag: \"a\"\"b\"", date])
    case 7: return .headed(["Retry-After: 999999999999999999999", "ETag: \"\u{7F}\""])
    case 8 where request.count == 1 && seed % 2 == 1: return .status(503, headers: ["Retry-After: 86400"])
    case 9 where request.headers["if-none-match"] != nil: return .status(400)
    case 10 where request.headers["if-none-match"] != nil: return .status(412)
    case 11 where request.headers["if-none-match"] != nil: return .status(431)
    default: return .file
    }
  }

  @Test(arguments: 0..<seeds)
  func `lies in headers do not spoil later runs`(_ seed: UInt64) async throws {
    let world = try World(files: 40)
    try world.configure(source: "wait_limit = \"1s\"")
    for day in 0..<2 {
      if day > 0 { try world.age() }
      world.server.forgetRequests()
      world.server.answer { Self.answer(seed, $0) }
      let lied = try await world.sync()
      // What says to be packed is not taken.
      #expect([0, 82, 84].contains(lied.status), "day \(day): \(lied.status) \(lied.errors)")
      if lied.status == 0 { #expect(try world.published(world.connected) == world.expected()) }
      world.server.answer { _ in .file }
      let honest = try await world.sync()
      #expect(honest.status == 0, "day \(day): \(honest.errors)")
      #expect(try world.published(world.connected) == world.expected())
    }
  }

  @Test func `a server that asks to be left in peace for a day is an error at once, with its status`() async throws {
    let world = try World(files: 12)
    try world.configure(source: "wait_limit = \"30s\"")
    world.server.answer { _ in .status(503, headers: ["Retry-After: 86400"]) }
    let outcome = try await world.sync()
    #expect(outcome.status == Exit.serverError, "\(outcome.errors)")
    #expect(outcome.errors.contains("come back in 24 hours"), "\(outcome.errors)")
    #expect(!outcome.errors.contains("asking again in"), "\(outcome.errors)")
  }

  @Test func `a run that waits for a server says so, and why`() async throws {
    let world = try World(files: 12)
    world.server.answer { $0.number == 1 ? .status(503, headers: ["Retry-After: 2"]) : .file }
    let outcome = try await world.sync()
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("asks to come back in 2 seconds"), "\(outcome.errors)")
  }
}
