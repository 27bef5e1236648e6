import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

/// Files that claim more bytes than there are on earth, in the place of each file that lies on a stick: they have holes,
/// and cost whoever lays them nothing.
@Suite struct GiantFileTests {
  /// A file system that takes such sizes: one in memory does.
  private static let memory: FilePath = "/dev/shm"
  private static let sizes: [Int64] = {
    let folder = TemporaryFolder(in: access(memory.string, W_OK) == 0 ? memory : nil)
    return [.max, 1 << 62, 1 << 40].filter { makeGiant(folder["giant"], $0) }
  }()

  private static func makeGiant(_ path: FilePath, _ size: Int64) -> Bool {
    unlink(path.string)
    let file = open(path.string, O_CREAT | O_WRONLY | O_EXCL, 0o644)
    guard file >= 0 else { return false }
    defer { close(file) }
    return ftruncate(file, off_t(size)) == 0
  }

  /// A stick with a bundle, a receipt and a parcel, all of which are sound.
  private struct Ground {
    let ground: ExchangeGround
    let place = TemporaryFolder(in: access(GiantFileTests.memory.string, W_OK) == 0 ? GiantFileTests.memory : nil)
    var stick: FilePath { place["stick"] }

    init() async throws {
      ground = try await ExchangeGround()
      try ground.put("a list", "plant/lists/a")
      let world = ground.world
      let sent = try await ground.site(ground.plant, "exchange", "send", "--output", world.stick.string)
      try #require(sent.status == 0, "\(sent.errors)")
      try world.age()
      try #require(try await world.sync().status == 0)
      try #require(try await world.pack("--full").status == 0)
      try FileManager.default.copyItem(atPath: world.stick.string, toPath: stick.string)
    }

    var files: [String] {
      get throws {
        let walk = FileManager.default.enumerator(atPath: stick.string)
        return (walk?.compactMap { $0 as? String } ?? []).filter { name in
          var isFolder: ObjCBool = false
          return FileManager.default.fileExists(atPath: stick.string + "/" + name, isDirectory: &isFolder)
            && !isFolder.boolValue
        }.sorted()
      }
    }

    /// Whatever reads a stick, on either side; nothing of the store is changed.
    func commands(_ target: FilePath) -> [[String]] {
      let (isolated, connected) = (ground.plant.string, ground.world.configuration.string)
      let bundles =
        (try? FileManager.default.contentsOfDirectory(atPath: stick.string))?
        .filter { $0.hasPrefix("kscmirror-0") }.sorted() ?? []
      return [
        ["import", "--dry-run", "--config", isolated, stick.string], ["inspect", "--config", isolated, stick.string],
        ["collect", "--config", connected, stick.string],
        ["bundle", "resplit", stick.appending(bundles.last ?? "").string, "--size", "700M", "--output", target.string],
      ]
    }
  }

  /// Runs what reads a stick, and sees that each run ends by itself, soon, and with a sentence unless all is well.
  private func expectEndings(_ ground: Ground, _ comment: String) async throws -> [Int32] {
    var found: [Int32] = []
    for (number, command) in ground.commands(ground.place["target"]).enumerated() {
      // What was collected is not read again.
      try? FileManager.default.removeItem(atPath: ground.ground.world.connected.pushing("parcels/sites").string)
      let start = ContinuousClock.now
      if number == 3 { _ = try ground.place.subfolder("target") }
      let outcome = try await ground.ground.world.run(command)
      let words = "\(comment): \(command[0]): \(outcome.status) \(outcome.errors)"
      #expect(outcome.status >= 0 && outcome.status != Exit.software, "\(words)")
      #expect(outcome.status == 0 || !(outcome.errors + outcome.output).isEmpty, "\(words)")
      #expect(ContinuousClock.now - start < .seconds(600), "\(words)")
      found.append(outcome.status)
      if number == 3 { try? FileManager.default.removeItem(atPath: ground.place["target"].string) }
    }
    return found
  }

