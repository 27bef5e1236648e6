import AdministrationServer
import AdministrationServerDouble
import Testing

/// Agreements, plug-ins and mobile packages, as the vendor describes them.
@Suite struct AgreementTests {
  @Test func `agreements are listed, read and accepted by their numbers`() async throws {
    var fixture = Fixture()
    fixture.agreements = [
      .init(id: 5, uid: "AQI=", type: 0, language: "en", text: "Be good."),
      .init(id: 6, uid: "AQI=", type: 1, language: "", text: "Share."),
      .init(id: 7, uid: "Aw==", type: 2, language: "ru", text: "Data."),
      .init(id: 8, uid: "BA==", type: 9, language: "ru", text: "Else."),
    ]
    let world = try World(fixture)
    let server = try world.server()
    let agreements = try await server.userAgreements()
    #expect(agreements.map(\.kind) == [.licence, .ksn, .dataProcessing, .other(9)])
    #expect(agreements.map(\.language) == ["en", nil, "ru", "ru"])
    #expect(agreements.first?.uid == [1, 2] && agreements.allSatisfy { !$0.isAccepted })
    #expect(try await server.agreementText(7) == "Data.")
    try await server.acceptAgreements([5, 7])
    #expect(try await server.userAgreements().filter(\.isAccepted).map(\.id) == [5, 7])
    #expect(try await failure { _ = try await server.agreementText(9) }.fault?.kind == .notFound)
    #expect(try await failure { try await server.acceptAgreements([6, 9]) }.fault?.kind == .notFound)
    #expect(world.double.fixture.agreements.count { $0.isAccepted } == 2)
  }

  @Test func `what is not said to be accepted is not, and what is malformed is reported`() async throws {
    let bare = CannedTransport.server(
      answering: Array(#"{"PxgRetVal":[{"type":"params","value":{"nEulaDbId":1,"KLPKG_EULA_UID":"text"}}]}"#.utf8)
    )
    let agreement = try #require(try await bare.userAgreements().first)
    #expect(!agreement.isAccepted && agreement.uid == nil && agreement.kind == .licence)
    for body in [
      #"{"PxgRetVal":[{"type":"params","value":{}}]}"#, #"{"PxgRetVal":[1]}"#, #"{"PxgRetVal":{}}"#, "{}",
      #"{"PxgRetVal":[{"type":"params","value":{"nEulaDbId":"1"}}]}"#,
      #"{"PxgRetVal":[{"type":"params","value":{"nEulaDbId":1,"bEulaAccepted":"yes"}}]}"#,
    ] {
      let server = CannedTransport.server(answering: Array(body.utf8))
      guard case .malformed = try await failure({ _ = try await server.userAgreements() }) else {
        Issue.record("\(body) is taken")
        continue
      }
    }
    let text = CannedTransport.server(answering: Array(#"{"wstrEulaText":5}"#.utf8))
    guard case .malformed = try await failure({ _ = try await text.agreementText(1) }) else {
      Issue.record("a number is taken for a text")
      return
    }
  }

  @Test func `a server that does not know agreements has none`() async throws {
    var fixture = Fixture()
    fixture.unknownCalls = ["PackagesApi.GetUserAgreements"]
    let world = try World(fixture)
    #expect(try await world.server().userAgreements().isEmpty)
  }

  @Test func `mobile packages are prepared, given out and withdrawn`() async throws {
    var fixture = Fixture()
    fixture.mobileProfiles = ["phones"]
    let world = try World(fixture)
    let server = try world.server()
    #expect(
      try await failure { try await server.publishMobilePackage("phones", data: [:]) }.fault?.kind == .notPermitted
    )
    #expect(try await server.prepareMobilePackage("phones") == "http://ksc.invalid:8060/mobile?profile=phones")
    try await server.publishMobilePackage("phones", data: ["any": 1])
    #expect(world.double.fixture.publishedProfiles == ["phones"])
    try await server.unpublishMobilePackage("phones")
    #expect(world.double.fixture.publishedProfiles.isEmpty)
    #expect(try await failure { _ = try await server.prepareMobilePackage("x") }.fault?.kind == .notFound)
  }
}
