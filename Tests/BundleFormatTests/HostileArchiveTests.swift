import Crypto
import Foundation
import MirrorTypes
import SystemPackage
import TestSupport
import Testing

@testable import BundleFormat

/// Volumes that are signed and hostile all the same: whoever signs may have been broken into.
@Suite struct HostileArchiveTests {
  private static let isPossible = ["python3", "zstd", "tar"].allSatisfy { Command.path(of: $0) != nil }

  /// Makes a volume of each kind in a folder, and writes what a signer would say of them to `facts.json`.
  private static let script = #"""
    import hashlib, io, json, os, subprocess, sys, tarfile
    top = sys.argv[1]
    facts = {}
    hello = b"hello"
    name = lambda data: "objects/%s/%s" % (lambda h: (h[:2], h[2:]))(hashlib.sha256(data).hexdigest())
    def seal(case, tar, entries, content, sizes, compress=("zstd", "-q", "-c")):
      packed = subprocess.run(compress, input=tar, stdout=subprocess.PIPE, check=True).stdout if compress else tar
      with open(os.path.join(top, case), "wb") as file:
        file.write(packed)
      facts[case] = {"entries": entries, "content": content, "sizes": sizes}
    def member(path, data=hello, **fields):
      info = tarfile.TarInfo(path)
      info.size = len(data)
      for key, value in fields.items():
        setattr(info, key, value)
      return info, data
    def case(title, *members, sizes=None, format=tarfile.PAX_FORMAT, **more):
      buffer = io.BytesIO()
      with tarfile.open(fileobj=buffer, mode="w", format=format) as tar:
        for info, data in members:
          if info.isreg() and info.size == len(data):
            tar.addfile(info, io.BytesIO(data))
          else:
            tar.fileobj.write(info.tobuf(format))
      content = sum(info.size for info, _ in members)
      known = {hashlib.sha256(data).hexdigest(): len(data) for _, data in members}
      known[hashlib.sha256(hello).hexdigest()] = len(hello)
      seal(title, buffer.getvalue(), len(members), content, sizes or known, **more)
    good = name(hello)
    case("plain", member(good))
    case("dots", member("../" + good))
    case("dots inside", member("objects/../../" + good))
    case("dots at the end", member("objects/2c/.."))
    case("absolute", member("/" + good))
    case("absolute evil", member(os.path.join(top, "evil")))
    case("dot before", member("./" + good))
    case("double slash", member(good.replace("/", "//", 1)))
    case("slash behind", member(good + "/"))
    case("empty name", member(""))
    case("backslashes", member(good.replace("/", "\\")))
    case("line feed", member(good + "\n"))
    case("symbolic link", member(good, b"", type=tarfile.SYMTYPE, linkname="/etc/passwd"))
    case("symbolic link and file", member(good, b"", type=tarfile.SYMTYPE, linkname=os.path.join(top, "evil")), member(good))
    case("hard link", member(good, b"", type=tarfile.LNKTYPE, linkname="/etc/passwd"))
    case("hard link with data", member(good, type=tarfile.LNKTYPE, linkname=good))
    case("folder", member(good, b"", type=tarfile.DIRTYPE))
    case("character device", member(good, b"", type=tarfile.CHRTYPE, devmajor=1, devminor=3))
    case("block device", member(good, b"", type=tarfile.BLKTYPE, devmajor=8, devminor=0))
    case("pipe", member(good, b"", type=tarfile.FIFOTYPE))
    case("twice", member(good), member(good))
    other = b"HELLO"
    case("capitals", member(good.upper()))
    case("capitals beside", member(good), member("objects/" + good[8:].upper()))
    case("wrong bytes", member(good, other))
    case("unknown object", member(name(other), other), sizes={hashlib.sha256(hello).hexdigest(): 5})
    case("longer", member(good, hello + b"!"))
    case("shorter", member(good, b"hell"))
    case("second part first", member(good + ".part2"))
    case("part of zero", member(good + ".part0"))
    case("part with a zero", member(good + ".part01"))
    case("first part only", member(good + ".part1", b"hel"))
    case("parts with another between", member(good + ".part1", b"hel"), member(name(other), other), member(good + ".part2", b"lo"))
    case("parts out of order", member(good + ".part1", b"he"), member(good + ".part3", b"llo"))
    case("parts that overlap", member(good + ".part1", b"hell"), member(good + ".part2", b"lo"))
    case("whole behind parts", member(good + ".part1", b"hel"), member(good + ".part2", b"lo"), member(good))
    huge = 1 << 40
    digest = hashlib.sha256(hello).hexdigest()
    case("claims a tebibyte", member(good, size=huge), format=tarfile.GNU_FORMAT)
    case("claims a tebibyte, and so does who signs", member(good, size=huge), sizes={digest: huge}, format=tarfile.GNU_FORMAT)
    case("claims the most that is", member(good, size=(1 << 62)), sizes={digest: 1 << 50}, format=tarfile.GNU_FORMAT)
    for title, size in (("just below", (1 << 63) - 2), ("the most", (1 << 63) - 1), ("half", 1 << 62), ("beyond a file", (1 << 46) + 1)):
      far = tarfile.TarInfo(name(other))
      far.size = size
      tar = member(good)[0].tobuf(tarfile.PAX_FORMAT) + hello + b"\0" * 507 + far.tobuf(tarfile.PAX_FORMAT) * 2
      seal("sizes that add up to no number, " + title, tar, 3, 1 << 50, {digest: 5, hashlib.sha256(other).hexdigest(): 5})
    case("gzip", member(good), compress=("gzip", "-c"))
    seal("no archive", b"hello" * 1000, 1, 5, {digest: 5})
    seal("nothing", b"", 1, 5, {digest: 5}, compress=None)
    seal("nothing compressed", b"", 1, 5, {digest: 5})
    bomb = b"\0" * (64 << 20)
    case("bomb", member(name(bomb), bomb))
    facts["bomb"]["content"] = 5
    # Holes: what is signed is the object with its holes filled.
    holes = os.path.join(top, "tree")
    data = b"a" * 4096 + b"\0" * (1 << 20) + b"b" * 4096
    path = os.path.join(holes, name(data))
    os.makedirs(os.path.dirname(path))
    with open(path, "wb") as file:
      file.write(data[:4096])
      file.seek(len(data) - 4096)
      file.write(data[-4096:])
    for kind in ("gnu", "posix"):
      tar = subprocess.run(["tar", "--sparse", "--format", kind, "-C", holes, "-cf", "-", name(data)], stdout=subprocess.PIPE, check=True).stdout
      if len(tar) < len(data):
        seal("holes " + kind, tar, 1, len(data), {hashlib.sha256(data).hexdigest(): len(data)})
    json.dump(facts, open(os.path.join(top, "facts.json"), "w"))
    """#

  private struct Facts: Decodable {
    let entries: Int
    let content: Int64
    let sizes: [String: Int64]
  }

  /// A bundle whose only volume is these bytes, with its true figures.
  private func bundle(_ bytes: Data, entries: Int, content: Int64, at stick: FilePath) throws -> (BundleReader, Volume)
  {
    let folder = stick.pushing(FilePath("kscmirror-000042/data/volumes"))
    try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: true)
    let name = BundleNames(snapshot: 42).volume(0)
    try bytes.write(to: URL(fileURLWithPath: folder.appending(name).string))
    let digest = try #require(ObjectDigest(bytes: SHA256.hash(data: bytes)))
    let volume = Volume(
      name: name,
      size: Int64(bytes.count),
      sha256: digest,
      entries: entries,
      contentBytes: content
    )
    return (try #require(try BundleReader.find(at: stick).first), volume)
  }

  @Test(.enabled(if: isPossible, "python3, zstd or tar is not installed"))
  func `a signed volume with anything but plain objects is refused, and nothing is written`() throws {
    let kitchen = TemporaryFolder()
    try Data(Self.script.utf8).write(to: URL(fileURLWithPath: kitchen["make.py"].string))
    try Command.run("python3", [kitchen["make.py"].string, kitchen.path.string])
    let facts = try JSONDecoder().decode(
      [String: Facts].self,
      from: Data(contentsOf: URL(fileURLWithPath: kitchen["facts.json"].string))
    )
    #expect(facts.count > 40)
    let before = try FileManager.default.subpathsOfDirectory(atPath: kitchen.path.string)
    for (title, fact) in facts.sorted(by: { $0.key < $1.key }) {
      let stick = TemporaryFolder()
      let bytes = try Data(contentsOf: URL(fileURLWithPath: kitchen[title].string))
      let (reader, volume) = try bundle(bytes, entries: fact.entries, content: fact.content, at: stick.path)
      let there = try FileManager.default.subpathsOfDirectory(atPath: stick.path.string)
      var sizes: [ObjectDigest: Int64] = [:]
      for (hex, size) in fact.sizes { sizes[try #require(ObjectDigest(hex: hex))] = size }
      if title == "plain" {
        #expect(try reader.contents(of: [volume], sizes: sizes).values.map { $0 } == [Array("hello".utf8)])
      } else {
        #expect(throws: BundleError.self, "\(title)") { try reader.contents(of: [volume], sizes: sizes) }
      }
      #expect(try FileManager.default.subpathsOfDirectory(atPath: stick.path.string) == there, "\(title)")
    }
    #expect(try FileManager.default.subpathsOfDirectory(atPath: kitchen.path.string) == before)
  }

  // MARK: - Chance

  /// Changes bytes as a broken medium or a fuzzer would.
  private func mutate(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
    for _ in 0...(random.next() % 4) {
      guard bytes.count > 8 else { return }
      let place = Int.random(in: 0..<bytes.count, using: &random)
      let count = min(Int.random(in: 1...600, using: &random), bytes.count - place)
      switch random.next() % 7 {
      case 0, 1: bytes[place] ^= 1 << UInt8(random.next() % 8)
      case 2: bytes[place] = [0, 0xFF, 0x30, 0x37, 0x2F, 0x2E][Int(random.next() % 6)]
      case 3: for index in place..<(place + count) { bytes[index] = UInt8(truncatingIfNeeded: random.next()) }
      case 4: bytes.removeSubrange(place..<(place + count))
      case 5: bytes.insert(contentsOf: Array(bytes[place..<(place + count)]), at: place)
      default: bytes.removeLast(bytes.count - place)
      }
    }
  }

  @Test(.enabled(if: isPossible, "zstd is not installed"))
  func `a changed volume is never read as anything else than what it was`() throws {
    let (stick, kitchen) = (TemporaryFolder(), TemporaryFolder())
    let sample = try SampleObjects.random(12, upTo: 3000, seed: 21)
    let written = try sample.write(to: stick.path)
    let place = stick["kscmirror-000042/data/volumes/\(written[0].files[0].text)"]
    let packed = Array(try Data(contentsOf: URL(fileURLWithPath: place.string)))
    try Command.run("zstd", ["-q", "-d", place.string, "-o", kitchen["tar"].string])
    let tar = Array(try Data(contentsOf: URL(fileURLWithPath: kitchen["tar"].string)))
    var (tried, taken) = (0, 0)
    for round in Fuzz.rounds("volumes", 300) {
      var random = round.random
      let number = round.number
      tried += 1
      var bytes = number % 2 == 0 ? packed : tar
      mutate(&bytes, &random)
      if number % 2 == 1 { bytes = try compressed(bytes, in: kitchen) }
      let (reader, volume) = try bundle(
        Data(bytes),
        entries: written[0].entries,
        content: written[0].contentBytes,
        at: stick.path
      )
      var finished: [(object: ObjectDigest, bytes: [UInt8])] = []
      do throws(BundleError) {
        let sizes = sample.sizes
        try reader.readVolumes(
          [volume],
          sizes: { sizes[$0] },
          begin: { object in GatheringSink { finished.append((object, $0)) } },
          progress: { _ in }
        )
        taken += 1
        #expect(finished.count == sample.contents.count, "round \(number)")
      } catch {
        // Only the last object can be the one that the reading ended with.
        if let last = finished.last, sample.contents[last.object] != last.bytes { finished.removeLast() }
      }
      for (object, bytes) in finished { #expect(sample.contents[object] == bytes, "round \(number): \(object)") }
    }
    // Some changes hit nothing that matters, such as a time.
    #expect(taken < tried / 3)
  }

  private func compressed(_ bytes: [UInt8], in kitchen: TemporaryFolder) throws -> [UInt8] {
    try Data(bytes).write(to: URL(fileURLWithPath: kitchen["tar"].string))
    try Command.run("zstd", ["-q", "-f", "-1", kitchen["tar"].string, "-o", kitchen["packed"].string])
    return Array(try Data(contentsOf: URL(fileURLWithPath: kitchen["packed"].string)))
  }
}
