import ContentStore
import Foundation
import MirrorTypes
import StrictJSON
import TestSupport
import Testing
import Trust

@testable import JobCore
@testable import Sites

/// Receipts: what is signed is what is read, and nothing else is.
@Suite struct ReceiptTests {
  private static func digest(_ byte: UInt8) -> ObjectDigest {
    guard let digest = ObjectDigest(bytes: [UInt8](repeating: byte, count: 32)) else { preconditionFailure() }
    return digest
  }

  static func receipt(
    number: Int64 = 7,
    time: UTCTime = UTCTime(seconds: 1_795_470_000),
    current: Int? = 42,
    held: [Int] = [42, 41, 40]
  ) -> Receipt {
    guard let root = Fingerprint(digest(0xAB).hex) else { preconditionFailure() }
    return Receipt(
      site: "plant-7",
      number: number,
      time: time,
      current: current.map { .init(snapshot: $0, tree: digest(UInt8($0)), created: 1_795_400_000) },
      held: held.map { .init(snapshot: $0, tree: digest(UInt8($0))) },
      metadataVersion: 12,
      root: root,
      freeBytes: 1 << 33,
      bundleFormat: 2,
      program: "kscmirror 0.1.0"
    )
  }

  private let key = SigningKey()

  @Test func `what is signed is what is read`() throws {
    var bare = Self.receipt(current: nil, held: [])
    bare.metadataVersion = nil
    for receipt in [Self.receipt(), bare] {
      let signed = try SignedReceipt(receipt, key: key)
      let read = try SignedReceipt(parsing: signed.serialized, at: "test")
      #expect(read.receipt == receipt)
      #expect(read.fingerprint == signed.fingerprint && read.fingerprint.digest.hex == key.id)
      #expect(read.isSame(as: signed))
    }
  }

  @Test func `each flipped bit is refused, or leaves the meaning as it was`() throws {
    let signed = try SignedReceipt(Self.receipt(), key: key)
    let bytes = signed.serialized
    var refused = 0
    for place in bytes.indices {
      for bit in 0..<8 {
        var changed = bytes
        changed[place] ^= 1 << UInt8(bit)
        do {
          let read = try SignedReceipt(parsing: changed, at: "test")
          #expect(read.receipt == signed.receipt && read.fingerprint == signed.fingerprint)
        } catch {
          #expect(JobError(error).status == .badReceipt)
          refused += 1
        }
      }
    }
    #expect(refused > bytes.count * 7)
  }

  @Test func `a receipt is signed by the key that it carries, once, and is of its kind`() throws {
    let fields = Self.receipt().object
    let other = try SignedStatement(fields, kind: "kscmirror parcel", signedBy: key)
    #expect(throws: JobError.self) { try SignedReceipt(parsing: other.serialized, at: "test") }
    let good = try SignedStatement(fields, kind: Receipt.kind, signedBy: key)
    // Another key signs what carries this one.
    var stolen = SignedMetadata(good.fields)
    let thief = SigningKey()
    try stolen.sign(with: thief)
    #expect(throws: JobError.self) { try SignedReceipt(parsing: stolen.serialized, at: "test") }
    try stolen.sign(with: key)
    #expect(throws: JobError.self) { try SignedReceipt(parsing: stolen.serialized, at: "test") }
    // A key that is spelt in another way would have another fingerprint.
    var spelt = good.fields
    var keyObject = good.key
    keyObject["x"] = 1
    spelt["key"] = .object(keyObject)
    var signed = SignedMetadata(spelt)
    try signed.sign(with: key)
    #expect(throws: JobError.self) { try SignedReceipt(parsing: signed.serialized, at: "test") }
  }

  @Test(
    arguments: [
      ("site", ".."), ("site", "a/b"), ("site", ""), ("site", .string(String(repeating: "a", count: 65))),
      ("number", 0), ("number", .integer(.max)), ("number", "7"), ("time", "yesterday"), ("time", 5),
      ("format", 2), ("format", 0), ("root", "ab"), ("free-bytes", -1), ("bundle-format", 0),
      ("program", .string(String(repeating: "x", count: 101))), ("metadata-version", 0), ("current", .null),
      ("current", .object(["snapshot": 0])), ("held", .object([:])), ("held", .array([1])),
    ] as [(String, JSONValue)]
  )
  func `a field beyond its bounds is refused, also when it is signed`(_ name: String, _ value: JSONValue) throws {
    var fields = Self.receipt().object
    fields[name] = value
    let bytes = try SignedStatement(fields, kind: Receipt.kind, signedBy: key).serialized
    let error = #expect(throws: JobError.self) { try SignedReceipt(parsing: bytes, at: "test") }
    #expect(error?.status == .badReceipt)
  }

  @Test func `no more snapshots are listed than a receipt may have, and none twice`() throws {
    for held in [Array(1...52), [5, 5]] {
      let bytes = try SignedReceipt(Self.receipt(held: held), key: key).serialized
      #expect(throws: JobError.self) { try SignedReceipt(parsing: bytes, at: "test") }
    }
    let most = try SignedReceipt(Self.receipt(held: Array(1...51)), key: key).serialized
    #expect(try SignedReceipt(parsing: most, at: "test").receipt.held.count == 51)
  }

  @Test func `a file that is too long, a link or a folder is no receipt`() throws {
    let folder = TemporaryFolder()
    let long = folder["long.json"]
    try Data(repeating: 0x20, count: Receipt.maximumSize + 1).write(to: URL(fileURLWithPath: long.string))
    try FileManager.default.createSymbolicLink(atPath: folder["link.json"].string, withDestinationPath: "long.json")
    for path in [long, folder["link.json"], folder.path] {
      let error = #expect(throws: JobError.self) { try SignedReceipt(reading: path) }
      #expect(error?.status == .badReceipt)
    }
    let none = #expect(throws: (any Error).self) { try SignedReceipt(reading: folder["none.json"]) }
    #expect(none.map { JobError($0).status } == .notThere)
  }
}
