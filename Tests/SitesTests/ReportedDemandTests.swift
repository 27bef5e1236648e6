import StrictJSON
import Testing
import Trust

@testable import Demand
@testable import JobCore
@testable import Sites

/// What a receipt tells of a site's applications: what is signed is what is read, within bounds.
@Suite struct ReportedDemandTests {
  private let key = SigningKey()

  static func application(
    _ name: String,
    _ version: String = "12.1.0.0",
    build: String? = "12.1.0.506",
    devices: Int = 3
  )
    -> ReportedDemand.Application
  {
    ReportedDemand.Application(
      name: name,
      version: version,
      build: build,
      displayName: "Shown \(name)",
      devices: devices
    )
  }

  static func demand(_ applications: [ReportedDemand.Application], components: [String] = ["KDB", "KSN"])
    -> ReportedDemand
  {
    ReportedDemand(
      asked: 1_795_470_000,
      devices: 10,
      devicesRead: 9,
      applications: applications,
      components: components,
      leftOut: 1
    )
  }

  private func bytes(_ change: (inout JSONObject) throws -> Void) throws -> [UInt8] {
    var receipt = ReceiptTests.receipt()
    receipt.demand = Self.demand([Self.application("KES")])
    var fields = receipt.object
    var demand = fields["demand"]?.object ?? JSONObject()
    try change(&demand)
    fields["demand"] = .object(demand)
    return try SignedStatement(fields, kind: Receipt.kind, signedBy: key).serialized
  }

  @Test func `what is signed is what is read, and a receipt without it stays one`() throws {
    let bare = Self.application("1103", build: nil, devices: 0)
    for demand in [Self.demand([Self.application("KES"), bare]), Self.demand([], components: [])] {
      var receipt = ReceiptTests.receipt()
      receipt.demand = demand
      let signed = try SignedReceipt(receipt, key: key)
      #expect(try SignedReceipt(parsing: signed.serialized, at: "test").receipt == receipt)
    }
    #expect(ReceiptTests.receipt().object["demand"] == nil)
  }

  @Test func `what is reported always fits a receipt, however long the names are`() throws {
    let long = String(repeating: "A", count: 12)
    var tally = DemandTally()
    for number in 1000..<1500 {
      tally.note(
        ReportedDemand.Application(
          name: "\(number)\(long)",
          version: "\(number).123456.123456.123456.123456",
          build: "\(number).123456.123456.123456.123456",
          displayName: "Kaspersky " + String(repeating: "\"", count: 150),
          devices: 1_000_000
        )
      )
    }
    var receipt = ReceiptTests.receipt(held: Array(1...51))
    let demand = tally.demand(asked: 1, devices: 0, componentIDs: (1000..<3000).map { "\($0)\(long)" })
    receipt.demand = demand
    let signed = try SignedReceipt(receipt, key: key)
    #expect(signed.serialized.count <= Receipt.maximumSize / 4 * 3, "\(signed.serialized.count)")
    #expect(try SignedReceipt(parsing: signed.serialized, at: "test").receipt == receipt)
    #expect(demand.applications.count + demand.components.count + demand.leftOut == 2500)
  }

  @Test(
    arguments: [
      ("asked", "now"), ("devices", -1), ("devices", "10"), ("devices-read", 11), ("left-out", -1),
      ("applications", .object([:])), ("applications", .array([1])), ("components", .array([1])),
      ("components", .array([""])), ("components", .array(["K\u{1B}DB"])),
      ("components", .array((0...1000).map { .string("C\($0)") })),
    ] as [(String, JSONValue)]
  )
  func `a field beyond its bounds is refused, also when it is signed`(_ name: String, _ value: JSONValue) throws {
    let changed = try bytes { $0[name] = value }
    let error = #expect(throws: JobError.self) { try SignedReceipt(parsing: changed, at: "test") }
    #expect(error?.status == .badReceipt)
  }

  @Test(
    arguments: [
      ("name", ""), ("name", .string(String(repeating: "n", count: 65))), ("name", "a\nb"), ("name", "a\u{202E}b"),
      ("version", 12), ("build", ""), ("devices", -1), ("devices", .integer(.max)), ("display-name", "\u{7}"),
    ] as [(String, JSONValue)]
  )
  func `an application beyond its bounds is refused`(_ name: String, _ value: JSONValue) throws {
    let changed = try bytes { demand in
      var application = try #require(demand["applications"]?.array?.first?.object)
      application[name] = value
      demand["applications"] = .array([.object(application)])
    }
    #expect(throws: JobError.self) { try SignedReceipt(parsing: changed, at: "test") }
  }

  @Test func `too many applications, and one that is reported twice, are refused`() throws {
    let many = (0...500).map { Self.application("A\($0)") }
    for applications in [many, [Self.application("KES"), Self.application("KES", devices: 5)]] {
      var receipt = ReceiptTests.receipt()
      receipt.demand = Self.demand(applications)
      let signed = try SignedReceipt(receipt, key: key)
      #expect(throws: JobError.self) { try SignedReceipt(parsing: signed.serialized, at: "test") }
    }
  }

  @Test func `what a server calls applications and components leaves only if it looks like the vendor's`() throws {
    var tally = DemandTally()
    let names = ["Ivan Petrov", "Иван", "SXZhbiBQZXRyb3Y=", "4976616E20506574726F76", "Ivan%20Petrov", "ivanpetrov"]
    for name in names {
      tally.note(ReportedDemand.Application(name: name, version: "1.0", build: nil, displayName: nil, devices: 1))
      tally.note(ReportedDemand.Application(name: "KES", version: name, build: nil, displayName: nil, devices: 1))
      tally.note(ReportedDemand.Application(name: "KES", version: "1.0", build: name, displayName: nil, devices: 1))
      tally.note(ReportedDemand.Application(name: "KES", version: "2.0", build: nil, displayName: name, devices: 1))
    }
    let shown = "Kaspersky Endpoint Security"
    tally.note(ReportedDemand.Application(name: "KES", version: "2.0", build: nil, displayName: shown, devices: 1))
    let demand = tally.demand(asked: 1, devices: 100, componentIDs: ["KDB", "RETR1901_Updater"] + names)
    #expect(demand.components == ["KDB", "RETR1901_Updater"])
    #expect(demand.applications.map(\.identity) == [["KES", "2.0", ""]])
    #expect(demand.applications.first?.displayName == shown && demand.applications.first?.devices == 7)
    // What stayed is counted.
    #expect(demand.leftOut == 3 * names.count + names.count)
  }

  @Test func `of too many applications those that most devices have are reported, and the rest is counted`() {
    var tally = DemandTally()
    for number in 1...600 { tally.note(Self.application("A\(number + 1000)", devices: number)) }
    tally.note(Self.application("A1600", devices: 5))
    tally.note(Self.application("bad\nname"))
    tally.note(Self.application(String(repeating: "long", count: 100)))
    let demand = tally.demand(asked: 1, devices: 0, componentIDs: [])
    #expect(demand.applications.count == 500 && demand.leftOut == 102)
    #expect(demand.applications.map(\.devices).min() == 101)
    #expect(demand.applications.first { $0.name == "A1600" }?.devices == 605, "the same one twice is one")
    #expect(demand.applications.map(\.name) == demand.applications.map(\.name).sorted())
  }
}
