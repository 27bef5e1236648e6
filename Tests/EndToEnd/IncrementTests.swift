import Foundation
import SystemPackage
import TestSupport
import Testing

/// A connected store with some days of snapshots, and a full bundle of the first with incremental ones after it, each in
/// a folder of its own.
struct Chain {
  let world: World
  let days: Int
  /// What the tree held on each day.
  private(set) var trees: [Int: [String: Data]] = [:]

  init(days: Int, files: Int = 60) async throws {
    world = try World(files: files)
    self.days = days
    for day in 1...days {
      if day > 1 { try world.age() }
      try #require(try await world.sync().status == 0)
      trees[day] = try world.expected()
      try FileManager.default.createDirectory(atPath: stick(day).string, withIntermediateDirectories: true)
      let base = day > 1 ? ["--base", "\(day - 1)"] : []
      let packed = try await world.pack(base, to: stick(day))
      try #require(packed.status == 0, "\(packed.errors)")
    }
    try await world.trust()
  }

  /// The folder with the bundle of a day.
  func stick(_ day: Int) -> FilePath { world.folder["day-\(day)"] }

  /// A folder with the bundles of several days.
  func stick(_ days: [Int]) throws -> FilePath {
    let place = world.folder["stick-\(UUID().uuidString)"]
    try FileManager.default.createDirectory(atPath: place.string, withIntermediateDirectories: true)
    for day in days {
      for name in try FileManager.default.contentsOfDirectory(atPath: stick(day).string) where name != "LABEL.txt" {
        try FileManager.default.copyItem(
          atPath: stick(day).appending(name).string,
          toPath: place.appending(name).string
        )
      }
    }
    return place
  }

  /// Imports what lies at a place into the isolated store.
  func take(_ place: FilePath) async throws -> Outcome { try await world.import(from: place) }

  /// Whether what is published on the isolated side is the tree of a day.
  func isPublished(_ day: Int) throws -> Bool { try world.published(world.isolated) == trees[day] }
}

@Suite struct IncrementTests {
  @Test func `an incremental bundle is small, and makes the same tree`() async throws {
    let chain = try await Chain(days: 2, files: 200)
    let (world, full) = (chain.world, try size(chain.stick(1)))
    #expect(try await chain.take(chain.stick(1)).status == 0)
    let taken = try await chain.take(chain.stick(2))
    #expect(taken.status == 0, "\(taken.errors)")
    #expect(try chain.isPublished(2))
    #expect(world.current(world.isolated) == "releases/2")
    #expect(try size(chain.stick(2)) < full / 2)
    let verified = try await world.run("verify", "--store", world.isolated.string)
    #expect(verified.status == 0, "\(verified.output)")
  }

  @Test func `days that lie on one stick are applied in order, and published once`() async throws {
    let chain = try await Chain(days: 4)
    let world = chain.world
    let stick = try chain.stick([3, 1, 4, 2])
    let taken = try await chain.take(stick)
    #expect(taken.status == 0, "\(taken.errors)")
    #expect(try chain.isPublished(4))
    let releases = try FileManager.default.contentsOfDirectory(atPath: world.isolated.appending("releases").string)
    #expect(releases == ["4"])
  }

  @Test
  func `a lost, doubled, late or foreign bundle at any place of a chain of ten does no harm, and the message helps`()
    async throws
  {
    let chain = try await Chain(days: 10, files: 40)
    let foreign = try await Chain(days: 2, files: 20)
    let world = chain.world
    for day in 1...10 {
      let stranger = try await chain.take(foreign.stick(min(day, 2)))
      #expect(stranger.status == Exit.unknownKey, "day \(day): \(stranger.errors)")
      let taken = try await chain.take(chain.stick(day))
      #expect(taken.status == 0, "day \(day): \(taken.errors)")
      #expect(try chain.isPublished(day))
      let again = try await chain.take(chain.stick(day))
      #expect(again.status == 0, "day \(day): \(again.errors)")
      for late in Set([1, day - 1]) where late >= 1 && late < day {
        #expect(try await chain.take(chain.stick(late)).status == Exit.olderBundle, "day \(day), late \(late)")
      }
      #expect(try chain.isPublished(day))
      if day < 9 { try await lose(day + 1, of: chain) }
    }
    let verified = try await world.run("verify", "--store", world.isolated.string)
    #expect(verified.status == 0, "\(verified.output)")
  }

