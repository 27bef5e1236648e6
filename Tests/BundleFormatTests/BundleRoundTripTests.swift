import BundleFormat
import Crypto
import FileSystem
import Foundation
import MirrorTypes
import SystemPackage
import TestSupport
import Testing

/// Some objects in a folder, to make bundles of.
struct SampleObjects {
  let folder = TemporaryFolder()
  private(set) var objects: [BundleObject] = []
  private(set) var contents: [ObjectDigest: [UInt8]] = [:]

  /// Objects with these contents.
  init(_ contents: [[UInt8]]) throws {
    for bytes in contents {
      let digest = try #require(ObjectDigest(bytes: SHA256.hash(data: bytes)))
      try Data(bytes).write(to: URL(fileURLWithPath: folder[digest.hex].string))
      self.contents[digest] = bytes
      objects.append(BundleObject(digest, size: Int64(bytes.count)))
    }
  }

  /// `count` objects of up to `size` bytes, half of them compressible, with some that come twice, and empty ones.
  static func random(_ count: Int, upTo size: Int, seed: UInt64) throws -> SampleObjects {
    var generator = SeededGenerator(seed)
    var contents: [[UInt8]] = [[], []]
    for number in 0..<count {
      let length = Int(generator.next() % UInt64(size + 1))
      let isNoise = generator.next() % 2 == 0
      contents.append((0..<length).map { isNoise ? UInt8(truncatingIfNeeded: generator.next()) : UInt8($0 % 11) })
      if number % 10 == 0 { contents.append(contents[number / 2]) }
    }
    return try SampleObjects(contents)
  }

  var sizes: [ObjectDigest: Int64] { Dictionary(objects.map { ($0.digest, $0.size) }) { first, _ in first } }

  private func list(_ body: (BundleObject) throws -> Void) throws { for object in objects { try body(object) } }

  private func writer(
    to target: FilePath,
    snapshot: Int,
    volumeSize: Int64,
    parity: Int = 0,
    naming: VolumeNaming = .digest
  ) throws -> BundleWriter {
    let options = BundleOptions(
      volumeSize: volumeSize,
      compressionLevel: 3,
      threads: 2,
      parity: parity,
      naming: naming
    )
    return BundleWriter(BundleNames(snapshot: snapshot), to: try OpenFolder(target).place, options: options)
  }

  func plan(to target: FilePath) throws -> (objects: Int, worstCaseBytes: Int64) {
    try writer(to: target, snapshot: 42, volumeSize: 1 << 30).plan(.objects(list), metadataBytes: 0)
  }

  /// Writes a bundle that nothing but its label seals.
  func write(
    to target: FilePath,
    snapshot: Int = 42,
    volumeSize: Int64 = 1 << 30,
    parity: Int = 0,
    naming: VolumeNaming = .digest,
    seal: ([Volume]) throws -> BundleSeal = { _ in .plain }
  ) throws -> [Volume] {
    try writer(to: target, snapshot: snapshot, volumeSize: volumeSize, parity: parity, naming: naming)
      .write(.objects(list), objectPath: { [folder] in folder[$0.hex] }, progress: { _ in }, seal: seal)
  }
}

