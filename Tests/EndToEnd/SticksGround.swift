import Foundation
import SystemPackage
import TestSupport
import Testing

/// A connected store with a bundle in several volumes, and as many isolated stores as are wanted, which trust it.
final class SticksGround {
  let world: World
  /// The bundle, whole.
  let bundle: FilePath
  private let template: FilePath
  private let expected: [String: Data]
  private let volumeSize: String
  private var count = 0

  /// - Parameter arguments: how the bundle is packed, beside its small volumes.
  init(files: Int = 36, meanSize: Int = 90_000, volumeSize: String = "1MiB", _ arguments: [String] = []) async throws {
    self.volumeSize = volumeSize
    world = try World(files: files, meanSize: meanSize)
    guard try await world.sync().status == 0 else { throw World.Failure(description: "sync") }
    try await world.makeKeys()
    bundle = world.bundle(1)
    try await world.trust()
    template = world.isolated
    expected = try world.published(world.connected)
    let packed = try await world.run(packing(to: world.stick) + arguments)
    guard packed.status == 0 else { throw World.Failure(description: packed.errors) }
  }

  /// The words that pack in small volumes.
  func packing(to place: FilePath) -> [String] {
    ["pack", "--config", world.configuration.string, "--output", place.string, "--volume-size", volumeSize]
  }

  /// A store of its own that trusts the connected side.
  func newStore() throws -> FilePath {
    count += 1
    let store = world.folder["store-\(count)"]
    try FileManager.default.copyItem(atPath: template.string, toPath: store.string)
    return store
  }

  /// An empty folder that stands for a stick.
  func newStick(_ name: String) throws -> FilePath {
    let path = world.folder[name]
    try? FileManager.default.removeItem(atPath: path.string)
    try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: false)
    return path
  }

  /// A copy of the bundle on a stick of its own.
  func copy(_ name: String) throws -> FilePath {
    let stick = try newStick(name)
    try FileManager.default.copyItem(atPath: bundle.string, toPath: world.bundle(1, at: stick).string)
    return stick
  }

  func `import`(_ stick: FilePath, into store: FilePath, _ more: String...) async throws -> Outcome {
    try await world.run(["import", "--store", store.string, stick.string] + more)
  }

  /// Where the volumes lie on a stick.
  func volumeFolder(_ stick: FilePath) -> FilePath {
    world.bundle(1, at: stick).appending("data").appending("volumes")
  }

  /// The names of the files of volumes and pieces on a stick, in the order of the volumes.
  func fileNames(_ stick: FilePath) throws -> [String] {
    VolumeFiles.sorted(try FileManager.default.contentsOfDirectory(atPath: volumeFolder(stick).string))
  }

  /// The names of the volumes and pieces on a stick, without the SHA-256 that those of their files begin with.
  func names(_ stick: FilePath) throws -> [String] { try fileNames(stick).map(VolumeFiles.plain) }

  /// The file of a volume or piece on a stick.
  func file(_ name: String, on stick: FilePath) -> FilePath {
    VolumeFiles.path(of: name, in: volumeFolder(stick))
  }

  func remove(_ name: String, from stick: FilePath) throws {
    try FileManager.default.removeItem(atPath: file(name, on: stick).string)
  }

  func flip(_ name: String, on stick: FilePath, at share: Double = 0.5) throws {
    let url = URL(fileURLWithPath: file(name, on: stick).string)
    var bytes = try Data(contentsOf: url)
    bytes[Int(Double(bytes.count - 1) * share)] ^= 0x40
    try bytes.write(to: url)
  }

  /// That a store has published all of it, and keeps nothing on the side.
  func expectPublished(_ store: FilePath, location: SourceLocation = #_sourceLocation) throws {
    #expect(try world.published(store) == expected, sourceLocation: location)
    #expect(!FileManager.default.fileExists(atPath: store.appending("incoming").string), sourceLocation: location)
  }

  /// That a store has published nothing.
  func expectNothing(_ store: FilePath, location: SourceLocation = #_sourceLocation) {
    #expect(world.current(store) == nil, sourceLocation: location)
  }
}