  /// Loses the bundle of a day, for a copy of a site that has the one before.
  private func lose(_ lost: Int, of chain: Chain) async throws {
    let world = chain.world
    let copy = world.folder["copy-\(lost)"]
    try FileManager.default.copyItem(atPath: world.isolated.string, toPath: copy.string)
    func take(_ place: FilePath) async throws -> Outcome {
      let words = ["import", "--config", world.isolatedConfiguration.string, "--store", copy.string, place.string]
      return try await world.run(words)
    }
    for day in Set([lost + 1, 10]) {
      let refused = try await take(chain.stick(day))
      #expect(refused.status == Exit.gap, "\(refused.errors)")
      #expect(refused.errors.contains("builds on snapshot \(day - 1)"))
      #expect(refused.errors.contains("--base \(lost - 1)"), "\(refused.errors)")
      #expect(try world.published(copy) == chain.trees[lost - 1])
    }
    let help = try world.folder.subfolder("help-\(lost)")
    #expect(try await world.pack("--base", "\(lost - 1)", to: help).status == 0)
    #expect(try await take(help).status == 0)
    #expect(try world.published(copy) == chain.trees[10])
    try FileManager.default.removeItem(atPath: copy.string)
  }

  @Test func `what is whole is published although a later bundle is damaged or missing`() async throws {
    let chain = try await Chain(days: 5)
    let withGap = try await chain.take(try chain.stick([1, 2, 4, 5]))
    #expect(withGap.status == Exit.gap, "\(withGap.errors)")
    #expect(withGap.errors.contains("snapshot 2 was published"))
    #expect(try chain.isPublished(2))
    let damaged = try chain.stick([3, 4, 5])
    let bundle = "kscmirror-000004-from-000003"
    let volume = VolumeFiles.path(of: "\(bundle).001.tar.zst", in: damaged.appending("\(bundle)/data/volumes"))
    var bytes = try Data(contentsOf: URL(fileURLWithPath: volume.string))
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: URL(fileURLWithPath: volume.string))
    let taken = try await chain.take(damaged)
    #expect(taken.status == Exit.damagedBundle, "\(taken.errors)")
    #expect(try chain.isPublished(3))
    #expect(try await chain.take(try chain.stick([4, 5])).status == 0)
    #expect(try chain.isPublished(5))
  }

  @Test func `every flipped bit of an incremental bundle is found, and changes nothing`() async throws {
    let chain = try await Chain(days: 2, files: 20)
    #expect(try await chain.take(chain.stick(1)).status == 0)
    let stick = try chain.stick([2])
    let files = try World.files(below: stick).sorted { $0.key < $1.key }
    var generator = SeededGenerator(7)
    for (path, original) in files where !original.isEmpty && !path.contains("bag") && !path.contains("tagmanifest") {
      for _ in 0..<3 {
        var bytes = original
        bytes[Int(generator.next() % UInt64(bytes.count))] ^= UInt8(1 << (generator.next() % 8))
        let file = URL(fileURLWithPath: stick.appending(path).string)
        try bytes.write(to: file)
        let refused = try await chain.take(stick)
        #expect(refused.status != 0, "\(path)")
        #expect(try chain.isPublished(1))
        try original.write(to: file)
      }
    }
    #expect(try await chain.take(stick).status == 0)
    #expect(try chain.isPublished(2))
  }

  @Test(.enabled(if: Command.path(of: "zstd") != nil, "zstd is not installed"))
  func `a patch can be applied by hand, as the manual tells`() async throws {
    let chain = try await Chain(days: 2, files: 80)
    #expect(try await chain.take(chain.stick(1)).status == 0)
    let place = try chain.world.folder.subfolder("by-hand")
    let volume = chain.stick(2).appending("kscmirror-000002-from-000001/data/volumes")
    let script = """
      set -eu
      cd "\(place)"
      old="\(chain.world.isolated)/releases/1"
      tar --zstd -xf "\(volume)"/*.001.tar.zst
      sed -n "s,^base ,$old/,p" patches/000001.files | tr '\\n' '\\0' | xargs -0 cat > prefix
      zstd -q -d --patch-from=prefix patches/000001.zst -o files
      sed -n "s,^file ,,p" patches/000001.files > names
      """
    try Command.run("sh", ["-c", script])
    let names = try String(contentsOfFile: place.appending("names").string, encoding: .utf8).split(separator: "\n")
    #expect(names.count > 3)
    let expected = names.reduce(Data()) { $0 + (chain.trees[2]?[String($1)] ?? Data()) }
    #expect(try Data(contentsOf: URL(fileURLWithPath: place.appending("files").string)) == expected)
  }

  @Test func `a dry run says what would be carried and why, and writes nothing`() async throws {
    let chain = try await Chain(days: 2)
    let empty = try chain.world.folder.subfolder("dry")
    let told = try await chain.world.pack("--base", "1", "--dry-run", to: empty)
    #expect(told.status == 0)
    #expect(told.output.contains("builds on snapshot 1"))
    #expect(told.output.contains(" changed"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: empty.string).isEmpty)
  }

  private func size(_ folder: FilePath) throws -> Int {
    try World.files(below: folder).values.reduce(0) { $0 + $1.count }
  }
}
