import AdministrationServer
import AdministrationServerDouble
import TestSupport
import Testing

@Suite struct KSNTests {
  @Test func `settings, connection and statements are reported`() async throws {
    let world = try World()
    let server = try world.server()
    let settings = try await server.ksnSettings()
    #expect(settings.isEnabled == true)
    #expect([settings.tcpPort, settings.udpPort, settings.httpsPort, settings.kind] == [13111, 15111, 17111, 1])
    #expect([settings.isHTTPSEnabled, settings.usesPrimaryServer, settings.connectsDirectly] == [false, false, false])
    #expect(settings.sendsPatchStatistics == true)
    #expect(try await server.checkKSNConnection())
    #expect(try await server.mayTakeKSNStatistics())
    #expect(try await server.privateKSNStatements().map(\.language) == ["en", "ru"])
    let statement = try await server.privateKSNStatement(language: "ru")
    #expect(statement.text == "Synthetic statement (ru)")
    #expect(statement.providerName == "Nobody's Private KSN")
    #expect(statement.created == "2024-05-20 10:00:00")
    #expect(try await server.privateKSNSettings(language: "en").string("NKsnEulaLoc") == "en")
    #expect(try await failure { _ = try await server.privateKSNStatement(language: "xx") }.fault?.kind == .notFound)
    world.double.change { $0.ksn.isEnabled = false }
    #expect(try await failure { _ = try await server.checkKSNConnection() }.fault?.kind == .notPermitted)
  }

  @Test func `statistics arrive as they were handed over`() async throws {
    let world = try World()
    let server = try world.server()
    try await server.sendKSNStatistics(name: "events", body: ["count": .long(5), "hosts": ["a", "b"], "ok": true])
    try await server.sendKSNStatistics(name: "empty", body: [:])
    #expect(world.double.statistics.map(\.name) == ["events", "empty"])
    #expect(
      world.double.statistics.map(\.body)
        == [#"{"count":{"type":"long","value":5},"hosts":["a","b"],"ok":true}"#, "{}"]
    )
  }

  @Test func `a Private KSN's configuration is verified by the server`() async throws {
    let world = try World()
    let server = try world.server()
    let genuine: [UInt8] = [0x30, 0x03, 1, 2, 3]
    #expect(try await server.verifyPrivateKSNConfiguration(genuine, language: "en").language == "en")
    #expect(try await server.privateKSNConfigurationContents(genuine) == [1, 2, 3])
    #expect(try await server.verifyPrivateKSNSettings(genuine).isValid)
    #expect(try await server.verifyPrivateKSNSettings([0]).isValid == false)
    let error = try await failure { _ = try await server.verifyPrivateKSNConfiguration([1, 2], language: "en") }
    #expect(error.fault?.kind == .badFormat)
  }
}
