import AdministrationServerDouble
import Foundation
import SystemPackage
import TestSupport
import Testing

/// A world whose isolated side is site `plant`, known on the connected side, with a spool; and an Administration Server
/// on either side.
final class KSNGround {
  let world: World
  /// The Administration Server of the site.
  let plant: AdministrationServerDouble
  /// The Administration Server with internet.
  let office: AdministrationServerDouble
  var spool: FilePath { world.folder["spool"] }

  /// - Parameter fields: names of members that may leave besides the built-in ones.
  init(fields: [String] = []) async throws {
    let world = try World(files: 24, meanSize: 400)
    self.world = world
    for name in ["spool"] {
      try FileManager.default.createDirectory(atPath: world.folder[name].string, withIntermediateDirectories: true)
    }
    let authority = try TestAuthority.copy(to: world.folder["ksc"])
    let identity = try authority.issue("localhost")
    plant = try AdministrationServerDouble(Fixture(keys: 3), identity: identity)
    office = try AdministrationServerDouble(identity: identity)
    let names = fields.map { "\"\($0)\"" }.joined(separator: ", ")
    let ksn = "[ksn]\nspool = \"\(world.folder["spool"])\"\nfields = [\(names)]"
    try world.configure(rest: world.table(of: office, authority))
    try world.configureIsolated("site = \"plant\"\n\(try world.table(of: plant, authority))\n\(ksn)")
    try await world.sync()
    #expect(try await world.pack("--site", "plant").status == 0)
    let imported = try await world.import()
    #expect(imported.status == 0, "\(imported.errors)")
    let collected = try await world.introduceSite()
    #expect(collected.status == 0, "\(collected.errors)")
  }

  deinit {
    plant.stop()
    office.stop()
  }

  // MARK: - Commands

  func collect(_ more: String...) async throws -> Outcome {
    try await world.run(["collect", "--config", world.configuration.string, world.stick.string] + more)
  }

  /// `ksn export` to the stick.
  func export(_ more: String...) async throws -> Outcome {
    try await world.run(exporting + ["--output", world.stick.string] + more)
  }

  var exporting: [String] { ["ksn", "export", "--config", world.isolatedConfiguration.string] }
  var delivering: [String] { ["ksn", "deliver", "--config", world.configuration.string] }

  func take(_ more: String...) async throws -> Outcome {
    try await world.run(["ksn", "import", "--config", world.configuration.string] + more)
  }

  func deliver(_ more: String...) async throws -> Outcome { try await world.run(delivering + more) }

  /// Brings what is on the stick to the connected side, and takes it in.
  func bring() async throws {
    let collected = try await collect()
    #expect(collected.status == 0, "\(collected.errors)")
    let taken = try await take()
    #expect(taken.status == 0, "\(taken.errors)")
  }

  /// A newer bundle for the site, which tells it what has arrived.
  func answer() async throws {
    try world.age()
    try await world.sync()
    let packed = try await world.pack("--site", "plant", "--replace")
    #expect(packed.status == 0, "\(packed.errors)")
    let imported = try await world.import()
    #expect(imported.status == 0, "\(imported.errors)")
  }

  // MARK: - Files

  func put(_ name: String, _ text: String) throws { try world.write(text, to: spool.appending("\(name).json")) }

  /// What the connected side keeps of a parcel.
  func kept(_ number: Int) throws -> [String: Data] {
    let digits = String(number)
    let name = String(repeating: "0", count: 9 - digits.count) + digits
    return try World.files(below: world.connected.appending("ksn/plant/\(name)"))
  }

  /// The names of the parcels that the site has made.
  func parcels() throws -> [String] {
    let folder = world.isolated.appending("parcels/out").string
    guard FileManager.default.fileExists(atPath: folder) else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: folder).filter { Int($0) != nil }.sorted()
  }

  /// How often each body stands in a parcel that the site has made.
  func sent() throws -> [String: Int] {
    var counts: [String: Int] = [:]
    for parcel in try parcels() {
      let file = world.isolated.appending("parcels/out/\(parcel)/CONTENTS.txt").string
      for line in try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n") {
        guard let start = line.range(of: "ksn/statistics/"), let end = line.range(of: ".json") else { continue }
        counts[String(line[start.upperBound..<end.lowerBound]), default: 0] += 1
      }
    }
    return counts
  }

  /// The names of the bodies that the server with internet was given, in their order.
  var delivered: [String] { office.statistics.map(\.name) }
}
