import Foundation
import MirrorTypes
import StrictJSON
import TestSupport
import Testing

@testable import Trust

/// What a site signs of a parcel is what is read, and nothing else is.
@Suite struct ParcelHeaderTests {
  private let parcel: MadeParcel

  init() throws { parcel = try MadeParcel([1, 2, 3]) }

  private func isOfKind(_ error: ParcelError?, _ isWanted: (ParcelError) -> Bool) -> Bool {
    error.map(isWanted) ?? false
  }

  @Test func `what is signed is what is read`() throws {
    var first = parcel.header
    first.previous = nil
    first.number = 1
    for header in [parcel.header, first] {
      let signed = try SignedParcelHeader(header, key: MadeParcel.signer)
      let read = try SignedParcelHeader(parsing: signed.serialized, going: .fromSite)
      #expect(read.header == header && read.digest == signed.digest)
      #expect(read.signer.digest.hex == MadeParcel.signer.id)
      try read.verify(site: "plant-7", number: header.number, signers: [read.signer])
    }
  }

  @Test func `each flipped bit of a header is refused, or leaves the meaning as it was`() throws {
    let signed = try parcel.signed()
    let bytes = signed.serialized
    var refused = 0
    for place in bytes.indices {
      for bit in 0..<8 {
        var changed = bytes
        changed[place] ^= 1 << UInt8(bit)
        do throws(ParcelError) {
          let read = try SignedParcelHeader(parsing: changed, going: .fromSite)
          #expect(read.header == signed.header && read.signer == signed.signer && read.digest == signed.digest)
        } catch {
          guard case .alteredHeader = error else {
            Issue.record("\(error)")
            continue
          }
          refused += 1
        }
      }
    }
    #expect(refused > bytes.count * 7)
  }

