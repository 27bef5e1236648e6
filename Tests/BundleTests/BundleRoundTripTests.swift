import Bundle
import Crypto
import Foundation
import MirrorTypes
import SystemPackage
import TestSupport
import Testing

/// A little snapshot with its objects in a folder, to make bundles of.
struct SampleSnapshot {
  let folder = TemporaryFolder()
  private(set) var files: [ListedFile] = []
  private(set) var contents: [ObjectDigest: [UInt8]] = [:]

  /// Files by path, with their contents.
  init(_ contents: [String: [UInt8]]) throws {
    for (path, bytes) in contents.sorted(by: { $0.key < $1.key }) {
      let digest = try #require(ObjectDigest(bytes: SHA256.hash(data: bytes)))
      try Data(bytes).write(to: URL(fileURLWithPath: folder[digest.hex].string))
      self.contents[digest] = bytes
      files.append(
        ListedFile(
          path: try TreePath(path),
          object: digest,
          size: Int64(bytes.count),
          source: "s",
          component: "KDB",
          namedBy: "index/u.xml"
        )
      )
    }
  }

  /// `count` files of up to `size` bytes, half of them compressible, with some alike.
  static func random(_ count: Int, upTo size: Int, seed: UInt64) throws -> SampleSnapshot {
    var generator = SeededGenerator(seed)
    var contents: [String: [UInt8]] = ["empty": [], "also/empty": []]
    for number in 0..<count {
      let length = Int(generator.next() % UInt64(size + 1))
      let isNoise = generator.next() % 2 == 0
      contents["dir\(number % 7)/file\(number).dat"] = (0..<length).map {
        isNoise ? UInt8(truncatingIfNeeded: generator.next()) : UInt8($0 % 11)
      }
      if number % 10 == 0 { contents["copies/file\(number).dat"] = contents["dir\(number % 7)/file\(number).dat"] }
    }
    return try SampleSnapshot(contents)
  }

  var description: BundleDescription {
    let tree = files.map { "\($0.object.hex) \($0.size) \($0.path.string)\n" }.joined()
    return BundleDescription(
      snapshot: 42,
      created: 1_763_000_000,
      notes: "{}",
      treeDigest: ObjectDigest(bytes: SHA256.hash(data: Data(tree.utf8)))!,
      fileCount: files.count,
      totalBytes: files.reduce(0) { $0 + $1.size },
      generator: "test"
    )
  }

  func lister(_ body: (ListedFile) throws -> Void) throws { for file in files { try body(file) } }

  func write(to target: FilePath, volumeSize: Int64 = 1 << 30, overwrite: Bool = false) throws -> WrittenBundle {
    let options = BundleOptions(volumeSize: volumeSize, compressionLevel: 3, threads: 2, overwrite: overwrite)
    return try BundleWriter(description, to: target, options: options)
      .write(lister, objectPath: { folder[$0.hex] }, progress: { _ in })
  }
}

/// Gathers an object in memory.
final class GatheringSink: BundleObjectSink {
  private(set) var bytes: [UInt8] = []
  let done: ([UInt8]) -> Void
  init(done: @escaping ([UInt8]) -> Void) { self.done = done }
  func append(_ part: UnsafeRawBufferPointer) { bytes.append(contentsOf: part) }
  func finish() throws -> ObjectDigest {
    done(bytes)
    return try #require(ObjectDigest(bytes: SHA256.hash(data: bytes)))
  }
}

/// Reads a bundle wholly: its listing, and the contents of its objects.
func readAll(_ bundle: BundleReader) throws -> (files: [ListedFile], contents: [ObjectDigest: [UInt8]]) {
  var files: [ListedFile] = []
  try bundle.forEachListed { files.append($0) }
  let sizes = Dictionary(files.map { ($0.object, $0.size) }) { first, _ in first }
  var contents: [ObjectDigest: [UInt8]] = [:]
  try bundle.readVolumes(
    sizes: { sizes[$0] },
    begin: { object in GatheringSink { contents[object] = $0 } },
    progress: { _ in }
  )
  return (files, contents)
}

@Suite struct BundleRoundTripTests {
  let stick = TemporaryFolder()

