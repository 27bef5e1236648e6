import BundleFormat
import Foundation
import JobDoubles
import MirrorConfiguration
import MirrorTypes
import SystemPackage
import TestSupport
import Testing
import Trust

@testable import JobCore
@testable import Parcels
@testable import Sites
@testable import StoreTrust

/// A site and a connected side that know each other, with a medium between them.
final class ParcelWay {
  let folder = TemporaryFolder()
  let site: String
  let told = Told()
  let clock = HandClock()

  var isolated: FilePath { folder["isolated"] }
  var connected: FilePath { folder["connected"] }
  var medium: FilePath { folder["medium"] }

  init(site: String = "plant-7") throws {
    self.site = site
    for name in ["isolated/trust", "connected", "medium"] { _ = try folder.subfolder(name) }
    try introduce()
    try exchange()
  }

  /// What jobs on one of the sides have at hand.
  func context(_ store: FilePath, _ parcels: ParcelSettings = ParcelSettings()) -> JobContext {
    .test(store, told, clock: clock) { $0.parcels = parcels }
  }

  /// Makes the site known on the connected side by the key that it has now.
  func introduce() throws {
    let key = try SiteKey(in: context(isolated)).readOrMake()
    let known = KnownSite(
      name: site,
      fingerprint: try #require(Fingerprint(key.id)),
      since: clock.now,
      highest: 0,
      receipts: [],
      packed: nil
    )
    try SiteRegistry(store: connected).files(site).save(known)
  }

  private var version: Int64 = 0

  /// What a bundle for the site would bring it: the sealing key, and which parcels have come.
  func exchange() throws {
    version += 1
    let word = try ParcelWord(context(connected), to: site, dryRun: false)
    let facts = BundleFacts(site: site, snapshot: 1, sealingKey: word.sealingKey, answer: word.answer)
    // As it is read of signed metadata.
    let metadata = try MetadataMaker.targets(
      MetadataHeader(version: 1, expires: 1),
      [],
      extensions: [SignedSnapshot.field: .object(facts.object)]
    )
    let read = try BundleFacts(TargetsMetadata(metadata.signed), at: "test")
    #expect(read == facts)
    try ParcelTrust(context(isolated)).note(read, version: version)
  }

  func outbox(_ settings: ParcelSettings = ParcelSettings()) throws -> ParcelOutbox {
    try ParcelOutbox(context(isolated, settings), site: site)
  }

  var inbox: ParcelInbox { ParcelInbox(context(connected)) }

  /// Makes a parcel with a document.
  @discardableResult
  func make(_ text: String = "hosts", _ settings: ParcelSettings = ParcelSettings()) throws -> SentParcel {
    try outbox(settings).make(carrying: [.licence]) { writer in
      try writer.add(Array(text.utf8), as: TreePath("hosts.json"), of: .licence)
    }
  }

  /// Where a parcel lies on the medium.
  func place(_ number: Int64) -> FilePath {
    medium.appending(ParcelNames(.fromSite, site: site, number: number).folder)
  }

  /// Takes in all that lies on the medium, or in one folder of it.
  @discardableResult
  func collect(_ settings: ParcelSettings = ParcelSettings(), from place: FilePath? = nil) throws
    -> ParcelCollecting.Outcome
  {
    try ParcelCollecting(context(connected, settings), .fromSite)
      .take(ParcelIntake.find(at: place ?? medium))
  }

  /// Carries one parcel, and nothing else.
  @discardableResult
  func carry(_ number: Int64, _ settings: ParcelSettings = ParcelSettings()) throws -> ParcelCollecting.Outcome {
    try emptyMedium()
    _ = try outbox().send([number], to: stick())
    return try collect(settings)
  }

  /// A folder that stands for a stick, opened.
  func stick(_ folder: FilePath? = nil) throws -> Medium {
    try Medium.open(folder ?? medium, .whereSticksAre, store: connected)
  }

  func emptyMedium() throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: medium.string) {
      try FileManager.default.removeItem(atPath: medium.appending(name).string)
    }
  }

  /// The stretches of numbers that have not come.
  func missing() throws -> [[Int64]] { try inbox.missing(of: site).first?.ranges ?? [] }

  /// The text of the document in a parcel that has come.
  func text(_ number: Int64) throws -> String {
    let documents = try inbox.open(site: site, number: number).documents(of: .licence, atMost: 1 << 20)
    return String(decoding: try #require(documents.first).bytes, as: UTF8.self)
  }

  /// Copies a whole store, as a backup does, or puts it back.
  func copy(_ from: String, to: String) throws {
    try? FileManager.default.removeItem(atPath: folder[to].string)
    try FileManager.default.copyItem(atPath: folder[from].string, toPath: folder[to].string)
  }

  /// All names below a folder, sorted.
  func names(below place: FilePath) -> [String] {
    (FileManager.default.enumerator(atPath: place.string)?.compactMap { $0 as? String } ?? []).sorted()
  }
}