  @Test func `a parcel of another site, of another number or of another key is told apart`() throws {
    let signed = try parcel.signed()
    #expect(throws: ParcelError.otherSite("plant-7", expected: "plant-8")) {
      try signed.verify(site: "plant-8", number: 12, signers: [signed.signer])
    }
    #expect(throws: ParcelError.otherNumber(12, expected: 13)) {
      try signed.verify(site: "plant-7", number: 13, signers: [signed.signer])
    }
    let other = Set([Fingerprint(SigningKey.made(9).id)].compactMap { $0 })
    #expect(throws: ParcelError.otherSigner(signed.signer)) {
      try signed.verify(site: "plant-7", number: 12, signers: other)
    }
  }

  @Test func `a receipt cannot be passed off as a parcel`() throws {
    let receipt = try SignedStatement(parcel.header.object, kind: "kscmirror receipt", signedBy: MadeParcel.signer)
    #expect(throws: ParcelError.self) { try SignedParcelHeader(parsing: receipt.serialized, going: .fromSite) }
  }

  @Test func `a parcel cannot be passed off as a delivery, nor a delivery as a parcel`() throws {
    for (direction, other) in [(ParcelDirection.fromSite, ParcelDirection.toSite), (.toSite, .fromSite)] {
      var header = parcel.header
      header.direction = direction
      let bytes = try SignedParcelHeader(header, key: MadeParcel.signer).serialized
      #expect(try SignedParcelHeader(parsing: bytes, going: direction).header.direction == direction)
      let error = #expect(throws: ParcelError.self) { try SignedParcelHeader(parsing: bytes, going: other) }
      #expect(isOfKind(error) { if case .alteredHeader = $0 { true } else { false } })
    }
  }

  @Test func `a delivery that is signed by a new key stays the same, and a parcel does not`() throws {
    for direction in [ParcelDirection.fromSite, .toSite] {
      var header = parcel.header
      header.direction = direction
      let first = try SignedParcelHeader(header, key: MadeParcel.signer)
      let second = try SignedParcelHeader(header, key: .made(9))
      #expect(first.signer != second.signer)
      #expect((first.digest == second.digest) == (direction == .toSite))
      header.number += 1
      #expect(try SignedParcelHeader(header, key: MadeParcel.signer).digest != first.digest)
    }
  }

  @Test(
    arguments: [
      ("format", 0), ("format", "1"), ("site", ".."), ("site", "a/b"), ("site", ""), ("site", "-a"),
      ("number", 0), ("number", .integer(1 << 49)), ("time", 5), ("carries", .array([])), ("carries", "licence"),
      ("carries", .array(["licence", "licence"])), ("carries", .array(["../x"])), ("carries", .array(["exchange:"])),
      ("carries", .array(["exchange:../../etc"])), ("carries", .array(["a:b:c"])),
      ("carries", .array((0..<101).map { .string("exchange:\($0)") })),
      ("sealed-to", "ab"), ("encapsulated-key", "ab"), ("encapsulated-key", .null),
      ("payload", .object(["size": 15, "sha256": .string(String(repeating: "0", count: 64))])),
      ("payload", .object(["size": .integer(1_048_592 + 16), "sha256": .string(String(repeating: "0", count: 64))])),
      ("payload", .object(["size": .integer(.max), "sha256": .string(String(repeating: "0", count: 64))])),
      ("payload", .object(["size": 100])), ("contents", .object([:])),
      ("contents", .object(["size": .integer(17 << 20), "sha256": .string(String(repeating: "0", count: 64))])),
      ("previous", .object(["number": 12, "sha256": .string(String(repeating: "0", count: 64))])),
      ("previous", .object(["number": 0, "sha256": .string(String(repeating: "0", count: 64))])), ("previous", .null),
      ("program", .string(String(repeating: "x", count: 101))),
    ] as [(String, JSONValue)]
  )
  func `a field beyond its bounds is refused, also when it is signed`(_ name: String, _ value: JSONValue) throws {
    var fields = parcel.header.object
    fields[name] = value
    let bytes = try SignedStatement(fields, kind: ParcelHeader.kind(.fromSite), signedBy: MadeParcel.signer).serialized
    let error = #expect(throws: ParcelError.self) { try SignedParcelHeader(parsing: bytes, going: .fromSite) }
    #expect(isOfKind(error) { if case .notAParcel = $0 { true } else { false } }, "\(String(describing: error))")
  }

  @Test func `a newer format is refused by that name`() throws {
    var fields = parcel.header.object
    fields["format"] = 2
    let bytes = try SignedStatement(fields, kind: ParcelHeader.kind(.fromSite), signedBy: MadeParcel.signer).serialized
    #expect(throws: ParcelError.tooNew(2)) { try SignedParcelHeader(parsing: bytes, going: .fromSite) }
  }

  // MARK: - The list of contents

  @Test func `the list of contents is read as it was written, and each flipped bit is refused`() throws {
    let signed = try parcel.signed()
    #expect(try signed.contents(parcel.contents).files == MadeParcel.files)
    for place in parcel.contents.indices {
      for bit in 0..<8 {
        var changed = parcel.contents
        changed[place] ^= 1 << UInt8(bit)
        let error = #expect(throws: ParcelError.self) { try signed.contents(changed) }
        #expect(
          isOfKind(error) { if case .alteredContents = $0 { true } else { false } },
          "\(String(describing: error))"
        )
      }
    }
    #expect(throws: ParcelError.self) { try signed.contents(parcel.contents.dropLast()) }
    #expect(throws: ParcelError.self) { try signed.contents(parcel.contents + [0x0A]) }
  }

  private static let digest = String(repeating: "a", count: 64)

  @Test(
    arguments: [
      "", "Parcel  1\n", "Parcel  1\n\n\(digest)  1  licence/a", "Parcel  1\n\n\(digest) 1 licence/a\n",
      "Parcel  1\n\n\(digest)  -1  licence/a\n", "Parcel  1\n\n\(digest)  01  licence/a\n",
      "Parcel  1\n\n\(digest)  1  ksn/a\n", "Parcel  1\n\n\(digest)  1  licence\n",
      "Parcel  1\n\n\(digest)  1  licence/../a\n", "Parcel  1\n\n\(digest)  1  /licence/a\n",
      "Parcel  1\n\n\(digest)  1  licence/a\n\n", "Parcel  1\n\n\(digest)  1  licence/a\u{1B}[2J\n",
      "Parcel  1\r\n\r\n\(digest)  1  licence/a\r\n", "Parcel  1\n\n\(digest)  9223372036854775807  licence/a\n",
      "Parcel  1\n\n\(digest)  1  licence/a\n\(digest)  1  licence/a\n",
      "Parcel  1\n\n\(digest)  1  licence/a/b\n\(digest)  1  licence/a\n",
    ]
  )
  func `a list that is none is refused, also when it is signed`(_ text: String) throws {
    var header = parcel.header
    header.contents = .init(of: Array(text.utf8))
    // A signed header that has no list at all cannot be read in the first place.
    let signed = try SignedParcelHeader(header, key: MadeParcel.signer)
    let error = #expect(throws: ParcelError.self) { try signed.contents(Array(text.utf8)) }
    #expect(isOfKind(error) { if case .alteredContents = $0 { true } else { false } }, "\(String(describing: error))")
  }

  @Test func `kinds lead to folders of their own`() {
    #expect(ParcelKind.licence.folder == "licence")
    #expect(ParcelKind.exchange("kpsn-2.x")?.folder == "exchange/kpsn-2.x")
    for text in ["", ":", "a:", "A", "a b", "a/b", "exchange:.", "exchange:-a", "exchange:a/b", "exchange:é"] {
      #expect(ParcelKind(rawValue: text) == nil, "\(text)")
    }
    #expect(ParcelContents([MadeParcel.files[0], MadeParcel.files[0]]) == nil)
  }
}