  @Test(arguments: [1 << 30, 4 << 20, 1 << 20] as [Int64])
  func `what is written is read, in volumes of any size`(_ volumeSize: Int64) throws {
    let snapshot = try SampleSnapshot.random(300, upTo: 60_000, seed: 7)
    let written = try snapshot.write(to: stick.path, volumeSize: volumeSize)
    for volume in written.manifest.volumes { #expect(volume.size <= volumeSize) }
    #expect((written.manifest.volumes.count > 1) == (volumeSize < 1 << 30))
    let bundle = try #require(try BundleReader.find(at: stick.path).first)
    let read = try readAll(bundle)
    #expect(read.files == snapshot.files)
    #expect(read.contents == snapshot.contents)
  }

  @Test func `an object larger than a volume goes over several`() throws {
    var generator = SeededGenerator(1)
    let large = (0..<5_000_000).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    let snapshot = try SampleSnapshot(["large.exe": large, "small": [1, 2, 3]])
    let written = try snapshot.write(to: stick.path, volumeSize: 1 << 20)
    #expect(written.manifest.volumes.count >= 5)
    #expect(try readAll(BundleReader.find(at: stick.path)[0]).contents == snapshot.contents)
  }

  @Test func `a snapshot without files makes a bundle too`() throws {
    let snapshot = try SampleSnapshot([:])
    #expect(try snapshot.write(to: stick.path).manifest.volumes.isEmpty)
    #expect(try readAll(BundleReader.find(at: stick.path)[0]).files.isEmpty)
  }

  @Test func `tar reads a volume, and each entry's name is its SHA-256`() throws {
    let snapshot = try SampleSnapshot.random(20, upTo: 5000, seed: 3)
    let written = try snapshot.write(to: stick.path)
    let target = TemporaryFolder()
    let tar = try Process.run(
      URL(fileURLWithPath: "/bin/tar"),
      arguments: ["--zstd", "-xf", stick[written.manifest.volumes[0].name].string, "-C", target.path.string]
    )
    tar.waitUntilExit()
    #expect(tar.terminationStatus == 0)
    for (object, bytes) in snapshot.contents {
      let path = target["objects/\(object.hex.prefix(2))/\(object.hex.dropFirst(2))"]
      #expect(FileManager.default.contents(atPath: path.string).map(Array.init) == bytes)
    }
  }

  @Test func `the same bundle is not written twice, and another one of the number not without being told`() throws {
    let snapshot = try SampleSnapshot(["a": [1]])
    #expect(try !snapshot.write(to: stick.path).wasThere)
    #expect(try snapshot.write(to: stick.path).wasThere)
    let other = try SampleSnapshot(["a": [2]])
    #expect(throws: BundleError.self) { try other.write(to: stick.path) }
    #expect(try readAll(BundleReader.find(at: stick.path)[0]).contents == snapshot.contents)
    #expect(try !other.write(to: stick.path, overwrite: true).wasThere)
    #expect(try readAll(BundleReader.find(at: stick.path)[0]).contents == other.contents)
  }

  @Test func `an object damaged in the store is not packed, and leaves nothing on the stick`() throws {
    let snapshot = try SampleSnapshot.random(5, upTo: 1000, seed: 9)
    let object = try #require(snapshot.files.first { $0.size > 10 })
    let path = snapshot.folder[object.object.hex].string
    var bytes = try #require(FileManager.default.contents(atPath: path))
    bytes[3] ^= 1
    try bytes.write(to: URL(fileURLWithPath: path))
    #expect(throws: BundleError.self) { try snapshot.write(to: stick.path) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: stick.path.string).isEmpty)
  }

  @Test func `stale parts beside a bundle are ignored, and foreign files stay`() throws {
    let snapshot = try SampleSnapshot(["a": [1]])
    for name in ["kscmirror-000041.001.tar.zst", "kscmirror-000042.007.tar.zst", "notes.txt", "autorun.inf"] {
      try Data([0]).write(to: URL(fileURLWithPath: stick[name].string))
    }
    _ = try snapshot.write(to: stick.path)
    #expect(try BundleReader.find(at: stick.path).map(\.manifest.snapshot) == [42])
    let left = try FileManager.default.contentsOfDirectory(atPath: stick.path.string)
    #expect(left.contains("notes.txt") && left.contains("autorun.inf") && left.contains("kscmirror-000041.001.tar.zst"))
    #expect(!left.contains("kscmirror-000042.007.tar.zst"))
  }

  @Test func `a bundle is found by any of its files`() throws {
    let written = try SampleSnapshot(["a": [1]]).write(to: stick.path)
    for name in [written.manifestName, written.manifest.listing.name, written.manifest.volumes[0].name] {
      #expect(try BundleReader.find(at: stick[name]).count == 1)
    }
    let empty = TemporaryFolder()
    #expect(try BundleReader.find(at: empty.path).isEmpty)
    #expect(throws: BundleError.self) { try BundleReader.find(at: "/nowhere") }
  }

  @Test func `missing and shortened parts are told by name`() throws {
    let written = try SampleSnapshot.random(30, upTo: 200_000, seed: 5).write(to: stick.path, volumeSize: 1 << 20)
    try FileManager.default.removeItem(atPath: stick[written.manifest.volumes[1].name].string)
    let handle = try #require(FileHandle(forWritingAtPath: stick[written.manifest.volumes[0].name].string))
    try handle.truncate(atOffset: 100)
    let bundle = try BundleReader.find(at: stick.path)[0]
    let states = Dictionary(uniqueKeysWithValues: try bundle.parts().map { ($0.name, $0.state) })
    #expect(states[written.manifest.volumes[0].name] == .wrongSize)
    #expect(states[written.manifest.volumes[1].name] == .missing)
    #expect(throws: BundleError.self) { try readAll(bundle) }
  }
}
