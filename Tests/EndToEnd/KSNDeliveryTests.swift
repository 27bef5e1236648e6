import AdministrationServerDouble
import Foundation
import SystemPackage
import TestSupport
import Testing

/// Statistics reach KSN once, whatever the server, the line or a kill does. `KSCMIRROR_KILLS` sets how often runs are
/// killed.
@Suite struct KSNDeliveryTests {
  private let kills = ProcessInfo.processInfo.environment["KSCMIRROR_KILLS"].flatMap { Int($0) } ?? 6
  private static let send = "KsnInternal.SendKsnStatistics"

  /// A ground whose connected side has bodies that wait: `n0`, `n1`, …
  private func prepared(_ count: Int) async throws -> KSNGround {
    let ground = try await KSNGround()
    for number in 0..<count { try ground.put("n\(number)", #"{"count": \#(number)}"#) }
    #expect(try await ground.export("--no-server").status == 0)
    try await ground.bring()
    return ground
  }

  @Test func `a server that sends no statistics is given none`() async throws {
    let ground = try await prepared(2)
    ground.office.change { $0.ksn.takesStatistics = false }
    let refused = try await ground.deliver()
    #expect(refused.status == 0 && refused.output.contains("sends no statistics to KSN"), "\(refused.errors)")
    #expect(ground.delivered.isEmpty && !ground.office.methods.contains(Self.send))
    ground.office.change { $0.ksn.takesStatistics = true }
    #expect(try await ground.deliver("--from", "plant").status == 0)
    #expect(ground.delivered == ["n0", "n1"])
    #expect(try await ground.deliver("--from", "nowhere").status == Exit.notThere)
  }

  @Test func `a busy server is waited for, and one that fails is gone on with later`() async throws {
    let ground = try await prepared(4)
    ground.office.misbehave { call in
      guard call.method == Self.send else { return nil }
      // The first body is put off twice; the third call of the server's own is the second body.
      return call.count <= 2 ? .status(503) : call.count == 4 ? .failure(PxgFailure(1195, "starting")) : nil
    }
    let failed = try await ground.deliver()
    #expect(failed.status == Exit.serverError, "\(failed.errors)")
    #expect(ground.delivered == ["n0"])
    let rest = try await ground.deliver()
    #expect(rest.status == 0, "\(rest.errors)")
    #expect(ground.delivered == ["n0", "n1", "n2", "n3"])
  }

  @Test func `a body that the server refuses does not keep the others, but three in a row do`() async throws {
    let ground = try await prepared(6)
    ground.office.misbehave { call in
      call.method == Self.send && call.count == 2 ? .failure(PxgFailure(1192, "bad format")) : nil
    }
    let one = try await ground.deliver()
    #expect(
      one.status == Exit.badAnswer && one.errors.contains("n1 of site plant, parcel 1 was not delivered"),
      "\(one.errors)"
    )
    #expect(ground.delivered == ["n0", "n2", "n3", "n4", "n5"])
    #expect(try await ground.deliver().status == 0)
    #expect(ground.delivered.last == "n1" && ground.delivered.count == 6)
    let other = try await prepared(6)
    other.office.misbehave { $0.method == Self.send ? .failure(PxgFailure(1192, "bad format")) : nil }
    #expect(try await other.deliver().status == Exit.badAnswer)
    #expect(other.office.methods.count { $0 == Self.send } == 3 && other.delivered.isEmpty)
  }

  @Test func `a body whose answer was lost is reported, and sent again only when that is asked for`() async throws {
    let ground = try await prepared(3)
    ground.office.misbehave { $0.method == Self.send && $0.count == 2 ? .cut : nil }
    let cut = try await ground.deliver()
    #expect(cut.status == Exit.cutShort && cut.errors.contains("it is unknown whether KSN has n1"), "\(cut.errors)")
    // The server had taken it: nothing here can know.
    #expect(ground.delivered == ["n0", "n1"])
    let rest = try await ground.deliver("--json")
    #expect(rest.status == Exit.partial, "\(rest.output)")
    #expect((rest.result["unknown"] as? [[String: Any]])?.compactMap { $0["name"] as? String } == ["n1"])
    #expect(ground.delivered == ["n0", "n1", "n2"])
    let planned = try await ground.deliver("--dry-run", "--retry-unknown")
    #expect(planned.status == 0 && planned.output == "would deliver n1 of site plant, parcel 1, 11 B\n")
    #expect(try await ground.deliver("--retry-unknown").status == 0)
    #expect(ground.delivered == ["n0", "n1", "n2", "n1"])
    #expect(try await ground.deliver().output == "there is nothing to deliver\n")
  }

  @Test func `a connection that ends without a word is not taken for a call that was never made`() async throws {
    let ground = try await prepared(3)
    ground.office.misbehave { $0.method == Self.send && $0.count == 2 ? .cutBefore : nil }
    let cut = try await ground.deliver()
    #expect(cut.status != 0 && cut.errors.contains("it is unknown whether KSN has n1"), "\(cut.status) \(cut.errors)")
    #expect(ground.office.methods.count { $0 == Self.send } == 2 && ground.delivered == ["n0"])
    #expect(try await ground.deliver().status == Exit.partial)
    #expect(ground.delivered == ["n0", "n2"])
  }

  @Test func `a server that cannot be reached leaves nothing in doubt`() async throws {
    let ground = try await prepared(2)
    ground.office.stop()
    let failed = try await ground.deliver()
    #expect(failed.status == Exit.noServer, "\(failed.errors)")
    let planned = try await ground.deliver("--dry-run", "--json")
    #expect((planned.result["pending"] as? [Any])?.count == 2 && (planned.result["unknown"] as? [Any])?.isEmpty == true)
  }

  @Test func `a damaged body is not delivered`() async throws {
    let ground = try await prepared(2)
    let file = ground.world.connected.appending("ksn/plant/000000001/statistics/n0.json")
    try ground.world.write(#"{"count":9}"#, to: file)
    let damaged = try await ground.deliver()
    #expect(damaged.status == Exit.damagedStore && damaged.errors.contains(file.string), "\(damaged.errors)")
    #expect(ground.delivered == ["n1"])
  }

  // MARK: - Kills

  @Test func `a kill between the call and its answer leaves that one body in doubt`() async throws {
    let ground = try await prepared(3)
    ground.office.misbehave { $0.method == Self.send && $0.count == 2 ? .late(seconds: 2) : nil }
    let running = try ground.world.start(ground.delivering)
    for _ in 0..<500 where ground.office.methods.count(where: { $0 == Self.send }) < 2 {
      try await Task.sleep(for: .milliseconds(20))
    }
    running.process.kill(SIGKILL)
    #expect(try await running.outcome().status == -SIGKILL)
    let rest = try await ground.deliver()
    #expect(rest.status == Exit.partial && rest.errors.contains("it is unknown whether KSN has n1"), "\(rest.errors)")
    #expect(rest.output == "delivered n2 of site plant, parcel 1, 11 B\n")
    #expect(ground.delivered.count { $0 == "n0" } == 1 && ground.delivered.count { $0 == "n2" } == 1)
    #expect(try await ground.deliver("--retry-unknown").status == 0)
    #expect(ground.delivered.contains("n1"))
  }

  @Test func `after kills at any moment each body was delivered once, or is told to be in doubt`() async throws {
    let ground = try await prepared(30)
    ground.office.misbehave { $0.method == Self.send ? .late(seconds: 0.05) : nil }
    func calls() -> Int { ground.office.methods.count { $0 == Self.send } }
    for _ in 0..<kills {
      let enough = calls() + Int.random(in: 1...3)
      let running = try ground.world.start(ground.delivering)
      while calls() < enough && running.process.isRunning { try await Task.sleep(for: .milliseconds(5)) }
      try await Task.sleep(for: .milliseconds(Int.random(in: 0...100)))
      running.process.kill(SIGKILL)
      _ = try await running.outcome()
    }
    let last = try await ground.deliver("--json")
    let unknown = try #require(last.result["unknown"] as? [[String: Any]]).compactMap { $0["name"] as? String }
    #expect(unknown.count <= kills && last.status == (unknown.isEmpty ? 0 : 1), "\(last.output)")
    // What a killed run had sent may still be on its way in the server.
    try await Task.sleep(for: .milliseconds(200))
    let counts = Dictionary(grouping: ground.delivered) { $0 }.mapValues(\.count)
    for number in 0..<30 {
      let count = counts["n\(number)"] ?? 0
      #expect(unknown.contains("n\(number)") ? count <= 1 : count == 1, "n\(number): \(count)")
    }
    #expect(try await ground.deliver("--retry-unknown").status == 0)
    #expect(Set(ground.delivered).count == 30)
  }

  @Test func `an export that is killed sends each body in one parcel`() async throws {
    let ground = try await KSNGround()
    let start = ContinuousClock.now
    _ = try await ground.world.run(ground.exporting + ["--no-server"])
    let duration = (ContinuousClock.now - start) * 2
    for round in 0..<kills {
      for number in 0..<20 { try ground.put("r\(round)n\(number)", #"{"count": \#(number)}"#) }
      let running = try ground.world.start(ground.exporting + ["--no-server"])
      try await Task.sleep(for: duration * Double.random(in: 0...1))
      running.process.kill(SIGKILL)
      _ = try await running.outcome()
      let exported = try await ground.world.run(ground.exporting + ["--no-server"])
      #expect(exported.status == 0, "\(exported.errors)")
    }
    let sent = try ground.sent()
    #expect(sent.count == 20 * kills && sent.values.allSatisfy { $0 == 1 }, "\(sent)")
  }

  @Test func `an import that is killed keeps each parcel whole, and is repeated`() async throws {
    let ground = try await KSNGround()
    for round in 0..<kills {
      for number in 0..<50 { try ground.put("r\(round)n\(number)", #"{"count": \#(number)}"#) }
      #expect(try await ground.export("--no-server").status == 0)
      #expect(try await ground.collect().status == 0)
      let running = try ground.world.start(["ksn", "import", "--config", ground.world.configuration.string])
      try await Task.sleep(for: .milliseconds(Int.random(in: 10...200)))
      running.process.kill(SIGKILL)
      _ = try await running.outcome()
      #expect(try await ground.take().status == 0)
      #expect(try ground.kept(round + 1).count == 51)
    }
    let left = try FileManager.default.contentsOfDirectory(atPath: ground.world.connected.appending("ksn/plant").string)
    #expect(left.count == kills && !left.contains { Int($0) == nil }, "\(left)")
  }
}
