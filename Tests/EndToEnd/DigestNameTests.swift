import Crypto
import Foundation
import SystemPackage
import TestSupport
import Testing

/// The files of a bundle's volumes are named as clients of The Update Framework look for them, and bundles with the plain
/// names of before are read as they always were.
@Suite struct DigestNameTests {
  private static let name = "kscmirror-000001.001.tar.zst"

  /// The names of the files in a bundle's folder of volumes, in the order of the volumes.
  private func files(_ bundle: FilePath) throws -> [String] {
    VolumeFiles.sorted(try FileManager.default.contentsOfDirectory(atPath: folder(bundle).string))
  }

  private func folder(_ bundle: FilePath) -> FilePath { bundle.appending("data").appending("volumes") }

  /// Gives all volumes of a bundle their plain names.
  private func renamePlainly(_ bundle: FilePath) throws {
    for name in try files(bundle) {
      try FileManager.default.moveItem(
        atPath: folder(bundle).appending(name).string,
        toPath: folder(bundle).appending(VolumeFiles.plain(name)).string
      )
    }
  }

  private func isBag(_ bundle: FilePath) -> Bool {
    let script = "cd \"$1\" && sha256sum --quiet --strict -c tagmanifest-sha256.txt manifest-sha256.txt"
    return (try? Command.run("sh", ["-c", script, "sh", bundle.string])) != nil
  }

