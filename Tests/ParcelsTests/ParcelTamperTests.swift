import BundleFormat
import Failures
import FileSystem
import Foundation
import MirrorTypes
import SystemPackage
import TestSupport
import Testing
import Trust

@testable import JobCore
@testable import Parcels
@testable import Sites
@testable import StoreTrust

/// Whatever somebody does to a parcel on its way, or a site that lies, is refused by its name, and leaves nothing.
@Suite struct ParcelTamperTests {
  private func bytes(_ path: FilePath) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path.string)))
  }

  private func write(_ bytes: [UInt8], to path: FilePath) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path.string))
  }

  /// How the parcel on the medium is refused; nothing of it is kept then.
  private func refusal(_ way: ParcelWay) throws -> Failures.ExitStatus? {
    let before = way.names(below: way.connected.appending("parcels"))
    let outcome = try way.collect()
    guard outcome.parcels.isEmpty else { return nil }
    let after = way.names(below: way.connected.appending("parcels")).filter { $0.contains("0000") }
    #expect(after == before.filter { $0.contains("0000") })
    return outcome.refusals.first?.error.status
  }

  private func sent(_ text: String = "hosts") throws -> ParcelWay {
    let way = try ParcelWay()
    try way.make(text)
    _ = try way.outbox().send(to: way.stick())
    return way
  }

  // MARK: - On the way

  @Test(arguments: ["parcel.json", "CONTENTS.txt", "payload.sealed"])
  func `a changed, cut, lengthened, missing or replaced file is refused`(_ name: String) throws {
    let way = try sent(String(repeating: "host ", count: 500))
    let path = way.place(1).appending(name)
    let good = try bytes(path)
    var random = SeededGenerator(11)
    for _ in 0..<40 {
      var changed = good
      changed[Int.random(in: changed.indices, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      // A hexadecimal digit in capitals says the same.
      if name == "parcel.json", (try? SignedParcelHeader(parsing: changed, going: .fromSite)) != nil { continue }
      try write(changed, to: path)
      #expect(try refusal(way) == .badParcel)
    }
    let isPayload = name == "payload.sealed"
    for count in [0, 1, good.count / 2, good.count - 2] {
      try write(Array(good.prefix(count)), to: path)
      #expect(try refusal(way) == (isPayload ? .incompleteParcel : .badParcel), "\(count)")
    }
    try write(good + [0x20, 0x20], to: path)
    // Blanks behind a header change nothing.
    if name != "parcel.json" { #expect(try refusal(way) == .badParcel) }
    try FileManager.default.removeItem(atPath: path.string)
    #expect(try refusal(way) == .incompleteParcel)
    let elsewhere = way.folder["elsewhere"]
    try write(good, to: elsewhere)
    try FileManager.default.createSymbolicLink(atPath: path.string, withDestinationPath: elsewhere.string)
    #expect(try refusal(way) != nil)
    try FileManager.default.removeItem(atPath: path.string)
    try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: false)
    #expect(try refusal(way) != nil)
    try FileManager.default.removeItem(atPath: path.string)
    try write(good, to: path)
    #expect(try way.collect().parcels.map(\.order) == ["first"])
  }

  @Test func `the files of one parcel cannot be put into another, nor a parcel under another name`() throws {
    let way = try ParcelWay()
    for text in ["one", "two"] { try way.make(text) }
    _ = try way.outbox().send(to: way.stick())
    let good = try ["parcel.json", "CONTENTS.txt", "payload.sealed"].map { ($0, try bytes(way.place(1).appending($0))) }
    try FileManager.default.removeItem(atPath: way.place(1).string)
    for (name, other) in good {
      let path = way.place(2).appending(name)
      let own = try bytes(path)
      try write(other, to: path)
      #expect(try refusal(way) == .badParcel, "\(name)")
      try write(own, to: path)
    }
    let other = try ParcelWay(site: "plant-8")
    for (site, number) in [("plant-7", 3), ("plant-8", 2), ("plant-9", 2)] as [(String, Int64)] {
      let renamed = way.medium.appending(ParcelNames(.fromSite, site: site, number: number).folder)
      try FileManager.default.moveItem(atPath: way.place(2).string, toPath: renamed.string)
      #expect(try refusal(way) == .badParcel)
      try FileManager.default.moveItem(atPath: renamed.string, toPath: way.place(2).string)
    }
    // Of a site that is not known there, or is known by another key.
    #expect(try other.collect(from: way.medium).refusals.map(\.error.status) == [.unknownKey])
    try SiteRegistry(store: other.connected).files("plant-7").save(
      KnownSite(
        name: "plant-7",
        fingerprint: try #require(Fingerprint(SigningKey().id)),
        since: 0,
        highest: 0,
        receipts: [],
        packed: nil
      )
    )
    #expect(try other.collect(from: way.medium).refusals.map(\.error.status) == [.unknownKey])
    #expect(try way.collect().parcels.map(\.number) == [2])
  }

  @Test func `a parcel is taken in that lies in pieces, and not if one is missing`() throws {
    let way = try sent(String(repeating: "host ", count: 500))
    let path = way.place(1).appending("payload.sealed")
    let good = try bytes(path)
    try FileManager.default.removeItem(atPath: path.string)
    let pieces = VolumePieces(VolumeFileName("payload.sealed"), size: Int64(good.count), largest: 40).files
    var start = 0
    for piece in pieces {
      try write(Array(good[start..<start + Int(piece.size)]), to: way.place(1).appending(piece.name))
      start += Int(piece.size)
    }
    let lost = way.place(1).appending(pieces[1].name)
    let held = try bytes(lost)
    try FileManager.default.removeItem(atPath: lost.string)
    #expect(try refusal(way) == .incompleteParcel)
    try write(held, to: lost)
    #expect(try way.collect(from: way.place(1).appending("parcel.json")).parcels.map(\.order) == ["first"])
    #expect(way.names(below: way.connected.appending("parcels/sites/plant-7/000001")).contains("payload.sealed"))
  }

  @Test func `what lies on a medium under a name of a parcel is written over only if it is damaged`() throws {
    let way = try sent()
    let path = way.place(1).appending("payload.sealed")
    let good = try bytes(path)
    try write([1, 2, 3], to: path)
    // Nobody knows whose that is, so it stays.
    let names = ParcelNames(.fromSite, site: "plant-7", number: 1)
    _ = try way.folder.subfolder("medium/\(names.partial)/rest")
    #expect(try way.outbox().send([1], to: way.stick()).map(\.wasThere) == [false])
    #expect(try bytes(path) == good)
    #expect(try way.outbox().send([1], to: way.stick()).map(\.wasThere) == [true])
    let left = try FileManager.default.contentsOfDirectory(atPath: way.medium.string)
    #expect(Set(left) == [names.folder, names.partial])
    // Another site of that name has put its own there.
    let other = try ParcelWay()
    try other.make("other")
    let error = #expect(throws: JobError.self) { try other.outbox().send([1], to: way.stick()) }
    #expect(error?.status == .cannotCreate)
    #expect(try bytes(path) == good)
    #expect(throws: JobError.self) { try way.outbox().send([7], to: way.stick()) }
    let nowhere = #expect(throws: (any Error).self) { try way.outbox().send([1], to: way.stick(way.folder["none"])) }
    #expect(nowhere.map { JobError($0).status } == .notThere)
    // What is kept was damaged.
    try write(good.map { $0 ^ 1 }, to: way.isolated.appending("parcels/out/000001/payload.sealed"))
    let damaged = #expect(throws: JobError.self) {
      try way.outbox().send([1], to: way.stick(way.folder.subfolder("new")))
    }
    #expect(damaged?.status == .damagedStore)
    #expect(way.names(below: way.folder["new"]).isEmpty)
  }

  // MARK: - A site that lies

  /// Puts a parcel on the medium whose sealed content and list need not be what they should.
  private func forge(_ way: ParcelWay, inner: [UInt8], _ files: [ParcelFile], number: Int64 = 1) throws {
    let context = way.context(way.isolated)
    let signer = try SiteKey(in: context).readOrMake()
    let key = try ParcelTrust(context).sealingKey()
    let fingerprint = try #require(Fingerprint(signer.id))
    var sealer = try ParcelSealer(to: key, site: way.site, number: number, signer: fingerprint)
    var sealed: [UInt8] = []
    try inner.withUnsafeBytes { bytes in try sealer.seal(bytes) { sealed += $0 } }
    let payload = try sealer.finish { sealed += $0 }
    let text = Array(try #require(ParcelContents(files)).text([("Parcel", "\(number)")]).utf8)
    let header = ParcelHeader(
      .fromSite,
      site: way.site,
      number: number,
      time: 1,
      carries: [.licence],
      sealedTo: key.id,
      encapsulatedKey: sealer.encapsulatedKey,
      payload: payload,
      contents: .init(of: text),
      previous: nil,
      program: "test"
    )
    try FileManager.default.createDirectory(atPath: way.place(number).string, withIntermediateDirectories: true)
    let signed = try SignedParcelHeader(header, key: signer)
    try ParcelFiles(direction: .fromSite, folder: OpenFolder(way.place(number)).place).write(
      signed,
      contents: text,
      permissions: 0o644
    )
    try write(sealed, to: way.place(number).appending("payload.sealed"))
  }

  private func listed(_ name: String, _ content: [UInt8]) throws -> ParcelFile {
    let part = ParcelHeader.Part(of: content)
    return ParcelFile(path: try TreePath(name), size: part.size, sha256: part.sha256)
  }

  private func packed(_ documents: [(String, [UInt8])]) throws -> [UInt8] {
    var inner: [UInt8] = []
    let writer = try DocumentWriter(naming: "test") { inner += $0 }
    for (name, content) in documents {
      try writer.begin(try TreePath(name), size: Int64(content.count))
      try content.withUnsafeBytes { try writer.write($0) }
    }
    try writer.finish()
    return inner
  }

  /// That the parcel, which was taken in, cannot be used in any way.
  private func expectRefused(_ way: ParcelWay, _ comment: String) throws {
    let place = way.folder["unpacked"]
    let ways: [(ParcelReader) throws -> Void] = [
      { _ = try $0.extract(.licence, to: place) }, { _ = try $0.documents(of: .licence, atMost: 1 << 20) },
      { try $0.forEach { _, _ in } },
    ]
    for use in ways {
      let error = #expect(throws: JobError.self, "\(comment)") {
        try use(try way.inbox.open(site: way.site, number: 1))
      }
      #expect(error?.status == .badParcel, "\(comment): \(String(describing: error))")
    }
    #expect(!FileManager.default.fileExists(atPath: place.string))
    #expect(!FileManager.default.fileExists(atPath: way.folder[".unpacked.part"].string))
  }

  @Test func `a list that does not tell what a parcel holds is refused when it is opened`() throws {
    let (a, b) = (("licence/a", [1, 2, 3] as [UInt8]), ("licence/b", [4] as [UInt8]))
    let lists: [(String, [(String, [UInt8])], [ParcelFile])] = [
      ("more", [a, b], [try listed(a.0, a.1)]), ("less", [a], [try listed(a.0, a.1), try listed(b.0, b.1)]),
      ("order", [a, b], [try listed(b.0, b.1), try listed(a.0, a.1)]), ("bytes", [a], [try listed(a.0, [1, 2, 4])]),
      ("size", [a], [try listed(a.0, [1, 2])]), ("name", [a], [try listed("licence/c", a.1)]),
    ]
    for (comment, documents, files) in lists {
      let way = try ParcelWay()
      try forge(way, inner: try packed(documents), files)
      try #require(try way.collect().parcels.count == 1)
      try expectRefused(way, comment)
    }
    // A list of nothing is none: such a parcel is not even taken in.
    let empty = try ParcelWay()
    try forge(empty, inner: try packed([a]), [])
    let outcome = try empty.collect()
    #expect(outcome.parcels.isEmpty && outcome.refusals.count == 1)
    let way = try ParcelWay()
    try forge(way, inner: try packed([a]), [try listed(a.0, a.1)])
    try way.collect()
    #expect(try way.inbox.open(site: way.site, number: 1).documents(of: .licence, atMost: 3).map(\.bytes) == [a.1])
    #expect(throws: JobError.self) {
      try way.inbox.open(site: way.site, number: 1).documents(of: .licence, atMost: 2)
    }
  }

  @Test func `links, devices, folders and names that lead elsewhere are refused inside a parcel`() throws {
    let made = TemporaryFolder()
    _ = try made.subfolder("licence")
    try write([1], to: made["licence/a"])
    try FileManager.default.createSymbolicLink(atPath: made["licence/link"].string, withDestinationPath: "/etc/passwd")
    try FileManager.default.linkItem(atPath: made["licence/a"].string, toPath: made["licence/hard"].string)
    try Command.run("mkfifo", [made["licence/pipe"].string])
    let archives: [(String, [String])] = [
      ("link", ["licence/link"]), ("hard link", ["licence/a", "licence/hard"]), ("pipe", ["licence/pipe"]),
      ("folder", ["--no-recursion", "licence"]), ("absolute", ["-P", made["licence/a"].string]),
      ("above", ["-P", "licence/../licence/a"]),
    ]
    for (comment, words) in archives {
      let way = try ParcelWay()
      let archive = made["archive.tar.zst"]
      try Command.run("tar", ["-C", made.path.string, "--zstd", "-cf", archive.string] + words)
      let names =
        comment == "hard link"
        ? ["licence/a", "licence/hard"] : ["licence/\(words.last == "licence/link" ? "link" : "a")"]
      try forge(way, inner: try bytes(archive), try names.map { try listed($0, $0 == "licence/a" ? [1] : []) })
      try #require(try way.collect().parcels.count == 1)
      try expectRefused(way, comment)
    }
  }

  @Test func `what is no archive, or only the beginning of one, is refused when it is opened`() throws {
    let content = [UInt8](repeating: 7, count: 5000)
    let whole = try packed([("licence/a", content)])
    for (comment, inner) in [
      ("nothing", []), ("noise", [UInt8](repeating: 0x41, count: 2000)), ("cut", Array(whole.prefix(40))),
    ] {
      let way = try ParcelWay()
      try forge(way, inner: inner, [try listed("licence/a", content)])
      try #require(try way.collect().parcels.count == 1)
      try expectRefused(way, comment)
    }
  }
}
