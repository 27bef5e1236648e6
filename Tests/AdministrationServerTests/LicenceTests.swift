import AdministrationServer
import AdministrationServerDouble
import Foundation
import TestSupport
import Testing

@Suite struct LicenceTests {
  @Test func `keys of all kinds are reported with all that the server knows`() async throws {
    let world = try World(Fixture(keys: 6, devicesPerKey: 4))
    let keys = try await world.server().licences()
    #expect(keys.map(\.kind) == [.commercial, .beta, .trial, .test, .oem, .subscription])
    let key = try #require(keys.first)
    #expect(key.serial == "13A5-230001-0000-1E2F")
    #expect(key.productName == "Synthetic Endpoint Security №0")
    #expect(key.applicationID == 1090)
    #expect(try key.applications?.params("1090")?.integer("KLLIC_LICOBJECT_WORKSTATION") == 100)
    #expect(key.productSuiteID == 70)
    #expect(key.created?.text == "2024-01-15T08:30:00Z")
    #expect(key.limit?.text == "2030-11-25T12:00:00Z")
    #expect(key.nearestExpiration == nil)
    #expect(key.majorVersion == "12")
    #expect(key.periodDays == 365)
    #expect(key.unitLimit == 100)
    #expect(key.effectiveUnitLimit == 100)
    #expect(key.licenceInfo == "for tests / \"only\"")
    #expect(key.supportInfo == "nobody")
    #expect(key.customerInfo?.hasPrefix("Иван Примеров 0") == true)
    #expect(key.partNumber == "KL0000RAAFS")
    #expect(key.partnerName == "Nobody & Sons")
    #expect(key.devicesAsActive == 4)
    #expect(key.devicesAsReserve == 0)
    #expect(key.isUsedByServer == false)
    #expect(key.isInstalled == true)
    #expect(key.isAutomatic == true)
    #expect(key.subscription == nil)
    let subscription = try #require(keys.last?.subscription)
    #expect(subscription.endDate == keys.last?.limit)
    #expect(subscription.end == .limited)
    #expect(subscription.state == .softCancelled)
    #expect(subscription.stateReason == 5)
    #expect(subscription.graceDays == 14)
    #expect(subscription.providerURL == "https://provider.invalid/subscription")
    #expect(world.double.openLists == 0)
  }

  @Test func `a key's body is given out one at a time, as what it is`() async throws {
    let world = try World(Fixture(keys: 5))
    let server = try world.server()
    let keys = world.double.fixture.keys
    let bodies = keys.map { $0.body.flatMap { Data(base64Encoded: $0) }.map(Array.init) }
    #expect(try await server.keyBody(serial: keys[0].serial) == .file(Secret(bodies[0] ?? [])))
    #expect(try await server.keyBody(serial: keys[3].serial) == .code(Secret("ABCD3-FGHIJ-KLMNO-P0003")))
    #expect(try await server.keyBody(serial: keys[4].serial) == nil)
  }

  @Test func `a body that comes with a list is not kept`() async throws {
    let body = """
      {"lKeyCount":1,"wstrIterator":"i","bEOF":true,"pData":{"KLCSP_ITERATOR_ARRAY":[{"type":"params","value":{
      "KLLIC_SERIAL":"s","KLLICSRV_KEYDATA":{"type":"params","value":{"KLLIC_LICFILE":{"type":"binary","value":"c2VjcmV0"}}}}}]}}
      """
    let key = try #require(try await CannedTransport.server(answering: Array(body.utf8)).licences().first)
    #expect(key.attributes["KLLICSRV_KEYDATA"] == nil)
  }

  @Test func `a user without the right for it does not get a body`() async throws {
    var fixture = Fixture(keys: 1)
    fixture.users = [.init(name: "admin", password: "secret", mayExportKeys: false)]
    let world = try World(fixture)
    let serial = world.double.fixture.keys[0].serial
    let error = try await failure { _ = try await world.server().keyBody(serial: serial) }
    #expect(error.fault?.kind == .accessDenied)
    #expect(error.fault?.localisedText == "Access to \"object\" is denied")
  }

  @Test func `a key is carried from one server to another, as a file and as a code`() async throws {
    let (from, to) = (try World(Fixture(keys: 4)), try World())
    let (source, target) = (try from.server(), try to.server())
    for key in try await source.licences() {
      let body = try #require(try await source.keyBody(serial: key.serial))
      let serial = try await target.installKey(body)
      #expect(try await target.keyBody(serial: serial) == body)
      // The same key again is the same key.
      #expect(try await target.installKey(body) == serial)
    }
    #expect(try await target.licences().count == 4)
    let serial = try #require(try await target.licences().first?.serial)
    try await target.setAutomatic(true, serial: serial)
    #expect(try await target.licences().first?.isAutomatic == true)
    #expect(to.double.fixture.keys.map(\.body) == from.double.fixture.keys.map(\.body))
  }

  @Test func `what is no code is not sent as one`() async throws {
    let world = try World()
    let server = try world.server()
    let error = try await failure { try await server.installKey(.code(Secret("ABCDE"))) }
    guard case .invalidArgument = error else { throw error }
    #expect(!"\(error)".contains("ABCDE"))
    #expect(world.double.calls.isEmpty)
  }

  @Test func `use is reported for each virtual server, where the server can`() async throws {
    let world = try World(Fixture(keys: 1, devicesPerKey: 9))
    let usage = try await world.server().keyUsage(serial: world.double.fixture.keys[0].serial)
    #expect(try usage.map { try $0.integer("KLLIC_NHOSTS_ASCURRENT") } == [9])
  }

  @Test func `a key without a serial number is refused`() async throws {
    #expect(throws: ParamsError("is missing", at: "KLLIC_SERIAL")) { try ServerLicenceKey(["KLLIC_APP_ID": 1]) }
    let unknown = try ServerLicenceKey(["KLLIC_SERIAL": "s", "KLLIC_KEY_TYPE": 99, "KLLIC_LIC_COUNT": .long(5)])
    #expect(unknown.kind == .other(99))
    #expect(unknown.unitLimit == 5)
    #expect(unknown.limit == nil)
  }

  @Test func `an attribute in another form than documented spoils nothing else`() async throws {
    let key = try ServerLicenceKey(["KLLIC_SERIAL": "s", "KLLIC_LIC_COUNT": "many", "KLLIC_PROD_NAME": "KES"])
    #expect(key.unitLimit == nil && key.productName == "KES" && key.attributes["KLLIC_LIC_COUNT"] == "many")
  }
}
