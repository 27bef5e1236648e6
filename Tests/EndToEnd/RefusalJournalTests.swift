import Foundation
import SystemPackage
import TestSupport
import Testing

/// What a command refuses of what came from outside stands in the journal, whichever command it is.
@Suite struct RefusalJournalTests {
  /// A stick, a stream, a parcel, a receipt, a root or a server that is none, for each command that takes such a thing.
  private static let cases: [(command: [String], isIsolated: Bool)] = [
    (["import", "STICK"], true), (["import", "STREAM"], true), (["collect", "PARCEL"], false),
    (["collect", "RECEIPT"], false),
    (["trust", "add", "ROOT", "--fingerprint", String(repeating: "0", count: 64)], true),
    (["sync"], false), (["exchange", "receive"], false),
    (["licence", "import"], false), (["ksn", "import"], false),
    (["demand", "ask"], true),
  ]

  /// A ground whose stick, folder, server and parcels all have something wrong, and the words of the table for it.
  private func prepared() async throws -> (ground: ExchangeGround, words: [String: String]) {
    let ground = try await ExchangeGround()
    let world = ground.world
    try ground.put("a list", "plant/lists/a")
    try await addDamagedParcels(ground)
    let folder = ground.folder
    try ground.put("no tar", "stream.tar")
    try ground.put("{}", "receipt/kscmirror-receipt-plant-7.json")
    try ground.put("{}", "parcel/kscmirror-parcel-plant-000077/parcel.json")
    try ground.put("x", "stick/kscmirror-000077/data/metadata/1.root.json")
    try ground.put("x", "stick/kscmirror-000077/LABEL.txt")
    // A server of something else answers in the place of an Administration Server.
    let site = try String(contentsOfFile: world.isolatedConfiguration.string, encoding: .utf8)
    try ground.put("password", "password")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder["password"].string)
    try world.write(
      """
      \(site)
      [administration_server]
      url = "\(world.server.url)"
      user = "mirror"
      password_file = "\(folder["password"])"
      ca = "\(world.authority.certificate)"
      """,
      to: world.isolatedConfiguration
    )
    // The vendor's server gives out an index that is none.
    for name in World.primaries {
      try world.write("<UpdateFiles", to: world.folder["tree"].pushing(FilePath(name)))
    }
    return (
      ground,
      [
        "STICK": folder["stick"].string, "STREAM": folder["stream.tar"].string, "PARCEL": folder["parcel"].string,
        "RECEIPT": folder["receipt"].string, "ROOT": world.firstRoot.string,
      ]
    )
  }

  /// Has the site make a parcel of each kind, collects them, and damages them in the store.
  private func addDamagedParcels(_ ground: ExchangeGround) async throws {
    let world = ground.world
    try world.write("something", to: world.folder["a"])
    for kind in ["licence", "ksn"] {
      try Command.run(
        World.built("parcel-tool"),
        ["make", world.isolated.string, "plant", kind, world.folder["a"].string]
      )
    }
    let sent = try await ground.site(ground.plant, "exchange", "send", "--output", world.stick.string)
    try #require(sent.status == 0, "\(sent.errors)")
    let rest = try await ground.site(ground.plant, "parcel", "send", "--output", world.stick.string)
    try #require(rest.status == 0, "\(rest.errors)")
    try #require(try await ground.connected("collect", world.stick.string).status == 0)
    for number in 1...3 {
      let sealed = world.connected.pushing(FilePath("parcels/sites/plant/00000\(number)/payload.sealed"))
      var bytes = try Data(contentsOf: URL(fileURLWithPath: sealed.string))
      bytes[bytes.count - 3] ^= 1
      try bytes.write(to: URL(fileURLWithPath: sealed.string))
    }
  }

  @Test func `whatever a command refuses of what came from outside has a line in the journal`() async throws {
    let (ground, words) = try await prepared()
    for (command, isIsolated) in Self.cases {
      let configuration = isIsolated ? ground.plant : ground.world.configuration
      let before = try await refusals(ground, configuration)
      let arguments = command.map { words[$0] ?? $0 }
      let refused = try await ground.world.run(arguments + ["--config", configuration.string])
      #expect(refused.status != 0, "\(command)")
      let after = try await refusals(ground, configuration)
      #expect(after.count > before.count, "\(command): \(refused.status) \(refused.errors)")
    }
  }

  private func refusals(_ ground: ExchangeGround, _ configuration: FilePath) async throws -> [Substring] {
    let log = try await ground.world.run(["log", "--config", configuration.string])
    return log.output.split(separator: "\n").filter { $0.contains(" refused: ") || $0.contains(" failed: ") }
  }
}