  @Test func `a giant in the place of any file of a stick is an error, and costs neither time nor a crash`()
    async throws
  {
    let ground = try await Ground()
    let size = try #require(Self.sizes.first)
    #expect(try await expectEndings(ground, "sound").first == 0)
    let files = try ground.files
    let kinds = [
      "LABEL.txt", "tagmanifest-sha256.txt", "/volumes/", "/metadata/", "receipt", "payload.sealed", "parcel.json",
    ]
    for kind in kinds { #expect(files.contains { $0.contains(kind) }, "\(kind): \(files)") }
    var harmless: [String] = []
    for name in files {
      let (file, kept) = (ground.stick.pushing(FilePath(name)), ground.place["kept"])
      try FileManager.default.moveItem(atPath: file.string, toPath: kept.string)
      #expect(Self.makeGiant(file, size))
      if try await expectEndings(ground, name).allSatisfy({ $0 == 0 }) { harmless.append(name) }
      unlink(file.string)
      try FileManager.default.moveItem(atPath: kept.string, toPath: file.string)
    }
    // What only people and other programs read.
    let forOthers = ["bag", "manifest", "CONTENTS", "LABEL"]
    #expect(
      harmless.allSatisfy { name in forOthers.contains { name.contains($0) } },
      "\(harmless)"
    )
  }

  @Test func `giants beside a volume, and pieces whose sizes add up to no number, are refused`() async throws {
    let ground = try await Ground()
    let volume = try #require(try ground.files.last { $0.contains("/volumes/") })
    for size in Self.sizes {
      for name in ["\(volume).part01", "\(volume).part02", "\(volume).part03"] {
        #expect(Self.makeGiant(ground.stick.pushing(FilePath(name)), size))
      }
      _ = try await expectEndings(ground, "pieces beside, \(size)")
      let (file, kept) = (ground.stick.pushing(FilePath(volume)), ground.place["kept"])
      try FileManager.default.moveItem(atPath: file.string, toPath: kept.string)
      let endings = try await expectEndings(ground, "pieces alone, \(size)")
      #expect(endings[0] != 0, "\(size)")
      // What is damaged is no question of room.
      #expect(endings[3] == Exit.damagedBundle, "\(size): \(endings)")
      try FileManager.default.moveItem(atPath: kept.string, toPath: file.string)
    }
  }

  @Test func `a giant that is to be split is damaged, whatever room there is`() async throws {
    let ground = try await Ground()
    let volume = try #require(try ground.files.last { $0.contains("/volumes/") })
    let file = ground.stick.pushing(FilePath(volume))
    let bundle = try #require(FilePath(volume).components.first).string
    let target = try ground.place.subfolder("target")
    for size in Self.sizes + [1 << 30] {
      try #require(Self.makeGiant(file, size))
      let outcome = try await ground.ground.world.run(
        ["bundle", "resplit", ground.stick.appending(bundle).string, "--size", "700M"]
          + ["--output", target.string]
      )
      #expect(outcome.status == Exit.damagedBundle, "\(size): \(outcome.status) \(outcome.errors)")
      let name = file.lastComponent?.string ?? volume
      #expect(outcome.errors.contains(name) && outcome.errors.contains("bytes"), "\(size): \(outcome.errors)")
    }
  }

  @Test func `a giant as a root, a stream, a configuration or a key is refused at once`() async throws {
    let ground = try await Ground()
    let giant = ground.place["giant"]
    for size in Self.sizes {
      #expect(Self.makeGiant(giant, size))
      let (isolated, connected) = (ground.ground.plant.string, ground.ground.world.configuration.string)
      for command in [
        ["trust", "add", giant.string, "--config", isolated], ["import", giant.string, "--config", isolated],
        ["status", "--config", giant.string],
        ["licence", "send", "--to", "plant", giant.string, "--config", connected],
        ["keys", "sign", giant.string, "--config", connected], ["keys", "accept", giant.string, "--config", connected],
        ["collect", giant.string, "--config", connected], ["inspect", giant.string, "--config", isolated],
      ] {
        let start = ContinuousClock.now
        let outcome = try await ground.ground.world.run(command)
        #expect(
          outcome.status > 0 && outcome.status != Exit.software,
          "\(command): \(outcome.status) \(outcome.errors)"
        )
        #expect(ContinuousClock.now - start < .seconds(600), "\(command)")
      }
    }
  }
}