extension BundleSeal {
  /// A seal of one file of metadata, which nobody has signed.
  static var plain: BundleSeal {
    BundleSeal(metadata: [("timestamp.json", Array("{}".utf8))], facts: [("External-Identifier", "a test")]) {
      "files: \($0.hex)\n"
    }
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

extension BundleReader {
  /// The contents of all objects in volumes.
  func contents(of volumes: [Volume], sizes: [ObjectDigest: Int64]) throws -> [ObjectDigest: [UInt8]] {
    var contents: [ObjectDigest: [UInt8]] = [:]
    try readVolumes(
      volumes,
      sizes: { sizes[$0] },
      begin: { object in GatheringSink { contents[object] = $0 } },
      progress: { _ in }
    )
    return contents
  }
}

@Suite struct BundleRoundTripTests {
  let stick = TemporaryFolder()

  private var bundle: BundleReader { get throws { try #require(try BundleReader.find(at: stick.path).first) } }

  private func place(_ volume: Volume, of snapshot: Int = 42) -> FilePath {
    stick["kscmirror-0000\(snapshot)/data/volumes/\(volume.sha256.hex).\(volume.name)"]
  }

  @Test(arguments: [1 << 30, 4 << 20, 1 << 20] as [Int64])
  func `what is written is read, in volumes of any size`(_ volumeSize: Int64) throws {
    let sample = try SampleObjects.random(300, upTo: 60_000, seed: 7)
    let volumes = try sample.write(to: stick.path, volumeSize: volumeSize)
    for volume in volumes { #expect(volume.size <= volumeSize) }
    #expect((volumes.count > 1) == (volumeSize < 1 << 30))
    let bundle = try bundle
    #expect(try bundle.contents(of: volumes, sizes: sample.sizes) == sample.contents)
    #expect(try bundle.states(of: volumes).allSatisfy { $0.state == .present })
    let plan = try sample.plan(to: stick.path)
    #expect(plan.objects == sample.contents.count)
    #expect(plan.worstCaseBytes >= volumes.reduce(0) { $0 + $1.size })
  }

  @Test func `an object larger than a volume goes over several`() throws {
    var generator = SeededGenerator(1)
    let large = (0..<5_000_000).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    let sample = try SampleObjects([large, [1, 2, 3]])
    let volumes = try sample.write(to: stick.path, volumeSize: 1 << 20)
    #expect(volumes.count >= 5)
    #expect(try bundle.contents(of: volumes, sizes: sample.sizes) == sample.contents)
    // Without the last part the object is not whole.
    #expect(throws: BundleError.self) { try bundle.contents(of: Array(volumes.dropLast()), sizes: sample.sizes) }
  }

  @Test func `a snapshot without files makes a bundle too`() throws {
    let sample = try SampleObjects([])
    let volumes = try sample.write(to: stick.path)
    #expect(volumes.isEmpty)
    #expect(try bundle.contents(of: volumes, sizes: [:]).isEmpty)
  }

  @Test func `tar reads a volume, and each entry's name is its SHA-256`() throws {
    let sample = try SampleObjects.random(20, upTo: 5000, seed: 3)
    let volumes = try sample.write(to: stick.path)
    let target = TemporaryFolder()
    try Command.run("tar", ["--zstd", "-xf", place(volumes[0]).string, "-C", target.path.string])
    for (object, bytes) in sample.contents {
      let path = target["objects/\(object.hex.prefix(2))/\(object.hex.dropFirst(2))"]
      #expect(FileManager.default.contents(atPath: path.string).map(Array.init) == bytes)
    }
  }

  @Test func `a bundle is a bag: every file of its payload is listed with its SHA-256, and every tag file`() throws {
    let sample = try SampleObjects.random(30, upTo: 100_000, seed: 11)
    let volumes = try sample.write(to: stick.path, volumeSize: 1 << 20)
    let folder = stick["kscmirror-000042"]
    var listed: [String: [String]] = [:]
    for list in ["manifest-sha256.txt", "tagmanifest-sha256.txt"] {
      for line in try String(contentsOfFile: folder.appending(list).string, encoding: .utf8).split(separator: "\n") {
        let parts = line.components(separatedBy: "  ")
        try #require(parts.count == 2)
        let bytes = try #require(FileManager.default.contents(atPath: folder.pushing(FilePath(parts[1])).string))
        #expect(ObjectDigest(bytes: SHA256.hash(data: bytes))?.hex == parts[0])
        listed[list, default: []].append(parts[1])
      }
    }
    #expect(
      listed["manifest-sha256.txt"]
        == ["data/metadata/timestamp.json"] + volumes.map { "data/volumes/\($0.sha256.hex).\($0.name)" }.sorted()
    )
    #expect(
      listed["tagmanifest-sha256.txt"] == ["LABEL.txt", "bag-info.txt", "bagit.txt", "manifest-sha256.txt"]
    )
    let manifest = try #require(FileManager.default.contents(atPath: folder.appending("manifest-sha256.txt").string))
    let label = try String(contentsOfFile: folder.appending("LABEL.txt").string, encoding: .utf8)
    #expect(label == "files: \(try #require(ObjectDigest(bytes: SHA256.hash(data: manifest))).hex)\n")
    #expect(try String(contentsOfFile: stick["LABEL.txt"].string, encoding: .utf8) == label)
    let info = try String(contentsOfFile: folder.appending("bag-info.txt").string, encoding: .utf8)
    let bytes = volumes.reduce(2) { $0 + $1.size }
    #expect(info == "External-Identifier: a test\nPayload-Oxum: \(bytes).\(volumes.count + 1)\n")
  }

  @Test func `a bundle takes the place of another one of its number, and of others only if asked`() throws {
    let (first, second) = (try SampleObjects([[1]]), try SampleObjects([[2]]))
    _ = try first.write(to: stick.path)
    let volumes = try second.write(to: stick.path)
    #expect(try bundle.contents(of: volumes, sizes: second.sizes) == second.contents)
    _ = try first.write(to: stick.path, snapshot: 41)
    #expect(try BundleReader.find(at: stick.path).map(\.snapshot) == [41, 42])
    _ = try first.write(to: stick.path, snapshot: 43)
    for name in ["kscmirror-000040-for-plant", "kscmirror-backup"] {
      try FileManager.default.createDirectory(atPath: stick[name].string, withIntermediateDirectories: false)
    }
    try Data().write(to: URL(fileURLWithPath: stick["kscmirror-000009"].string))
    let writer = BundleWriter(
      BundleNames(snapshot: 42),
      to: try OpenFolder(stick.path).place,
      options: .init(threads: 1)
    )
    #expect(try writer.removeOlder { $0.names.site == nil } == ["kscmirror-000041"])
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: stick.path.string).sorted() == [
        "LABEL.txt", "kscmirror-000009", "kscmirror-000040-for-plant", "kscmirror-000042", "kscmirror-000043",
        "kscmirror-backup",
      ]
    )
  }

  @Test func `an unfinished folder is removed by whoever has begun it, and by nobody else`() throws {
    let folder = try OpenFolder(stick.path).place
    func leave(_ name: String, mark: String?, only most: Int = .max) throws {
      let place = folder.appending(name)
      try place.makeNewFolder()
      guard let mark else { return }
      let unfinished = BundleWriter(BundleNames(snapshot: 1), to: folder, mark: mark, options: .init(threads: 1))
      // What a run leaves that is killed while it writes its volumes.
      var text: [UInt8] = []
      _ = try? unfinished.write(
        .objects { _ in
          text = try folder.pushing("kscmirror-000001.part/UNFINISHED.txt").read(atMost: 4096)
          throw Killed()
        },
        objectPath: { _ in "" },
        progress: { _ in }
      ) { _ in throw Killed() }
      try #require(!text.isEmpty)
      var file = try OutputFile(place.appending("UNFINISHED.txt"))
      try file.write(Array(text.prefix(most)))
      try file.close()
    }
    try leave("kscmirror-000007.part", mark: "ours")
    try leave("kscmirror-000008-for-plant.part", mark: "ours")
    try leave("kscmirror-000009.part", mark: "another store's")
    try leave("kscmirror-000010.part", mark: nil)
    // Killed while it said whose it is; one that has more than that is nobody's to remove.
    try leave("kscmirror-000003.part", mark: "ours", only: 0)
    try leave("kscmirror-000004.part", mark: "ours", only: 20)
    try leave("kscmirror-000005.part", mark: "ours", only: 20)
    try folder.pushing("kscmirror-000005.part/data").makeFolder()
    for name in ["kscmirror-000011.part/data", "kscmirror-000012.old", "notes.part"] {
      try folder.pushing(name).makeFolder()
    }
    let writer = BundleWriter(BundleNames(snapshot: 42), to: folder, mark: "ours", options: .init(threads: 1))
    let removed = try writer.removeLeftovers { _ in false }
    #expect(
      removed
        == [
          "kscmirror-000003.part", "kscmirror-000004.part", "kscmirror-000007.part", "kscmirror-000008-for-plant.part",
          "kscmirror-000010.part",
        ]
    )
    #expect(
      try folder.entries().map(\.name)
        == [
          "kscmirror-000005.part", "kscmirror-000009.part", "kscmirror-000011.part", "kscmirror-000012.old",
          "notes.part",
        ]
    )
    #expect(try writer.removeLeftovers { _ in true } == ["kscmirror-000012.old"])
  }

  private struct Killed: Error {}

  @Test func `an object damaged in the store is not packed, and leaves nothing on the stick`() throws {
    let sample = try SampleObjects.random(5, upTo: 1000, seed: 9)
    let object = try #require(sample.objects.first { $0.size > 10 })
    let path = sample.folder[object.digest.hex].string
    var bytes = try #require(FileManager.default.contents(atPath: path))
    bytes[3] ^= 1
    try bytes.write(to: URL(fileURLWithPath: path))
    #expect(throws: BundleError.self) { try sample.write(to: stick.path) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: stick.path.string).isEmpty)
  }

  @Test func `without a seal there is no bundle, and the one that was there stays`() throws {
    struct Refusal: Error {}
    let (first, second) = (try SampleObjects([[1]]), try SampleObjects([[2]]))
    #expect(throws: BundleError.self) { try first.write(to: stick.path) { _ in throw Refusal() } }
    #expect(try FileManager.default.contentsOfDirectory(atPath: stick.path.string).isEmpty)
    let volumes = try first.write(to: stick.path)
    #expect(throws: BundleError.self) { try second.write(to: stick.path) { _ in throw Refusal() } }
    #expect(try bundle.contents(of: volumes, sizes: first.sizes) == first.contents)
  }

  @Test func `foreign files and parts beside a bundle are ignored, and stay`() throws {
    let names = [
      "kscmirror-000041", "kscmirror-42", "kscmirror-000000", "kscmirror-+00043", "notes.txt", "autorun.inf",
    ]
    for name in names { try Data([0]).write(to: URL(fileURLWithPath: stick[name].string)) }
    try FileManager.default.createDirectory(
      atPath: stick["kscmirror-000043.part"].string,
      withIntermediateDirectories: false
    )
    _ = try SampleObjects([[1]]).write(to: stick.path)
    #expect(try BundleReader.find(at: stick.path).map(\.snapshot) == [42])
    let left = try FileManager.default.contentsOfDirectory(atPath: stick.path.string)
    #expect(Set(left) == Set(names + ["kscmirror-000043.part", "kscmirror-000042", "LABEL.txt"]))
  }

  @Test func `a bundle is found by any of its files and folders`() throws {
    let volumes = try SampleObjects([[1]]).write(to: stick.path)
    let folder = "kscmirror-000042"
    for name in ["", "/LABEL.txt", "/data", "/data/metadata", "/data/volumes/\(volumes[0].files[0].text)"] {
      #expect(try BundleReader.find(at: stick[folder + name]).map(\.snapshot) == [42])
    }
    let empty = TemporaryFolder()
    #expect(try BundleReader.find(at: empty.path).isEmpty)
    #expect(throws: BundleError.self) { try BundleReader.find(at: "/nowhere") }
  }

  @Test func `missing, shortened and foreign volumes are reported by name`() throws {
    let sample = try SampleObjects.random(30, upTo: 200_000, seed: 5)
    let volumes = try sample.write(to: stick.path, volumeSize: 1 << 20)
    try FileManager.default.removeItem(atPath: place(volumes[1]).string)
    let handle = try #require(FileHandle(forWritingAtPath: place(volumes[0]).string))
    try handle.truncate(atOffset: 100)
    let states = Dictionary(uniqueKeysWithValues: try bundle.states(of: volumes).map { ($0.volume.name, $0.state) })
    #expect(states[volumes[0].name] == .wrongSize)
    #expect(states[volumes[1].name] == .missing)
    #expect(throws: BundleError.self) { try bundle.contents(of: volumes, sizes: sample.sizes) }
    try Data().write(to: URL(fileURLWithPath: stick["kscmirror-000042/data/volumes/more"].string))
    #expect(throws: BundleError.self) { try bundle.states(of: volumes) }
  }

  @Test func `a volume is found by its plain name too, and never by one with another SHA-256`() throws {
    let sample = try SampleObjects.random(30, upTo: 100_000, seed: 6)
    let volumes = try sample.write(to: stick.path, volumeSize: 1 << 20)
    let (first, second) = (volumes[0], volumes[1])
    let folder = place(first).removingLastComponent()
    #expect(try bundle.states(of: volumes).map(\.file.text) == volumes.map { "\($0.sha256.hex).\($0.name)" })
    try FileManager.default.moveItem(atPath: place(first).string, toPath: folder.appending(first.name).string)
    #expect(try bundle.states(of: volumes)[0].file.text == first.name)
    #expect(try bundle.contents(of: volumes, sizes: sample.sizes) == sample.contents)
    // What has the volume's name as well, and is cut short, does not stand in its way.
    try Data([1]).write(to: URL(fileURLWithPath: place(first).string))
    #expect(try bundle.contents(of: volumes, sizes: sample.sizes) == sample.contents)
    try FileManager.default.removeItem(atPath: place(first).string)

    for piece in ["", ".part01"] {
      let misnamed = folder.appending("\(second.sha256.hex).\(first.name)\(piece)")
      try FileManager.default.moveItem(atPath: folder.appending(first.name).string, toPath: misnamed.string)
      let error = #expect(throws: BundleError.self) { try bundle.states(of: volumes) }
      #expect(error?.description.contains("\(misnamed)") == true, "\(String(describing: error))")
      #expect(error?.description.contains(first.sha256.hex) == true)
      let missing = #expect(throws: BundleError.self) { try bundle.contents(of: volumes, sizes: sample.sizes) }
      #expect(missing?.description.contains("\(place(first)): the volume is missing") == true)
      try FileManager.default.moveItem(atPath: misnamed.string, toPath: folder.appending(first.name).string)
    }
  }

  @Test func `with plain names a bundle has them in its folder and its manifest, as before`() throws {
    let sample = try SampleObjects.random(30, upTo: 100_000, seed: 8)
    let volumes = try sample.write(to: stick.path, volumeSize: 1 << 20, parity: 1, naming: .plain)
    let folder = stick["kscmirror-000042"]
    let there = try FileManager.default.contentsOfDirectory(atPath: folder.appending("data/volumes").string)
    #expect(there.sorted() == volumes.map(\.name).sorted() && volumes.contains { $0.parity == 1 })
    let check = "cd '\(folder)' && sha256sum --quiet -c tagmanifest-sha256.txt manifest-sha256.txt"
    try Command.run("sh", ["-c", check])
    let carrying = volumes.filter { $0.parity == nil }
    #expect(try bundle.contents(of: carrying, sizes: sample.sizes) == sample.contents)
  }

  @Test func `parity is made and named as all volumes are`() throws {
    let sample = try SampleObjects.random(30, upTo: 100_000, seed: 8)
    let volumes = try sample.write(to: stick.path, volumeSize: 1 << 20, parity: 2)
    #expect(volumes.count { $0.parity != nil } == 2)
    for volume in volumes {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: place(volume).string))
      #expect(ObjectDigest(bytes: SHA256.hash(data: bytes)) == volume.sha256)
    }
    let there = try FileManager.default.contentsOfDirectory(atPath: stick["kscmirror-000042/data/volumes"].string)
    #expect(there.count == volumes.count)
  }
}
