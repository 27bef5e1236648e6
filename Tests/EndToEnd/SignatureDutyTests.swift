import Foundation
import SystemPackage
import TestSupport
import Testing

/// What has to be signed is decided by who names it: whoever rewrites what a signed index names is refused by sync, by
/// import and by `verify --vendor`, whatever the bytes say of themselves.
@Suite struct SignatureDutyTests {
  enum Trick: CaseIterable {
    /// As an index of the generation before, without a signature.
    case olderForm
    case noTrailer
    /// As one of the oldest generation.
    case otherRoot
    case empty
    /// An unsigned index calls a file an index, and the file begins as one.
    case calledAnIndex

    /// The exit status of a sync that meets it.
    var status: Int32 {
      switch self {
      case .olderForm, .noTrailer, .otherRoot, .empty: Exit.vendorSignature
      case .calledAnIndex: Exit.wrongContent
      }
    }
  }

  private func bytes(_ path: String, in world: World) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: world.folder["tree"].pushing(FilePath(path)).string))
  }

  private func put(_ bytes: Data, at path: String, in world: World) throws {
    let place = URL(fileURLWithPath: world.folder["tree"].pushing(FilePath(path)).string)
    try bytes.write(to: place, options: .atomic)
  }

  private func play(_ trick: Trick, on index: String, _ payload: String, in world: World) throws {
    let honest = try bytes(index, in: world)
    let mark = try #require(honest.range(of: Data("\r\n=!".utf8)))
    let text = String(decoding: honest[..<mark.lowerBound], as: UTF8.self)
    #expect(text.contains("Format=\"3.0\""))
    var forged = Data("forged".utf8) + (try bytes(payload, in: world))
    // An index that is older than its parent says would be asked for again.
    let date = try #require(text.firstMatch(of: /Date="([0-9 ]+)"/)).output.1
    let old = "<UpdateFiles UpdateDate=\"\(date)\" ObjectType=\"2=AH;3=BASE\"></UpdateFiles>"
    switch trick {
    case .olderForm:
      try put(Data(text.replacingOccurrences(of: "Format=\"3.0\"", with: "Format=\"2.0\"").utf8), at: index, in: world)
    // Without the digests too, which are looked at even where signatures are not.
    case .noTrailer: try put(Data(text.replacingOccurrences(of: "DSKM2", with: "DSKM9").utf8), at: index, in: world)
    case .otherRoot: try put(Data(old.utf8), at: index, in: world)
    case .empty: try put(Data(), at: index, in: world)
    case .calledAnIndex:
      let unsigned = index.replacingOccurrences(of: "1901g", with: "1313g")
      let name = try #require(payload.split(separator: "/").last)
      let words = String(decoding: try bytes(unsigned, in: world), as: UTF8.self)
      let more = words.replacingOccurrences(of: "</Update>", with: "<Index Name=\"\(name)\"/></Update>")
      #expect(more != words)
      try put(Data(more.utf8), at: unsigned, in: world)
      forged = Data((old + "\u{7F}ELF forged").utf8)
    }
    try put(forged, at: payload, in: world)
  }

  @Test func `an index that proved files does not go away while they stay, unless that is allowed`() async throws {
    let world = try World()
    let primaries = ["index/u1901g.xml", "index/u1313g.xml"]
    try world.configure(rest: "vendor_signatures = \"off\"", primaries: primaries)
    #expect(try await world.sync().status == 0)
    #expect(try await world.pack().status == 0)
    #expect(try await world.import().status == 0)
    let before = try world.published(world.isolated)
    try world.age()
    // The index of a component in two folders: what the one in the second folder proved is lost with it.
    for path in ["updates/kdb/kdb-1901g.xml", "updates/kdb/x64/kdb-x64-1901g.xml"] {
      try FileManager.default.removeItem(atPath: world.folder["tree"].pushing(FilePath(path)).string)
    }
    let folder = "updates/kdb/x64"
    let names = try FileManager.default.contentsOfDirectory(
      atPath: world.folder["tree"].pushing(FilePath(folder)).string
    )
    let payload = "\(folder)/\(try #require(names.filter { $0.hasSuffix(".dat") }.sorted().first))"
    try put(Data("forged".utf8), at: payload, in: world)
    let synced = try await world.sync("--recheck", "--accept-shrink")
    #expect(synced.status == 0, "\(synced.errors)")
    #expect(try await world.pack("--replace").status == 0)
    let refused = try await world.import()
    #expect(refused.status == Exit.vendorSignature, "\(refused.status): \(refused.errors)")
    #expect(refused.errors.contains("--allow-older") && refused.errors.contains("updates/kdb/"), "\(refused.errors)")
    #expect(try world.published(world.isolated) == before)
    #expect(try await world.import("--allow-older").status == 0)
  }

  @Test(arguments: [["updates/kdb/kdb-1901g.xml", "updates/kdb/x64/kdb-x64-1901g.xml"], ["updates/ah/ah-1901g.xml"]])
  func `a first import refuses a bundle without a signed index whose files are there`(_ left: [String]) async throws {
    let world = try World()
    try world.configure(rest: "vendor_signatures = \"off\"", primaries: ["index/u1901g.xml", "index/u1313g.xml"])
    #expect(try await world.sync().status == 0)
    for path in left {
      try FileManager.default.removeItem(atPath: world.folder["tree"].pushing(FilePath(path)).string)
    }
    let folder = try #require(left.last?.split(separator: "/").dropLast().joined(separator: "/"))
    let names = try FileManager.default.contentsOfDirectory(
      atPath: world.folder["tree"].pushing(FilePath(folder)).string
    )
    let payload = "\(folder)/\(try #require(names.filter { !$0.hasSuffix(".xml") }.sorted().first))"
    try put(Data("forged".utf8), at: payload, in: world)
    let synced = try await world.sync("--recheck", "--accept-shrink")
    #expect(synced.status == 0, "\(synced.errors)")
    #expect(try await world.pack().status == 0)
    let refused = try await world.import()
    #expect(refused.status == Exit.vendorSignature, "\(refused.status): \(refused.errors)")
    #expect(refused.errors.contains(left[0]) && refused.errors.contains("--allow-older"), "\(refused.errors)")
    #expect(world.current(world.isolated) == nil)
    try world.configureIsolated("vendor_expect_signed = false")
    #expect(try await world.import().status == 0)
  }

  @Test
  func
    `a first import refuses a tree without a signed primary index, unless the configuration says that it is an old one`()
    async throws
  {
    let world = try World()
    // Those of the generation 1313g carry the signed one inside an index.
    try world.configure(primaries: ["index/u0607g.xml"])
    #expect(try await world.sync().status == 0)
    #expect(try await world.pack().status == 0)
    for words in [["import"], ["import", "--allow-older"]] {
      try await world.trust()
      let refused = try await world.run(words + ["--config", world.isolatedConfiguration.string, world.stick.string])
      #expect(refused.status == Exit.notVerifiable, "\(refused.status): \(refused.errors)")
      #expect(refused.errors.contains("vendor_expect_signed"), "\(refused.errors)")
    }
    #expect(world.current(world.isolated) == nil)
    try world.configureIsolated("vendor_expect_signed = false")
    #expect(try await world.import().status == 0)
    #expect(try world.published(world.isolated) == world.published(world.connected))
  }

  @Test(arguments: Trick.allCases, ["updates/ah", "updates/kdb/x64"])
  func `what a signed index names is held to that`(_ trick: Trick, _ folder: String) async throws {
    try await expectHeld(trick, folder, payload: ".dat", in: try World())
  }

  @Test(arguments: Trick.allCases)
  func `what a signed index names is held to that also among application patches`(_ trick: Trick) async throws {
    // Where the vendor himself has left some indexes unsigned.
    try await expectHeld(trick, "updates/bin/kinds", payload: "file.msp", in: try World(whole: true), "patches = true")
  }

  /// Plays a trick on the index of a folder and a file that it names, and expects that nobody publishes it.
  private func expectHeld(
    _ trick: Trick,
    _ folder: String,
    payload end: String,
    in world: World,
    _ source: String = ""
  ) async throws {
    let primaries = ["index/u1901g.xml", "index/u1313g.xml"]
    try world.configure(source: source, primaries: primaries)
    #expect(try await world.sync().status == 0)
    #expect(try await world.pack().status == 0)
    let honest = try await world.import()
    #expect(honest.status == 0, "\(honest.errors)")
    let before = try world.published(world.isolated)
    try world.age()
    let names = try FileManager.default.contentsOfDirectory(
      atPath: world.folder["tree"].pushing(FilePath(folder)).string
    )
    let index = "\(folder)/\(try #require(names.first { $0.hasSuffix("-1901g.xml") }))"
    let payload = "\(folder)/\(try #require(names.filter { $0.hasSuffix(end) }.sorted().first))"
    #expect(before["updates/\(payload)"] != nil)
    try play(trick, on: index, payload, in: world)

    let refused = try await world.sync("--recheck")
    #expect(refused.status == trick.status, "\(refused.status): \(refused.errors)")
    #expect(world.current(world.connected) == "releases/1")
    let verified = try await world.run(
      ["verify", "--vendor", world.folder["tree"].string, "--config", world.configuration.string]
    )
    #expect(verified.status == Exit.vendorSignature, "\(verified.output)")
    #expect(verified.output.contains(trick == .calledAnIndex ? payload : index), "\(verified.output)")

    // The attacker has the keys of the connected side, and looks away from the vendor's signatures.
    try world.configure(source: source, rest: "vendor_signatures = \"off\"", primaries: primaries)
    let forged = try await world.sync("--recheck", "--accept-shrink")
    // Digests are looked at even so, and an index has to be one.
    guard trick != .calledAnIndex && trick != .empty else {
      let status = trick == .empty ? Exit.malformedIndex : Exit.wrongContent
      #expect(forged.status == status, "\(forged.status): \(forged.errors)")
      return
    }
    #expect(forged.status == 0, "\(forged.errors)")
    let published = try world.published(world.connected)["updates/\(payload)"]
    #expect(published?.starts(with: Data("forged".utf8)) == true)
    #expect(try await world.pack("--replace").status == 0)
    let imported = try await world.import()
    #expect(imported.status == Exit.vendorSignature, "\(imported.status): \(imported.errors)")
    #expect(try world.published(world.isolated) == before)
  }
}
