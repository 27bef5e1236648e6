import AdministrationServer
import AdministrationServerDouble
import Curl
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite struct HostileAnswerTests {
  @Test func `an answer cut short, a cut connection and a page of another server are reported as that`() async throws {
    let world = try World(Fixture(keys: 2))
    let server = try world.server()
    world.double.misbehave { $0.method == "LicenseKeys.EnumKeys" ? .truncated(to: 20) : nil }
    guard case .malformed("LicenseKeys.EnumKeys", let problem) = try await failure({ _ = try await server.licences() })
    else { throw TestFailure("not told") }
    #expect(problem.problem.contains("cut short"), "\(problem)")
    world.double.misbehave { $0.method == "LicenseKeys.EnumKeys" ? .cut : nil }
    let cut = try await failure { _ = try await server.licences() }
    guard case .unreachable(_, let error as TransferError) = cut, case .cutShort = error.reason else { throw cut }
    world.double.misbehave {
      $0.method == "LicenseKeys.EnumKeys" ? .body(Array("<html>".utf8), contentType: "text/html") : nil
    }
    guard case .notOpenAPI("LicenseKeys.EnumKeys", "text/html") = try await failure({ _ = try await server.licences() })
    else { throw TestFailure("not told") }
  }

  @Test func `an answer that is too long is not read to its end`() async throws {
    let world = try World()
    world.double.misbehave { $0.method == "Session.Ping" ? .huge(1 << 30) : nil }
    let error = try await failure { try await world.server { $0.limits.bytes = 1 << 20 }.ping() }
    guard case .unreachable(_, let error as TransferError) = error, case .tooLarge(limit: 1 << 20) = error.reason else {
      throw error
    }
  }

  @Test func `a call that was cut is not made twice`() async throws {
    let world = try World()
    world.double.misbehave { $0.method == "KsnInternal.SendKsnStatistics" ? .cut : nil }
    let server = try world.server()
    _ = try await failure { try await server.sendKSNStatistics(name: "a", body: ["x": 1]) }
    #expect(world.double.statistics.count == 1)
    #expect(world.double.methods.filter { $0 == "KsnInternal.SendKsnStatistics" }.count == 1)
  }

  // MARK: - Lists without end

  /// A client whose lists get these pages.
  private func server(
    pages: @escaping @Sendable (Int) -> String,
    options: (inout AdministrationServerOptions) -> Void = { _ in }
  ) -> (AdministrationServer, CannedTransport) {
    let count = Counter()
    let transport = CannedTransport { request in
      if request.path.hasSuffix("EnumKeys") { return .json(#"{"lKeyCount":1,"wstrIterator":"i"}"#) }
      if request.path.hasSuffix("GetNextItems") { return .json(pages(count.next())) }
      return .json("{}")
    }
    return (AdministrationServer(transport, signIn: World.password, options: .quick(options)), transport)
  }

  private static func page(_ rows: Int, last: Bool) -> String {
    let row = #"{"type":"params","value":{"KLLIC_SERIAL":"s"}}"#
    let list = Array(repeating: row, count: rows).joined(separator: ",")
    return #"{"bEOF":\#(last),"pData":{"KLCSP_ITERATOR_ARRAY":[\#(list)]}}"#
  }

  @Test func `a list that does not end is given up, and released`() async throws {
    for (pages, bound) in [(0, 150), (10, 20)] {
      let (server, transport) = server(pages: { _ in Self.page(pages, last: false) }) { $0.maximumRows = 100 }
      guard case .malformed = try await failure({ _ = try await server.licences() }) else { throw TestFailure("read") }
      #expect(transport.requests.count < bound)
      #expect(transport.requests.last?.path.hasSuffix("ReleaseIterator") == true)
    }
  }

  @Test func `a page with more rows than asked for is refused`() async throws {
    let (server, _) = server(pages: { _ in Self.page(11, last: true) }) { $0.pageSize = 10 }
    guard case .malformed = try await failure({ _ = try await server.licences() }) else { throw TestFailure("read") }
  }

  // MARK: - Damaged answers

  private static let calls: [(String, @Sendable (AdministrationServer) async throws -> Void)] = [
    (page(2, last: true), { _ = try await $0.licences() }),
    (
      #"{"PxgRetVal":{"KLLICSRV_KEYDATA":{"type":"params","value":{"KLLIC_LICFILE":{"type":"binary","value":"AAAA"}}}}}"#,
      { _ = try await $0.keyBody(serial: "s") }
    ),
    (#"{"pSettings":{"KSNPROXY_ENABLE":true,"KSNPROXY_TCP_PORT":13111}}"#, { _ = try await $0.ksnSettings() }),
    (
      #"{"pNKsnEulas":[{"type":"params","value":{"NKsnEula":"t","NKsnEulaLoc":"en"}}]}"#,
      { _ = try await $0.privateKSNStatements() }
    ),
    (
      #"{"PxgRetVal":[{"type":"params","value":{"KLPKG_NPI_PKGID":1,"KLPKG_NPI_SIZE":{"type":"long","value":5}}}]}"#,
      { _ = try await $0.packages() }
    ),
    (
      #"{"PxgRetVal":[{"type":"params","value":{"Index":"i","Date":{"type":"datetime","value":"2021-05-20T10:00:00Z"}}}]}"#,
      { _ = try await $0.updateFiles() }
    ),
    (
      #"{"PxgRetVal":{"KES":{"type":"params","value":{"12":{"type":"params","value":{"DisplayName":"d"}}}}}}"#,
      { _ = try await $0.products(onDevice: "h") }
    ),
    (#"{"PxgError":{"code":5,"module":"M","locdata":{"format":"%1","args":["a"]}}}"#, { try await $0.ping() }),
    (
      #"{"bFinalized":true,"bSuccededFinalized":true,"pStateData":{"KLPKG_NPI_PKGID":5},"lNextCheckDelay":0}"#,
      { _ = try await $0.waitForAction("a", name: "a") }
    ),
    (#"{"wstrFileId":"f","wstrUploadURL":"/upload/f"}"#, { _ = try await $0.upload([1, 2, 3]) }),
  ]

  @Test(arguments: 0..<10) func `a damaged answer is read as something sensible or refused, never more`(
    _ index: Int
  ) async throws {
    let (text, call) = Self.calls[index]
    let pieces = [
      "{", "}", "[", "]", "\"", ":", ",", "null", "true", "-1", "1e999", "\\ud800", "{\"type\":\"long\",\"value\":",
      "9223372036854775808", "\u{0}",
    ]
    for round in Fuzz.rounds("answers to call \(index) of the Open API", 3000, parts: Self.calls.count) {
      var random = round.random
      var bytes = Array(text.utf8)
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...9, using: &random)))
        case 2: bytes.insert(contentsOf: pieces.randomElement(using: &random)?.utf8 ?? "".utf8, at: place)
        default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 20)], at: place)
        }
        if bytes.isEmpty { bytes = [UInt8(ascii: "{")] }
      }
      let server = CannedTransport.server(
        answering: bytes,
        options: .quick { options in
          options.maximumRows = 100
          options.actionPatience = .milliseconds(1)
        }
      )
      do {
        try await call(server)
      } catch is AdministrationServerError {
        continue
      }
    }
  }
}

/// Counts from 0 on.
final class Counter: Sendable {
  private let value = Mutex(0)

  func next() -> Int {
    value.withLock { value in
      defer { value += 1 }
      return value
    }
  }
}
