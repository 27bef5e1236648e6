import Foundation
import SystemPackage
import Testing

/// A week of README's days with two sites on one stick, and what happens to administrators: a stick is lost, a host has to be
/// made again, and databases turn out to be bad.
@Suite struct DiaryTests {
  /// The connected side, two sites, and the stick that goes between.
  private final class Week {
    let world: World
    private(set) var stick: FilePath
    private let phrase: FilePath
    static let sites = ["north", "south"]

    init() throws {
      world = try World(files: 30, meanSize: 600, trusting: false)
      (stick, phrase) = (world.stick, world.folder["phrase"])
      for site in Self.sites {
        try world.write(
          "store = \"\(store(site))\"\nsite = \"\(site)\"\n\(world.vendorSetting)\n",
          to: configuration(site)
        )
      }
      try world.write("four words of a diary\n", to: phrase)
    }

    func store(_ site: String) -> FilePath { world.folder[site] }
    func configuration(_ site: String) -> FilePath { world.folder["\(site).toml"] }

    /// Runs a command that has to end well, on the connected side or at a site.
    @discardableResult
    func well(_ words: [String], at site: String? = nil) async throws -> Outcome {
      let file = site.map(configuration) ?? world.configuration
      let outcome = try await world.run(words + ["--config", file.string])
      try #require(outcome.status == 0, "\(site ?? "connected side"): \(words): \(outcome.output)\(outcome.errors)")
      return outcome
    }

    func sync() async throws { try await well(["sync"]) }

    @discardableResult
    func pack(_ site: String, new: Bool = false) async throws -> Outcome {
      try await well(["pack", stick.string, "--site", site, "--replace", "--json"] + (new ? ["--new-site"] : []))
    }

    func `import`(_ site: String) async throws { try await well(["import", stick.string], at: site) }

    /// A day as README shows it.
    func day(new: Bool = false) async throws {
      try await sync()
      for site in Self.sites { try await pack(site, new: new) }
      for site in Self.sites { try await self.import(site) }
    }

    func secret(_ word: String, _ file: FilePath) -> [String] {
      [word, file.string, "--passphrase-file", phrase.string]
    }

    /// Another stick, with nothing on it.
    func takeAnotherStick() throws {
      stick = world.folder["another-stick"]
      try FileManager.default.createDirectory(atPath: stick.string, withIntermediateDirectories: false)
    }

    /// What a site publishes, by path.
    func published(_ site: String) throws -> [String: Data] { try world.published(store(site)) }
  }

  @Test func `a week with two sites, a lost stick, a restored host and a rollback`() async throws {
    let week = try Week()
    let world = week.world

    // Monday: everything is new. The fingerprints are read out over the telephone, in both directions.
    try await week.well(["keys", "init", "--no-passphrase"])
    let root = try await world.fingerprint()
    try await week.sync()
    for site in Week.sites {
      try await week.pack(site, new: true)
      try await week.well(["trust", "add", week.stick.string, "--fingerprint", root], at: site)
      try await week.import(site)
      let shown = try await week.well(["trust", "show", "--json"], at: site)
      let digits = try #require(shown.result["siteFingerprint"] as? [String]).joined(separator: " ")
      try await week.well(["collect", week.stick.string, "--fingerprint", digits])
    }
    let backup = world.folder["safe/connected.backup"]
    try world.write("", to: world.folder["safe/note"])
    try await week.well(week.secret("backup", backup))

    // Tuesday: a day like any other.
    try world.age()
    try await week.day()
    for site in Week.sites { #expect(try week.published(site) == world.expected()) }

    // Wednesday: the stick is lost on the way. Another one is written, and builds on what the sites have.
    try world.age()
    try await week.sync()
    for site in Week.sites { try await week.pack(site) }
    try week.takeAnotherStick()
    for site in Week.sites {
      let packed = try await week.pack(site)
      #expect(packed.result["base"] as? Int == 2, "\(packed.output)")
      try await week.import(site)
      #expect(try week.published(site) == world.expected())
    }

    // Thursday: the host with internet dies, and Monday's backup is what there is. Nobody has to read out anything.
    try FileManager.default.removeItem(atPath: world.connected.string)
    try await week.well(week.secret("restore", backup))
    #expect(try await world.fingerprint() == root)
    try world.age()
    try await week.day()
    for site in Week.sites { #expect(try week.published(site) == world.expected()) }
    let good = try week.published("south")

    // Friday: the vendor's databases are bad, and north has them already. The connected side goes back.
    try world.age()
    try await week.sync()
    try await week.pack("north")
    try await week.import("north")
    #expect(try week.published("north") != good)
    try await week.well(["rollback"])
    try await week.pack("north")
    // Old databases may be an attack: whoever is at north has heard over the telephone that they are wanted.
    let careful = try await world.run(["import", week.stick.string, "--config", week.configuration("north").string])
    #expect(careful.status == Exit.olderIndex, "\(careful.errors)")
    try await week.well(["import", week.stick.string, "--allow-older"], at: "north")
    // South has what is wanted: for it there is nothing to carry.
    let nothing = try await week.pack("south").result
    #expect(nothing["siteHasIt"] as? Bool == true, "\(nothing)")
    for site in Week.sites { #expect(try week.published(site) == good, "\(site)") }

    // Saturday: the vendor has mended them, and all is as ever.
    try world.age()
    try await week.day()
    for site in Week.sites {
      #expect(try week.published(site) == world.expected())
      let status = try await week.well(["status", "--json"], at: site)
      #expect(status.result["heldBack"] == nil && (status.result["unfinished"] as? [Any])?.isEmpty == true)
      try await week.well(["verify"], at: site)
    }
    let sites = try await week.well(["site", "list", "--json"])
    for site in Week.sites { #expect(sites.output.contains("\"\(site)\"")) }
    try await week.well(["verify"])
  }
}
