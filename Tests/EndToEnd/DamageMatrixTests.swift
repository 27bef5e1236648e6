import Foundation
import SystemPackage
import TestSupport
import Testing

/// Whatever is done to any file of a bundle: nothing is published, what was published stays, the exit status is one of
/// those for bundles, and the message names the culprit.
@Suite struct DamageMatrixTests {
  /// How many places of a file are flipped.
  private static let places = ProcessInfo.processInfo.environment["KSCMIRROR_FLIPS"].flatMap { Int($0) } ?? 40

  /// The statuses that a damaged bundle may be refused with: not a bundle, incomplete, damaged, older, wrong keys, too
  /// few signatures.
  private static let refusals: Set<Int32> = [90, 91, 92, 93, 96, 97]

  // MARK: - The files of the metadata

  @Test(arguments: [["root", "timestamp", "snapshot"], ["targets", "volumes"]])
  func `damaged metadata`(_ roles: [String]) async throws {
    let ground = try await Ground()
    for role in roles {
      let file = try ground.metadata(role)
      let text = "\(role).json"
      for place in 0..<Self.places {
        try await ground.expectRefusal("byte \(place) of \(file) flipped", saying: text, isReal: place % 20 == 3) {
          try ground.flip(file, at: Double(place) / Double(Self.places - 1), bit: UInt8(place % 7))
        }
      }
      try await ground.spoil(file, saying: text)
      for bundle in try ground.otherBundles() {
        let other = try #require(
          bundle.files.keys.sorted().last { $0.hasPrefix("data/metadata/") && $0.hasSuffix(text) }
        )
        // Roots of one store are alike. A timestamp of another state leads to files that are not there.
        guard bundle.files[other] != ground.bytes(file) else { continue }
        let culprit = role == "timestamp" ? ".json" : text
        try await ground.expectRefusal("\(file) of \(bundle.name)", saying: culprit, isReal: true) {
          try ground.write(bundle.files[other] ?? Data(), to: file)
        }
      }
    }
  }

  // MARK: - Label and list

  @Test func `a damaged label or list of files`() async throws {
    let ground = try await Ground()
    for file in ["LABEL.txt", "manifest-sha256.txt"] {
      for place in 0..<Self.places {
        try await ground.expectRefusal("byte \(place) of \(file) flipped", saying: file, isReal: place % 20 == 3) {
          try ground.flip(file, at: Double(place) / Double(Self.places - 1), bit: UInt8(place % 7))
        }
      }
      try await ground.spoil(file, saying: file)
      for bundle in try ground.otherBundles() {
        try await ground.expectRefusal("\(file) of \(bundle.name)", saying: file, isReal: true) {
          try ground.write(bundle.files[file] ?? Data(), to: file)
        }
      }
    }
  }

  // MARK: - Volumes

  @Test func `a damaged volume`() async throws {
    let ground = try await Ground()
    #expect(ground.volumes.count >= 3)
    for (number, file) in ground.volumes.enumerated() {
      let name = VolumeFiles.plain(String(file.split(separator: "/").last ?? ""))
      for place in 0..<8 {
        try await ground.expectRefusal("byte \(place) of \(file) flipped", saying: name, isReal: place == number) {
          try ground.flip(file, at: Double(place) / 7, bit: UInt8(place % 8))
        }
      }
      try await ground.spoil(file, saying: name)
      for bundle in try ground.otherBundles() {
        guard let other = bundle.files.keys.sorted().first(where: { $0.hasPrefix("data/volumes/") }) else { continue }
        try await ground.expectRefusal("\(file) is \(other) of \(bundle.name)", saying: name, isReal: number == 0) {
          try ground.write(bundle.files[other] ?? Data(), to: file)
        }
      }
    }
  }

  @Test func `volumes in each other's places, too many or too few, and folders that are gone`() async throws {
    let ground = try await Ground()
    let (first, second) = (ground.volumes[0], ground.volumes[1])
    try await ground.expectRefusal("swapped", saying: "tar.zst", isReal: true) {
      let bytes = ground.bytes(first)
      try ground.write(ground.bytes(second), to: first)
      try ground.write(bytes, to: second)
    }
    for name in ["kscmirror-000002.009.tar.zst", "kscmirror-000003.001.tar.zst", "readme.txt"] {
      try await ground.expectRefusal("one more: \(name)", saying: name, isReal: true) {
        try ground.write(ground.bytes(first), to: "data/volumes/\(name)")
      }
    }
    try await ground.expectRefusal("none", saying: "tar.zst", isReal: true) {
      for volume in ground.volumes { try ground.remove(volume) }
    }
    try await ground.expectRefusal("zeros", saying: "001.tar.zst", isReal: true) {
      try ground.write(Data(count: ground.bytes(first).count), to: first)
    }
    try await ground.expectRefusal("a tail of zeros", saying: "002.tar.zst", isReal: true) {
      let bytes = ground.bytes(second)
      try ground.write(bytes.prefix(bytes.count - 4096) + Data(count: 4096), to: second)
    }
    for name in ["data", "data/metadata", "data/volumes"] {
      try await ground.expectRefusal("without \(name)", isReal: true) { try ground.remove(name) }
    }
    for bundle in try ground.otherBundles() {
      try await ground.expectRefusal("the metadata of \(bundle.name)", isReal: true) {
        for name in ground.names where name.hasPrefix("data/metadata/") { try ground.remove(name) }
        for (name, bytes) in bundle.files where name.hasPrefix("data/metadata/") { try ground.write(bytes, to: name) }
      }
    }
    // The folder's name says nothing: what the bag says of itself has to be what was signed.
    let renamed = ground.stick.appending("kscmirror-000009")
    try FileManager.default.moveItem(atPath: ground.bundle.string, toPath: renamed.string)
    let taken = try await ground.world.import("--dry-run", from: ground.stick)
    #expect(taken.status == 0 && taken.errors.contains("is kscmirror-000002"), "\(taken.errors)")
    let information = renamed.appending("bag-info.txt")
    let sound = try String(contentsOfFile: information.string, encoding: .utf8)
    try ground.world.write(sound.replacing("kscmirror-000002", with: "kscmirror-000009"), to: information)
    let refused = try await ground.world.import("--dry-run", from: ground.stick)
    #expect(
      refused.status == Exit.damagedBundle && refused.errors.contains("holds the bundle kscmirror-000002"),
      "\(refused.errors)"
    )
    try ground.world.write(sound, to: information)
    try FileManager.default.moveItem(atPath: renamed.string, toPath: ground.bundle.string)
    let outcome = try await ground.world.import("--dry-run", from: ground.stick)
    #expect(outcome.status == 0 && outcome.output.contains("snapshot 2"), "\(outcome.errors)")
  }

  // MARK: - Where this is tried

  /// Another bundle, with its files.
  struct OtherBundle {
    let name: String
    let files: [String: Data]
  }

  /// A world with snapshot 1 imported, and the bundle of snapshot 2, in several volumes, on a stick of its own.
  final class Ground {
    let world: World
    let stick: FilePath
    let bundle: FilePath
    /// The bundle as it was made.
    private let sound: [String: Data]
    private let published: [String: Data]
    private let strangers: World

    init() async throws {
      world = try World(files: 30, meanSize: 90_000)
      stick = world.folder["damaged"]
      bundle = world.bundle(2, at: stick)
      strangers = try World(files: 24, meanSize: 400, seed: 9)
      try FileManager.default.createDirectory(atPath: stick.string, withIntermediateDirectories: false)
      for number in 1...3 {
        for side in number < 3 ? [world, strangers] : [world] {
          if number > 1 { try side.age() }
          guard try await side.sync().status == 0 else { throw World.Failure(description: "sync") }
          let place = number == 2 && side === world ? stick : side.stick
          let packed = try await side.pack("--volume-size", "1MiB", to: place)
          guard packed.status == 0 else { throw World.Failure(description: packed.errors) }
        }
        if number == 1 {
          let outcome = try await world.import()
          guard outcome.status == 0 else { throw World.Failure(description: outcome.errors) }
        }
      }
      sound = try World.files(below: bundle)
      published = try world.published(world.isolated)
    }

    var names: [String] { sound.keys.sorted() }
    var volumes: [String] { VolumeFiles.sorted(names.filter { $0.hasPrefix("data/volumes/") }) }

    /// The older and the newer bundle of the same store, and one of another store with the same number.
    func otherBundles() throws -> [OtherBundle] {
      [
        OtherBundle(name: "an older bundle", files: try World.files(below: world.bundle(1))),
        OtherBundle(name: "a newer bundle", files: try World.files(below: world.bundle(3))),
        OtherBundle(name: "another store", files: try World.files(below: strangers.bundle(2))),
      ]
    }

    /// The file of a role's metadata.
    func metadata(_ role: String) throws -> String {
      try #require(names.last { $0.hasPrefix("data/metadata/") && $0.hasSuffix("\(role).json") })
    }

    func bytes(_ name: String) -> Data { sound[name] ?? Data() }

    private func path(_ name: String) -> FilePath { bundle.pushing(FilePath(name)) }

    func write(_ bytes: some DataProtocol, to name: String) throws {
      try Data(bytes).write(to: URL(fileURLWithPath: path(name).string))
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path(name).string) }

    func flip(_ name: String, at share: Double, bit: UInt8) throws {
      var bytes = bytes(name)
      bytes[Int(Double(bytes.count - 1) * share)] ^= 1 << bit
      try write(bytes, to: name)
    }

    /// What can be done to any file: shorter, empty, longer, gone, or no file at all.
    func spoil(_ name: String, saying text: String) async throws {
      let bytes = bytes(name)
      try await expectRefusal("\(name) halved", saying: text, isReal: true) {
        try write(bytes.prefix(bytes.count / 2), to: name)
      }
      try await expectRefusal("\(name) without its end", saying: text) { try write(bytes.dropLast(), to: name) }
      try await expectRefusal("\(name) emptied", saying: text) { try write(Data(), to: name) }
      try await expectRefusal("\(name) with more at its end", saying: text) { try write(bytes + [0x20], to: name) }
      try await expectRefusal("\(name) of 20 MB", saying: text) { try write(Data(count: 20_000_000), to: name) }
      try await expectRefusal("\(name) gone", saying: text, isReal: true) { try remove(name) }
      try await expectRefusal("\(name) a folder", saying: text) {
        try remove(name)
        try FileManager.default.createDirectory(atPath: path(name).string, withIntermediateDirectories: false)
      }
      try await expectRefusal("\(name) a link to what it was", saying: text) {
        let place = world.folder["target"]
        try bytes.write(to: URL(fileURLWithPath: place.string))
        try remove(name)
        try FileManager.default.createSymbolicLink(atPath: path(name).string, withDestinationPath: place.string)
      }
      try await expectRefusal("\(name) a pipe", saying: text) {
        try remove(name)
        guard mkfifo(path(name).string, 0o644) == 0 else { throw World.Failure(description: "mkfifo") }
      }
    }

    /// Does something to the bundle, sees that it is refused, and undoes it.
    func expectRefusal(
      _ what: String,
      saying text: String = "",
      isReal: Bool = false,
      location: SourceLocation = #_sourceLocation,
      after damage: () throws -> Void
    ) async throws {
      try damage()
      for words in isReal ? [["--dry-run"], []] : [["--dry-run"]] {
        let outcome = try await world.run(
          ["import", "--config", world.isolatedConfiguration.string, bundle.string] + words
        )
        #expect(
          DamageMatrixTests.refusals.contains(outcome.status),
          "\(what): \(outcome.status) \(outcome.output)\(outcome.errors)",
          sourceLocation: location
        )
        #expect(text.isEmpty || outcome.errors.contains(text), "\(what): \(outcome.errors)", sourceLocation: location)
        #expect(world.current(world.isolated) == "releases/1", "\(what)", sourceLocation: location)
      }
      if isReal { #expect(try world.published(world.isolated) == published, "\(what)", sourceLocation: location) }
      // What an incomplete bundle had was kept, as if its other volumes came on another stick.
      try? FileManager.default.removeItem(atPath: world.isolated.appending("incoming").string)
      try FileManager.default.removeItem(atPath: bundle.string)
      for (name, bytes) in sound {
        try FileManager.default.createDirectory(
          atPath: path(name).removingLastComponent().string,
          withIntermediateDirectories: true
        )
        try write(bytes, to: name)
      }
    }
  }
}
