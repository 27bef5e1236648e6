import BundleFormat
import Foundation
import MirrorConfiguration
import MirrorTypes
import SystemPackage
import TestSupport
import Testing
import Trust

@testable import JobCore
@testable import Parcels
@testable import StoreTrust

/// Parcels from a site to the connected side and back again as answers.
@Suite struct ParcelTests {
  private func kept(_ count: Int) -> ParcelSettings {
    var settings = ParcelSettings()
    settings.keep = count
    return settings
  }

  private func permissions(_ path: FilePath) throws -> Int {
    try #require(FileManager.default.attributesOfItem(atPath: path.string)[.posixPermissions] as? Int)
  }

  // MARK: - There and back

  @Test func `documents and files go there, are used once, and the site learns that they have arrived`() throws {
    let way = try ParcelWay()
    let file = way.folder["big.bin"]
    var random = SeededGenerator(5)
    let big = (0..<375_000).map { _ in random.next() }.withUnsafeBytes { Data($0) }
    try big.write(to: URL(fileURLWithPath: file.string))
    let exchange = try #require(ParcelKind.exchange("kpsn"))
    let sent = try way.outbox().make(carrying: [.licence, exchange]) { writer in
      try writer.add(Array("hosts".utf8), as: TreePath("hosts.json"), of: .licence)
      try writer.add(file: file, as: TreePath("in/a b.bin"), of: exchange)
      try writer.add([], as: TreePath("in/empty"), of: exchange)
    }
    #expect(sent.number == 1 && sent.written == nil && sent.acknowledged == nil)
    #expect(sent.contents.contains("  3000000  exchange/kpsn/in/a b.bin\n"))
    let written = try way.outbox().send(to: way.stick())
    #expect(written.map(\.number) == [1])
    #expect(way.names(below: way.place(1)) == ["CONTENTS.txt", "parcel.json", "payload.sealed"])
    let taken = try way.collect()
    #expect(taken.parcels.map(\.order) == ["first"] && taken.refusals.isEmpty && taken.missing.isEmpty)
    // Sealed as it came, and for its owner alone.
    let shelf = way.connected.appending("parcels/sites/plant-7/000001")
    for name in ["CONTENTS.txt", "parcel.json", "payload.sealed"] {
      #expect(
        try Data(contentsOf: URL(fileURLWithPath: shelf.appending(name).string))
          == Data(contentsOf: URL(fileURLWithPath: way.place(1).appending(name).string))
      )
      #expect(try permissions(shelf.appending(name)) == 0o600)
    }
    #expect(try permissions(shelf) == 0o700)
    // Used once by each.
    let parcel = try #require(try way.inbox.pending(exchange).first)
    #expect(try way.inbox.pending(.licence).map(\.number) == [1] && way.inbox.pending(.ksn).isEmpty)
    let target = way.folder["unpacked"]
    for isFirst in [true, false] {
      let isUsed = try way.inbox.consume(parcel, as: exchange) { reader in
        let files = try reader.extract(exchange, to: target)
        #expect(files.map(\.size) == [3_000_000, 0])
      }
      #expect(isUsed == isFirst)
    }
    #expect(way.names(below: target) == ["in", "in/a b.bin", "in/empty"])
    #expect(try Data(contentsOf: URL(fileURLWithPath: target.appending("in/a b.bin").string)) == big)
    #expect(try permissions(target) == 0o700 && permissions(target.appending("in")) == 0o700)
    #expect(try permissions(target.appending("in/a b.bin")) == 0o600)
    #expect(try way.inbox.pending(exchange).isEmpty && way.inbox.pending(.licence).map(\.number) == [1])
    #expect(try way.text(1) == "hosts")
    // The answer.
    #expect(try way.outbox().acknowledged(number: 1, digest: sent.digest) == nil)
    try way.exchange()
    #expect(try way.outbox().acknowledged(number: 1, digest: sent.digest) != nil)
    #expect(try way.outbox().acknowledged(number: 1, digest: String(repeating: "0", count: 64)) == nil)
    #expect(try way.outbox().parcels().map { $0.acknowledged != nil } == [true])
    #expect(try way.outbox().send(to: way.stick()).isEmpty)
    #expect(way.names(below: way.medium).isEmpty, "what has arrived is removed from the medium")
  }

  @Test func `a use that fails, or is cut off, happens again`() throws {
    let way = try ParcelWay()
    try way.make()
    try way.carry(1)
    let parcel = try #require(try way.inbox.pending(.licence).first)
    struct Cut: Error {}
    #expect(throws: Cut.self) { try way.inbox.consume(parcel, as: .licence) { _ in throw Cut() } }
    #expect(try way.inbox.pending(.licence).count == 1)
    // Half of it lies there from the run before.
    _ = try way.folder.subfolder(".unpacked.part/rest")
    #expect(try way.inbox.consume(parcel, as: .licence) { _ = try $0.extract(.licence, to: way.folder["unpacked"]) })
    #expect(way.names(below: way.folder["unpacked"]) == ["hosts.json"])
  }

  @Test func `a preview tells what would leave, byte by byte, and leaves no trace`() throws {
    let way = try ParcelWay()
    try way.make()
    let before = way.names(below: way.isolated)
    var inner: [UInt8] = []
    let preview = try way.outbox().preview(carrying: [.ksn], inner: { inner += $0 }) { writer in
      try writer.add(Array("report".utf8), as: TreePath("day.json"), of: .ksn)
    }
    #expect(preview.number == 2 && preview.bytes == Int64(inner.count))
    #expect(way.names(below: way.isolated) == before)
    // It is an archive that any tar reads.
    let archive = way.folder["inner.tar.zst"]
    try Data(inner).write(to: URL(fileURLWithPath: archive.string))
    #expect(try Command.run("tar", ["--zstd", "-xOf", archive.string, "ksn/day.json"]) == "report")
    let sent = try way.outbox().make(carrying: [.ksn]) { writer in
      try writer.add(Array("report".utf8), as: TreePath("day.json"), of: .ksn)
    }
    func list(_ contents: String) -> Substring { contents.split(separator: "\n\n", maxSplits: 1)[1] }
    #expect(sent.number == 2 && list(sent.contents) == list(preview.contents))
    #expect(sent.bytes == preview.bytes + 16)
  }

  // MARK: - Making

  @Test func `a parcel that fails while it is made leaves a number that nobody misses`() throws {
    let way = try ParcelWay()
    try way.make()
    struct Cut: Error {}
    #expect(throws: Cut.self) { try way.outbox().make(carrying: [.licence]) { _ in throw Cut() } }
    let empty = #expect(throws: JobError.self) { try way.outbox().make(carrying: [.licence]) { _ in } }
    #expect(empty?.status == .notThere)
    #expect(way.names(below: way.isolated.appending("parcels/out")).filter { $0.contains("part") }.isEmpty)
    #expect(try way.make().number == 4)
    try way.carry(1)
    let taken = try way.carry(4)
    #expect(taken.parcels.map(\.order) == ["next"] && taken.missing.isEmpty)
    #expect(try way.missing().isEmpty)
  }

  @Test func `what does not belong into a parcel is refused`() throws {
    let way = try ParcelWay()
    let link = way.folder["link"]
    try FileManager.default.createSymbolicLink(atPath: link.string, withDestinationPath: "/etc/passwd")
    let fills: [(ParcelWriter) throws -> Void] = [
      { try $0.add([1], as: TreePath("a"), of: .ksn) },
      { writer in for _ in 0..<2 { try writer.add([1], as: TreePath("a"), of: .licence) } },
      { writer in for name in ["a/b", "a"] { try writer.add([1], as: TreePath(name), of: .licence) } },
      { try $0.add(file: link, as: TreePath("a"), of: .licence) },
      { try $0.add(file: way.folder.path, as: TreePath("a"), of: .licence) },
      { try $0.add(file: "/dev/zero", as: TreePath("a"), of: .licence) },
      { try $0.add(file: way.folder["none"], as: TreePath("a"), of: .licence) },
      { try $0.add([1], as: TreePath("../a"), of: .licence) },
    ]
    for fill in fills { #expect(throws: (any Error).self) { try way.outbox().make(carrying: [.licence], fill) } }
    for kinds in [[], [.licence, .licence]] as [[ParcelKind]] {
      #expect(throws: JobError.self) {
        try way.outbox().make(carrying: kinds) { try $0.add([1], as: TreePath("a"), of: .licence) }
      }
    }
    #expect(try way.outbox().parcels().isEmpty)
  }

  @Test func `a site that was reported no key makes no parcel, and says why`() throws {
    let way = try ParcelWay()
    try FileManager.default.removeItem(atPath: way.isolated.appending("trust/sealing.json").string)
    let error = #expect(throws: JobError.self) { try way.make() }
    #expect(error?.status == .notThere && error?.remedy?.contains("import") == true)
    #expect(throws: JobError.self) { try ParcelOutbox(way.context(way.isolated), site: "..") }
  }

  @Test func `the word of an older bundle does not take the place of a newer one's`() throws {
    let way = try ParcelWay()
    let (new, old) = (SealingKey().publicKey, SealingKey().publicKey)
    let trust = ParcelTrust(way.context(way.isolated))
    try trust.note(BundleFacts(site: nil, snapshot: 9, sealingKey: new), version: 9)
    try trust.note(BundleFacts(site: nil, snapshot: 8, sealingKey: old), version: 8)
    try trust.note(BundleFacts(site: nil, snapshot: 10), version: 10)
    #expect(try trust.sealingKey() == new)
    // What was damaged is written anew.
    for name in ParcelTrust.files {
      try Data("{".utf8).write(to: URL(fileURLWithPath: way.isolated.appending("trust/\(name)").string))
    }
    let error = #expect(throws: JobError.self) { try trust.sealingKey() }
    #expect(error?.status == .badStore)
    try trust.note(BundleFacts(site: nil, snapshot: 10, sealingKey: old), version: 10)
    #expect(try trust.sealingKey() == old)
  }

  // MARK: - Keys

  @Test func `parcels that are sealed to a key from before are opened, and those of a lost key refused`() throws {
    let way = try ParcelWay()
    try way.make("before")
    try SealingKeys(in: way.context(way.connected)).rotate()
    try way.carry(1)
    try way.exchange()
    try way.make("after")
    try way.carry(2)
    #expect(try way.text(1) == "before" && way.text(2) == "after")
    #expect(try way.outbox().parcels().map(\.sealedTo).count == 2)
    let keys = way.connected.appending("keys")
    #expect(try FileManager.default.contentsOfDirectory(atPath: keys.string).count == 2)
    #expect(try permissions(keys.appending("sealing.key")) == 0o600)
    try way.make("lost")
    try FileManager.default.removeItem(atPath: keys.appending("sealing.key").string)
    let lost = try way.carry(3)
    #expect(lost.refusals.map(\.error.status) == [.keyUnusable] && lost.parcels.isEmpty)
    #expect(!way.names(below: way.connected).contains("parcels/sites/plant-7/000003"))
    let error = #expect(throws: JobError.self) { try way.inbox.open(site: "plant-7", number: 2) }
    #expect(error?.status == .keyUnusable)
  }

  // MARK: - Retention

  @Test func `a site keeps its newest parcels, and others until they have arrived or are old`() throws {
    let way = try ParcelWay()
    for number in 1...4 { try way.make("\(number)", kept(2)) }
    #expect(try way.outbox().parcels().map(\.number) == [1, 2, 3, 4], "none has arrived")
    for number in [1, 3] as [Int64] { try way.carry(number) }
    try way.exchange()
    try way.make("5", kept(2))
    #expect(try way.outbox().parcels().map(\.number) == [2, 4, 5])
    way.clock.move(by: 90 * 86_400)
    try way.make("6", kept(2))
    #expect(try way.outbox().parcels().map(\.number) == [2, 4, 5, 6], "they are as old as they may be")
    #expect(!way.told.warnings.contains("parcel-removed"))
    way.clock.move(by: 1)
    try way.make("7", kept(2))
    #expect(try way.outbox().parcels().map(\.number) == [6, 7])
    #expect(way.told.warnings.contains("parcel-removed"))
    #expect(try way.make().number == 8)
  }

  @Test func `the connected side keeps the newest parcels, and others until they were used or are old`() throws {
    let way = try ParcelWay()
    for number in 1...4 { try way.make("\(number)") }
    for number in 1...4 as ClosedRange<Int64> { try way.carry(number, kept(2)) }
    func here() throws -> [Int64] { try way.inbox.parcels().filter(\.isKept).map(\.number) }
    #expect(try here() == [1, 2, 3, 4])
    let first = try #require(try way.inbox.pending(.licence).first)
    #expect(try way.inbox.consume(first, as: .licence) { _ = try $0.documents(of: .licence, atMost: 100) })
    try way.make()
    try way.carry(5, kept(2))
    #expect(try here() == [2, 3, 4, 5])
    try way.make()
    way.clock.move(by: 90 * 86_400 + 1)
    try way.carry(6, kept(2))
    #expect(try here() == [5, 6] && way.told.warnings.contains("parcel-removed"))
    // What was removed is known all the same.
    #expect(try way.carry(2).parcels.map(\.order) == ["same"])
    #expect(try way.inbox.parcels().map(\.number) == [1, 2, 3, 4, 5, 6])
    #expect(throws: JobError.self) { try way.inbox.open(site: "plant-7", number: 2) }
  }
}