  @Test func `each file has its own SHA-256 before its name, and is called so wherever it is listed`() async throws {
    let ground = try await SticksGround(["--parity", "1"])
    let world = ground.world
    let names = try files(ground.bundle)
    #expect(names.count >= 4 && names.last?.hasSuffix(".p01.parity") == true)
    for name in names {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: folder(ground.bundle).appending(name).string))
      let digest = SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
      #expect(name == "\(digest).\(VolumeFiles.plain(name))")
    }
    #expect(isBag(ground.bundle))
    let again = try await world.run(ground.packing(to: world.stick) + ["--parity", "1", "--json"])
    let seen = try await world.run("inspect", "--json", "--store", world.isolated.string, world.stick.string)
    let bundles = try #require(seen.result["bundles"] as? [[String: Any]], "\(seen.output)")
    for volumes in [again.result["volumes"], bundles.first?["volumes"]] {
      #expect((volumes as? [[String: Any]])?.compactMap { $0["name"] as? String } == names, "\(again.output)")
    }
    let shown = try await world.run("inspect", "--store", world.isolated.string, world.stick.string)
    for name in names { #expect(shown.output.contains(name), "\(shown.output)") }
    // Of one that is missing it is said what it should be called.
    try ground.remove(names[1], from: world.stick)
    let lacking = try await world.run("inspect", "--store", world.isolated.string, world.stick.string)
    let row = lacking.output.split(separator: "\n").first { $0.contains(names[1]) }
    #expect(row?.hasSuffix("missing") == true, "\(lacking.output)")
  }

  @Test func `volumes with plain names are imported, also as pieces beside others`() async throws {
    let ground = try await SticksGround()
    let plain = try ground.copy("plain")
    try renamePlainly(ground.world.bundle(1, at: plain))
    #expect(try files(ground.world.bundle(1, at: plain)).allSatisfy { $0.hasPrefix("kscmirror-") })
    let shown = try await ground.world.run("inspect", "--store", ground.world.isolated.string, plain.string)
    #expect(shown.status == 0 && shown.output.contains(" \(Self.name) "), "\(shown.output)")
    let mixed = try ground.copy("mixed")
    let place = folder(ground.world.bundle(1, at: mixed))
    let first = ground.file(Self.name, on: mixed)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: first.string))
    let half = bytes.count / 2
    try bytes.prefix(half).write(to: URL(fileURLWithPath: first.string + ".part01"))
    try bytes.dropFirst(half).write(to: URL(fileURLWithPath: place.appending(Self.name + ".part02").string))
    try FileManager.default.removeItem(atPath: first.string)
    for stick in [plain, mixed] {
      let store = try ground.newStore()
      for words in [["--dry-run"], []] {
        let outcome = try await ground.world.run(["import", "--store", store.string, stick.string] + words)
        #expect(outcome.status == 0, "\(outcome.errors)")
      }
      try ground.expectPublished(store)
    }
  }

  @Test func `a file with another SHA-256 before its name is refused, and nothing of it is believed`() async throws {
    let ground = try await SticksGround()
    let (first, second) = (try ground.fileNames(ground.world.stick)[0], try ground.fileNames(ground.world.stick)[1])
    let wrong = "\(second.prefix(64)).\(Self.name)"
    for (number, piece) in ["", ".part01"].enumerated() {
      let stick = try ground.copy("medium-\(number)")
      let place = folder(ground.world.bundle(1, at: stick))
      try FileManager.default.moveItem(
        atPath: place.appending(first).string,
        toPath: place.appending(wrong + piece).string
      )
      for words in [["--dry-run"], []] {
        let store = try ground.newStore()
        let outcome = try await ground.world.run(["import", "--store", store.string, stick.string] + words)
        #expect(outcome.status == Exit.damagedBundle, "\(outcome.errors)")
        #expect(outcome.errors.contains("\(place.appending(wrong + piece)): the name begins with another SHA-256"))
        #expect(outcome.errors.contains(String(first.prefix(64))), "\(outcome.errors)")
        ground.expectNothing(store)
      }
      let seen = try await ground.world.run("inspect", "--store", ground.world.isolated.string, stick.string)
      #expect(seen.status == Exit.damagedBundle && seen.errors.contains("another SHA-256"), "\(seen.errors)")
    }
    // The right name over other bytes helps nobody.
    let stick = try ground.copy("other-bytes")
    try ground.flip(Self.name, on: stick)
    let store = try ground.newStore()
    let outcome = try await ground.import(stick, into: store)
    #expect(outcome.status == Exit.damagedBundle && outcome.errors.contains(Self.name), "\(outcome.errors)")
    ground.expectNothing(store)
  }

  // MARK: - Older programs

  /// Makes the receipt on the stick one of a program that reads bundles up to a format.
  private func age(_ world: World, toFormat format: Int) throws {
    let path = world.stick.appending("kscmirror-receipt-plant.json")
    var text = try String(contentsOfFile: path.string, encoding: .utf8)
    let body = try #require(text.range(of: ",\"signed\":"))
    let end = try #require(text.lastIndex(of: "}"))
    let signed = text[body.upperBound..<end].replacingOccurrences(
      of: #""bundle-format":[0-9]+"#,
      with: "\"bundle-format\":\(format)",
      options: .regularExpression
    )
    let file = try Data(contentsOf: URL(fileURLWithPath: world.isolated.appending("keys/site.key").string))
    let key = try #require(try JSONSerialization.jsonObject(with: file) as? [String: Any])
    let seed = try #require(key["seed"] as? String)
    let bytes = stride(from: 0, to: 64, by: 2).compactMap { offset in
      UInt8(seed.dropFirst(offset).prefix(2), radix: 16)
    }
    let signature = try Curve25519.Signing.PrivateKey(rawRepresentation: bytes).signature(for: Data(signed.utf8))
    let digits = signature.map { String(format: "%02x", $0) }.joined()
    let old = try #require(text.range(of: #""sig":"[0-9a-f]{128}""#, options: .regularExpression))
    text.replaceSubrange(body.upperBound..<end, with: signed)
    text.replaceSubrange(old, with: "\"sig\":\"\(digits)\"")
    try world.write(text, to: path)
  }

  /// What the bundle's signed list of volumes says of it.
  private func facts(_ bundle: FilePath) throws -> [String: Any] {
    let folder = bundle.appending("data/metadata")
    let name = try #require(
      try FileManager.default.contentsOfDirectory(atPath: folder.string).first { $0.hasSuffix(".volumes.json") }
    )
    let object = try JSONSerialization.jsonObject(
      with: Data(contentsOf: URL(fileURLWithPath: folder.appending(name).string))
    )
    let signed = try #require((object as? [String: Any])?["signed"] as? [String: Any])
    return try #require(signed["x-kscmirror"] as? [String: Any])
  }

  @Test(arguments: [1, 2])
  func `a site whose program knows plain names only gets these, as long as it does`(_ format: Int) async throws {
    let world = try World(files: 60)
    try world.configureIsolated("site = \"plant\"")
    try #require(try await world.sync().status == 0)
    try #require(try await world.pack("--site", "plant").status == 0)
    #expect(try facts(world.bundle(1))["format"] as? Int == 3)
    try #require(try await world.import().status == 0)
    try age(world, toFormat: format)
    let collected = try await world.introduceSite()
    try #require(collected.status == 0, "\(collected.errors)")
    try FileManager.default.removeItem(atPath: world.stick.appending("kscmirror-receipt-plant.json").string)

    try world.age()
    try #require(try await world.sync().status == 0)
    let packed = try await world.pack("--site", "plant", "--replace", "--json")
    #expect(packed.status == 0, "\(packed.output)")
    #expect(packed.json.contains { ($0["notice"] as? [String: Any])?["name"] as? String == "plain-names" })
    let bundle = format == 1 ? world.bundle(2) : world.stick.appending("kscmirror-000002-from-000001")
    let names = try files(bundle)
    let stem = try #require(bundle.lastComponent?.string)
    #expect(names == ["\(stem).001.tar.zst"], "programs of that time know no names of sites either")
    #expect((packed.result["volumes"] as? [[String: Any]])?.compactMap { $0["name"] as? String } == names)
    // As programs of before wrote it.
    #expect(try facts(bundle)["format"] as? Int == (format == 1 ? nil : format))
    #expect(isBag(bundle))
    let pieces = try world.folder.subfolder("pieces")
    let resplit = try await world.run("bundle", "resplit", world.stick.string, "--size", "1MiB", "-o", pieces.string)
    #expect(resplit.status == 0, "\(resplit.errors)")
    #expect(try files(pieces.appending(stem)) == names)

    // The import leaves a receipt of today's program.
    #expect(try await world.import().status == 0)
    #expect(try world.published(world.isolated) == world.expected())
    try world.age()
    try #require(try await world.sync().status == 0)
    let last = try await world.pack("--site", "plant", "--replace", "--json")
    #expect(last.status == 0 && !last.output.contains("plain-names"), "\(last.output)")
    let newest = world.stick.appending("kscmirror-000003-from-000002-for-plant")
    #expect(try facts(newest)["format"] as? Int == 3)
    #expect(try files(newest).allSatisfy { VolumeFiles.plain($0) != $0 })
    #expect(try await world.import().status == 0)
    #expect(try world.published(world.isolated) == world.expected())
  }

  // MARK: - python-tuf

  /// Downloads targets of a bundle's repository with python-tuf, of which no setting is changed.
  private func download(_ world: World, _ data: FilePath, _ targets: [String], to place: FilePath) throws {
    let script = FilePath(#filePath).removingLastComponent().removingLastComponent()
      .pushing("Interoperability/ngclient.py").string
    try Command.run(
      try #require(Python.path),
      [script, "--defaults", "--serve", data.string, "metadata/", "", world.firstRoot.string, place.string] + targets
    )
  }

  @Test(.enabled(if: Python.path != nil, Comment(rawValue: Python.absence)))
  func `python-tuf finds all volumes of a full bundle and of an incremental one, with its default settings`()
    async throws
  {
    let world = try World(files: 60)
    let days: [(Int, base: [String])] = [(1, []), (2, ["--base", "1"])]
    for (day, base) in days {
      if day > 1 { try world.age() }
      try #require(try await world.sync().status == 0)
      let stick = try world.folder.subfolder("day-\(day)")
      let packed = try await world.pack(["--parity", "1", "--volume-size", "1MiB"] + base, to: stick)
      try #require(packed.status == 0, "\(packed.errors)")
      let bundle = stick.appending(day == 1 ? "kscmirror-000001" : "kscmirror-000002-from-000001")
      let data = bundle.appending("data")
      // The list of files, of which an incremental bundle has a patch, comes from the web store: signed is the same.
      for name in try FileManager.default.contentsOfDirectory(atPath: data.appending("metadata").string)
      where name.hasSuffix(".targets.json.patch") {
        let list = String(name.dropLast(".patch".count))
        try FileManager.default.copyItem(
          atPath: world.connected.appending("metadata").appending(list).string,
          toPath: data.appending("metadata").appending(list).string
        )
      }
      let expected = try Dictionary(
        uniqueKeysWithValues: files(bundle).map { name in
          let path = folder(bundle).appending(name).string
          return ("volumes/\(VolumeFiles.plain(name))", try Data(contentsOf: URL(fileURLWithPath: path)))
        }
      )
      #expect(expected.count >= 2)
      let got = world.folder["got-\(day)"]
      try download(world, data, expected.keys.sorted(), to: got)
      #expect(try World.files(below: got) == expected)
      // It is the names that it goes by.
      try renamePlainly(bundle)
      #expect(throws: (any Error).self) {
        try download(world, data, expected.keys.sorted(), to: world.folder["not-\(day)"])
      }
    }
  }
}
