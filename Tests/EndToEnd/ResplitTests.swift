import Foundation
import SystemPackage
import TestSupport
import Testing

/// Sizes of volumes change without keys, and what pieces make up is what was signed.
@Suite struct ResplitTests {
  /// A bundle in one volume of some MB.
  private func ground() async throws -> SticksGround {
    let ground = try await SticksGround()
    let packed = try await ground.world.run(
      "pack",
      "--config",
      ground.world.configuration.string,
      "-o",
      ground.world.stick.string,
      "--overwrite"
    )
    guard packed.status == 0 else { throw World.Failure(description: packed.errors) }
    return ground
  }

  private func resplit(_ ground: SticksGround, _ from: FilePath, _ size: String, to stick: FilePath) async throws
    -> Outcome
  {
    try await ground.world.run("bundle", "resplit", from.string, "--size", size, "--output", stick.string)
  }

  /// The name of the file of the volume that a piece is of.
  private func nameOfWhole(of piece: String) -> String { String(piece.dropLast(".part01".count)) }

  @Test func `down and up again is byte-alike, and pieces can be imported and put together by hand`() async throws {
    let ground = try await ground()
    let (small, middle, whole) = (
      try ground.newStick("small"), try ground.newStick("middle"), try ground.newStick("whole")
    )
    let original = try World.files(below: ground.world.stick)
    #expect(try await resplit(ground, ground.world.stick, "1MiB", to: small).status == 0)
    let pieces = try ground.fileNames(small)
    #expect(pieces.count >= 3 && pieces.allSatisfy { $0.contains(".part0") }, "\(pieces)")
    for name in pieces {
      let size = try FileManager.default.attributesOfItem(atPath: ground.volumeFolder(small).appending(name).string)
      #expect((size[.size] as? Int ?? 0) <= 1 << 20)
    }
    #expect(try await resplit(ground, ground.world.bundle(1, at: small), "1.5MiB", to: middle).status == 0)
    #expect(try ground.fileNames(middle) != pieces)
    #expect(try await resplit(ground, middle, "1GiB", to: whole).status == 0)
    #expect(try World.files(below: whole) == original)
    for stick in [small, middle] {
      let store = try ground.newStore()
      #expect(try await ground.import(stick, into: store, "--dry-run").status == 0)
      let outcome = try await ground.import(stick, into: store)
      #expect(outcome.status == 0, "\(outcome.errors)")
      try ground.expectPublished(store)
      #expect(try await ground.world.run("inspect", "--store", store.string, stick.string).status == 0)
    }
    // As the manual says: cat …part* > …
    let joined = pieces.reduce(into: Data()) { data, name in
      data += (try? Data(contentsOf: URL(fileURLWithPath: ground.volumeFolder(small).appending(name).string))) ?? Data()
    }
    let volume = try #require(original.first { $0.key.hasSuffix("001.tar.zst") })
    #expect(joined == volume.value)
    // The whole counts where both are there.
    try joined.write(
      to: URL(fileURLWithPath: ground.volumeFolder(small).appending(nameOfWhole(of: pieces[0])).string)
    )
    try ground.flip(pieces[1], on: small)
    let store = try ground.newStore()
    #expect(try await ground.import(small, into: store).status == 0)
    try ground.expectPublished(store)
  }

  @Test func `a bundle that does not fit its manifest is not copied`() async throws {
    let ground = try await ground()
    let target = try ground.newStick("target")
    var stick = try ground.copy("source")
    try ground.flip("kscmirror-000001.001.tar.zst", on: stick)
    var outcome = try await resplit(ground, stick, "1MiB", to: target)
    #expect(outcome.status == Exit.damagedBundle && outcome.errors.contains("001.tar.zst"), "\(outcome.errors)")
    stick = try ground.copy("source")
    try ground.remove("kscmirror-000001.001.tar.zst", from: stick)
    outcome = try await resplit(ground, stick, "1MiB", to: target)
    #expect(outcome.status == Exit.incompleteBundle && outcome.errors.contains("001.tar.zst"), "\(outcome.errors)")
    stick = try ground.copy("source")
    for (text, status) in [("../../../outside", Int32(92)), ("data/volumes/../../x", 92), ("/etc/passwd", 92)] {
      let list = "\(String(repeating: "a", count: 64))  \(text)\n"
      try ground.world.write(list, to: ground.world.bundle(1, at: stick).appending("tagmanifest-sha256.txt"))
      outcome = try await resplit(ground, stick, "1MiB", to: target)
      #expect(outcome.status == status, "\(outcome.errors)")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: target.string) == [])
    #expect(try await resplit(ground, ground.world.stick, "1MiB", to: ground.world.stick).status == Exit.cannotCreate)
    #expect(try await resplit(ground, ground.world.stick, "1KiB", to: target).status == Exit.usage)
  }

  @Test func `pieces that are missing, swapped, doubled, of a wrong size or with hostile names`() async throws {
    let ground = try await ground()
    let small = try ground.newStick("small")
    #expect(try await resplit(ground, ground.world.stick, "1MiB", to: small).status == 0)
    let folder = ground.volumeFolder(small)
    let pieces = try ground.fileNames(small)
    let contents = try pieces.map { try Data(contentsOf: URL(fileURLWithPath: folder.appending($0).string)) }
    func lay() throws {
      for name in try ground.fileNames(small) {
        try FileManager.default.removeItem(atPath: folder.appending(name).string)
      }
      for (name, bytes) in zip(pieces, contents) {
        try bytes.write(to: URL(fileURLWithPath: folder.appending(name).string))
      }
    }
    func write(_ bytes: Data, _ name: String) throws {
      try bytes.write(to: URL(fileURLWithPath: folder.appending(name).string))
    }
    let cases: [(String, [Int32], () throws -> Void)] = [
      ("missing", [91], { try ground.remove(pieces[1], from: small) }),
      ("the last missing", [91], { try ground.remove(pieces[pieces.count - 1], from: small) }),
      (
        "swapped", [92],
        {
          try write(contents[1], pieces[0])
          try write(contents[0], pieces[1])
        }
      ),
      ("doubled", [92], { try write(contents[0], nameOfWhole(of: pieces[0]) + ".part001") }),
      ("longer", [92], { try write(contents[1] + [0], pieces[1]) }),
      ("shorter", [91], { try write(contents[1].dropLast(), pieces[1]) }),
      ("one more", [92], { try write(Data([1]), nameOfWhole(of: pieces[0]) + ".part99") }),
      ("a flipped bit", [92], { try ground.flip(pieces[1], on: small) }),
      ("an odd name", [92], { try write(Data([1]), "kscmirror-000001.001.tar.zst.part1") }),
      ("of no volume", [92], { try write(Data([1]), "kscmirror-000001.077.tar.zst.part01") }),
      ("control characters", [92], { try write(Data([1]), "\u{1B}[31mx.part01") }),
      (
        "a link", [92],
        {
          try ground.remove(pieces[0], from: small)
          try FileManager.default.createSymbolicLink(
            atPath: folder.appending(pieces[0]).string,
            withDestinationPath: "/dev/zero"
          )
        }
      ),
    ]
    for (what, statuses, damage) in cases {
      try lay()
      try damage()
      for words in [["--dry-run"], []] {
        let store = try ground.newStore()
        let outcome = try await ground.world.run(["import", "--store", store.string, small.string] + words)
        #expect(statuses.contains(outcome.status), "\(what): \(outcome.status) \(outcome.errors)")
        #expect(!outcome.errors.contains("\u{1B}"), "\(what)")
        ground.expectNothing(store)
        try FileManager.default.removeItem(atPath: store.string)
      }
    }
  }
}
