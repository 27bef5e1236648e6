import Foundation
import MirrorConfiguration
import MirrorTypes
import StrictJSON
import SystemPackage
import TestSupport
import Testing
import Trust

@testable import JobCore
@testable import Parcels
@testable import StoreTrust

/// Which parcels have come, and which have not: lost ones, doubled ones, late ones, and sites that went back.
@Suite struct ParcelOrderTests {
  @Test func `gaps are reported once, remembered, and closed by those that come late`() throws {
    let way = try ParcelWay()
    for number in 1...9 { try way.make("\(number)") }
    #expect(try way.carry(2).missing.map(\.ranges) == [[[1, 1]]])
    #expect(try way.carry(5).missing.map(\.ranges) == [[[1, 1], [3, 4]]])
    #expect(try way.carry(6).missing.isEmpty, "nothing new is missing")
    #expect(try way.carry(9).missing.map(\.text) == ["parcels of site plant-7 that are missing: 1, 3 to 4, 7 to 8"])
    let late = try way.carry(4)
    #expect(late.parcels.map(\.order) == ["late"] && late.parcels[0].text.contains("closes a gap"))
    #expect(try way.missing() == [[1, 1], [3, 3], [7, 8]])
    try way.exchange()
    let answer = try #require(try ParcelTrust(way.context(way.isolated)).answer(for: "plant-7"))
    #expect(answer.highest == 9 && answer.missing == [1...1, 3...3, 7...8])
    #expect(Set(answer.arrived.keys.map(\.number)) == [2, 4, 5, 6, 9])
    // All that is not known to have arrived is sent by itself.
    try way.emptyMedium()
    #expect(try way.outbox().send(to: way.stick()).map(\.number) == [1, 3, 7, 8])
    #expect(try way.collect().parcels.map(\.order) == ["late", "late", "late", "late"])
    #expect(try way.missing().isEmpty)
    for number in 1...9 as ClosedRange<Int64> { #expect(try way.text(number) == "\(number)") }
  }

  @Test func `a parcel that comes twice is ignored`() throws {
    let way = try ParcelWay()
    try way.make()
    try way.carry(1)
    let before = way.names(below: way.connected)
    for _ in 0..<2 {
      let again = try way.collect()
      #expect(again.parcels.map(\.order) == ["same"] && again.refusals.isEmpty)
    }
    #expect(way.names(below: way.connected) == before)
  }

  @Test func `a site that was restored gives no number twice, once an answer has come, and loses nothing unseen`()
    throws
  {
    let way = try ParcelWay()
    for number in 1...2 { try way.make("\(number)") }
    try way.copy("isolated", to: "backup")
    for number in 3...4 { try way.make("\(number)") }
    for number in 1...4 as ClosedRange<Int64> { try way.carry(number) }
    try way.copy("backup", to: "isolated")
    // Made before any answer has come: another parcel of a number that is taken.
    way.clock.move(by: 1)
    #expect(try way.make("again").number == 3)
    let clash = try way.carry(3)
    #expect(clash.parcels.isEmpty && clash.refusals.map(\.error.status) == [.parcelNumberTaken])
    #expect(clash.refusals.first?.error.message.contains("restored from a backup") == true)
    #expect(try way.text(3) == "3")
    try way.exchange()
    // The number has arrived, but not with this parcel.
    #expect(try way.outbox().parcels().map { $0.acknowledged != nil } == [true, true, false])
    #expect(try way.make("new").number == 5)
    let next = try way.carry(5)
    #expect(next.parcels.map(\.order) == ["restored"] && next.missing.isEmpty)
    #expect(try way.make().number == 6)
    #expect(try way.carry(6).parcels.map(\.order) == ["next"])
    #expect(try way.missing().isEmpty)
  }

  @Test func `the parcels of a site that was set up anew begin anew`() throws {
    let way = try ParcelWay()
    for number in 1...2 { try way.make("\(number)") }
    for number in 1...2 as ClosedRange<Int64> { try way.carry(number) }
    try FileManager.default.removeItem(atPath: way.isolated.appending("keys").string)
    try FileManager.default.removeItem(atPath: way.isolated.appending("parcels").string)
    try way.make("new")
    let refused = try way.carry(1)
    #expect(refused.refusals.map(\.error.status) == [.unknownKey])
    #expect(try way.text(1) == "1")
    try way.introduce()
    let taken = try way.collect()
    #expect(taken.parcels.map(\.order) == ["first"] && way.told.warnings.contains("parcels-forgotten"))
    #expect(try way.text(1) == "new" && way.inbox.parcels().count == 1)
  }

  @Test func `a run that was killed between the rename and its note is made up for`() throws {
    let way = try ParcelWay()
    for number in 1...3 { try way.make("\(number)") }
    try way.carry(1)
    let ledger = way.connected.appending("parcels/sites/plant-7/taken.json")
    let before = try Data(contentsOf: URL(fileURLWithPath: ledger.string))
    try way.carry(3)
    try before.write(to: URL(fileURLWithPath: ledger.string))
    #expect(try way.missing() == [[2, 2]])
    #expect(try way.collect().parcels.map(\.order) == ["same"])
    try FileManager.default.removeItem(atPath: ledger.string)
    _ = try way.folder.subfolder("connected/parcels/sites/plant-7/000002.part")
    #expect(try way.carry(2).parcels.map(\.order) == ["late"])
    #expect(try way.inbox.parcels().map(\.number) == [1, 2, 3] && way.missing().isEmpty)
    try Data("{".utf8).write(to: URL(fileURLWithPath: ledger.string))
    let error = #expect(throws: JobError.self) { try way.inbox.parcels() }
    #expect(error?.status == .badStore)
    // Bundles go out all the same.
    #expect(try ParcelWord(way.context(way.connected), to: "plant-7", dryRun: false).answer == nil)
    #expect(way.told.warnings.contains("parcels"))
  }

  // MARK: - Against a model

  /// Signs headers alone, which is all that the ledger looks at.
  private func header(_ number: Int64, after previous: SignedParcelHeader?, time: UTCTime) throws -> SignedParcelHeader
  {
    let part = ParcelHeader.Part(of: [UInt8](repeating: 0, count: 16))
    let header = ParcelHeader(
      .fromSite,
      site: "plant-7",
      number: number,
      time: time,
      carries: [.licence],
      sealedTo: String(repeating: "0", count: 64),
      encapsulatedKey: [UInt8](repeating: 0, count: 32),
      payload: part,
      contents: part,
      previous: previous.map { .init(number: $0.header.number, digest: $0.digest) },
      program: "test"
    )
    return try SignedParcelHeader(header, key: Self.key)
  }

  private static let key = SigningKey()

  @Test(arguments: 0..<20)
  func `what is missing is what was made and has not come, in whatever order parcels come`(_ seed: Int) throws {
    var random = SeededGenerator(UInt64(seed))
    var made: [SignedParcelHeader] = []
    var number: Int64 = 0
    for time in 1...60 {
      // Some numbers are given to no parcel.
      number += Int64.random(in: 1...3, using: &random) == 3 ? 2 : 1
      made.append(try header(number, after: made.last, time: UTCTime(seconds: Int64(time))))
    }
    let fingerprint = try #require(Fingerprint(Self.key.id))
    var ledger = ParcelLedger(site: "plant-7", fingerprint: fingerprint)
    var come = Set<Int64>()
    // Mostly in their order, with some that are held up, doubled or lost.
    var order = made.indices.map { ($0, Double($0) + Double.random(in: 0...8, using: &random)) }
    order += order.filter { _ in Int.random(in: 0..<5, using: &random) == 0 }.map { ($0.0, $0.1 + 20) }
    order = order.filter { _ in Int.random(in: 0..<6, using: &random) > 0 }.sorted { $0.1 < $1.1 }
    for (place, _) in order {
      let signed = made[place]
      let found = ledger.order(of: signed)
      #expect((found == .same) == come.contains(signed.header.number))
      #expect(found.isTaken == !come.contains(signed.header.number) && found != .restored)
      guard found.isTaken else { continue }
      ledger.note(signed, received: 0)
      come.insert(signed.header.number)
    }
    // A number that none was given is missed only as long as nothing that followed it has told so.
    let numbers = Set(made.map(\.header.number))
    let highest = ledger.highest
    for number in 1...highest {
      let isMissing = ledger.missing.contains(number)
      if come.contains(number) { #expect(!isMissing) }
      if numbers.contains(number) && !come.contains(number) { #expect(isMissing, "\(number)") }
    }
    #expect(NumberRanges(ledger.missing.ranges) != nil)
  }

  @Test(arguments: 0..<10)
  func `stretches of numbers are what a set of numbers is`(_ seed: Int) throws {
    var random = SeededGenerator(UInt64(seed))
    var ranges = NumberRanges()
    var model = Set<Int64>()
    var next: Int64 = 1
    for _ in 0..<60 {
      if Bool.random(using: &random) {
        next += Int64.random(in: 0...4, using: &random)
        let range = next...(next + Int64.random(in: 0...6, using: &random))
        ranges.append(range)
        model.formUnion(range)
        next = range.upperBound + 1
      } else {
        let first = Int64.random(in: 1...max(1, next), using: &random)
        let range = first...(first + Int64.random(in: 0...9, using: &random))
        ranges.remove(range)
        model.subtract(range)
      }
      #expect(Set(ranges.ranges.flatMap(Array.init)) == model)
      #expect((1...next).allSatisfy { ranges.contains($0) == model.contains($0) })
    }
  }

  @Test func `however far a site jumps, little is remembered of it`() throws {
    let fingerprint = try #require(Fingerprint(Self.key.id))
    var ledger = ParcelLedger(site: "plant-7", fingerprint: fingerprint)
    var last: SignedParcelHeader?
    for step in 1...1500 as ClosedRange<Int64> {
      // Each says that the one before it exists, and that one never comes.
      let unseen = try header(step * 1000 - 1, after: last, time: UTCTime(seconds: step))
      let signed = try header(step * 1000, after: unseen, time: UTCTime(seconds: step))
      #expect(ledger.order(of: signed).isTaken)
      ledger.note(signed, received: 0)
      ledger.change(step * 1000) { $0.isKept = false }
      last = signed
    }
    #expect(ledger.entries.count == ParcelLedger.maximumEntries)
    #expect(ledger.missing.ranges.count == ParcelLedger.maximumMissing)
    #expect(ledger.order(of: try header(1000, after: nil, time: 1)) == .tooOld)
    let answer = try #require(ledger.answer)
    #expect(answer.taken.count == 500 && answer.missing.count == 100)
    #expect(ParcelAnswer(answer.object) == answer)
    #expect(JSONValue.object(answer.object).canonical.count < 64 << 10)
  }
}
