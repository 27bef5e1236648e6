import BundleFormat
import MirrorTypes
import StrictJSON
import Testing
import Trust

@testable import JobCore
@testable import StoreTrust

/// What a bundle tells of parcels is read within its bounds, and a bundle that tells nothing is read too.
@Suite struct BundleFactsTests {
  private func read(_ object: JSONObject) throws -> BundleFacts {
    let metadata = try MetadataMaker.targets(
      MetadataHeader(version: 1, expires: .epoch),
      [],
      extensions: [SignedSnapshot.field: .object(object)]
    )
    return try BundleFacts(TargetsMetadata(metadata.signed), at: "test")
  }

  /// As programs write it that know nothing of parcels.
  private let before: JSONObject = ["kind": "full", "snapshot": 42, "site": "plant-7"]
  private static let digest = JSONValue.string(String(repeating: "a", count: 64))

  @Test func `a bundle of a program from before is read, and what is new changes nothing else`() throws {
    let facts = try read(before)
    #expect(facts.sealingKey == nil && facts.answer == nil && facts.object == before)
    var told = facts
    told.sealingKey = SealingKey().publicKey
    told.answer = ParcelAnswer(highest: 12, missing: [3...3, 9...11], taken: [])
    #expect(try read(told.object) == told)
    var object = told.object
    #expect(object["format"] == nil, "programs from before can read it")
    object["sealing-key"] = nil
    object["parcels"] = nil
    #expect(object == before)
  }

  @Test func `the format is the lowest that a reader has to know`() throws {
    let digest = try #require(ObjectDigest(hex: String(repeating: "a", count: 64)))
    let base = BundleFacts.Base(number: 40, treeDigest: digest)
    let cases: [(base: BundleFacts.Base?, VolumeNaming, format: JSONValue?)] = [
      (nil, .plain, nil), (base, .plain, 2), (nil, .digest, 3), (base, .digest, 3),
    ]
    for (base, naming, format) in cases {
      let facts = BundleFacts(site: "plant-7", snapshot: 42, base: base, naming: naming)
      #expect(facts.object["format"] == format)
      #expect(try read(facts.object) == facts)
    }
    #expect(BundleFacts(site: nil, snapshot: 42, parity: 1, naming: .plain).object["format"] == 2)
    #expect(BundleFacts(site: nil, snapshot: 42).naming == .digest)
    var object = before
    object["format"] = .integer(BundleFacts.newestFormat + 1)
    let error = #expect(throws: JobError.self) { try read(object) }
    #expect(error?.status == .notABundle && error?.remedy?.contains("Update kscmirror") == true)
  }

  @Test func `a key of a kind that only newer programs know is ignored, one that is malformed refused`() throws {
    var object = before
    object["sealing-key"] = .object(["keytype": "mlkem", "scheme": "xwing", "keyval": .object([:])])
    #expect(try read(object).sealingKey == nil)
    var key = SealingKey().publicKey.object
    key["keyval"] = .object(["public": "00"])
    object["sealing-key"] = .object(key)
    let error = #expect(throws: JobError.self) { try read(object) }
    #expect(error?.status == .damagedBundle)
  }

  @Test(
    arguments: [
      "x", .object([:]), .object(["highest": -1, "missing": .array([]), "taken": .array([])]),
      .object(["highest": .integer(.max), "missing": .array([]), "taken": .array([])]),
      .object(["highest": 5, "missing": .array([.array([4, 6])]), "taken": .array([])]),
      .object(["highest": 5, "missing": .array([.array([0, 1])]), "taken": .array([])]),
      .object(["highest": 5, "missing": .array([.array([2, 1])]), "taken": .array([])]),
      .object(["highest": 5, "missing": .array([.array([2])]), "taken": .array([])]),
      .object(["highest": 5, "missing": .array([]), "taken": .array([.object(["number": 1, "sha256": "ab"])])]),
      .object(["highest": 5, "missing": .array([]), "taken": .array([.object(["number": 0, "sha256": Self.digest])])]),
      .object([
        "highest": 5, "missing": .array([JSONValue](repeating: .array([1, 1]), count: 101)), "taken": .array([]),
      ]),
      .object([
        "highest": 5, "missing": .array([]),
        "taken": .array([JSONValue](repeating: .object(["number": 1, "sha256": Self.digest]), count: 501)),
      ]),
    ] as [JSONValue]
  )
  func `an answer beyond its bounds is refused, also when it is signed`(_ value: JSONValue) throws {
    var object = before
    object["parcels"] = value
    let error = #expect(throws: JobError.self) { try read(object) }
    #expect(error?.status == .damagedBundle)
  }
}
