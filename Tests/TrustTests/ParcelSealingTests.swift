import Foundation
import MirrorTypes
import StrictJSON
import TestSupport
import Testing

@testable import Trust

/// What is sealed can be opened by one key, as it was and nowhere else.
@Suite struct ParcelSealingTests {
  private func bytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var random = SeededGenerator(seed)
    let words = (0...count / 8).map { _ in random.next() }
    return words.withUnsafeBytes { Array($0.prefix(count)) }
  }

  /// Whether an error is about the sealed content.
  private func isPayload(_ error: ParcelError?) -> Bool { if case .alteredPayload = error { true } else { false } }

  @Test(arguments: [0, 1, 1000, MadeParcel.chunk - 1, MadeParcel.chunk, MadeParcel.chunk + 1, 2 * MadeParcel.chunk])
  func `what is sealed is what is opened, around each border of a chunk`(_ count: Int) throws {
    let plain = bytes(count)
    let parcel = try MadeParcel(plain)
    #expect(try parcel.opened() == plain)
    let chunks = max(1, (count + MadeParcel.chunk - 1) / MadeParcel.chunk)
    #expect(parcel.chunks.count == chunks)
    #expect(parcel.payload.count == count + 16 * chunks)
    #expect(parcel.header.payload == .init(of: parcel.payload))
  }

  @Test func `whoever reads the manual can open a parcel`() throws {
    let plain = bytes(2 * MadeParcel.chunk + 5)
    let parcel = try MadeParcel(plain)
    let signed = try parcel.signed()
    let opener = try IndependentOpener(
      seed: [UInt8](1...32),
      encapsulated: parcel.header.encapsulatedKey,
      info: #"{"format":1,"kind":"kscmirror parcel payload","number":12,"sealed-to":"\#(MadeParcel.key.id)","#
        + #""signer":"\#(signed.signer.digest.hex)","site":"plant-7"}"#
    )
    var opened: [UInt8] = []
    for (index, chunk) in parcel.chunks.enumerated() {
      let data: [UInt8] = [0, 0, 0, 0, 0, 0, 0, UInt8(index), index == parcel.chunks.count - 1 ? 1 : 0]
      opened += try opener.open(chunk, number: index, associated: data)
    }
    #expect(opened == plain)
  }

  @Test func `each flipped bit of the sealed content is refused`() throws {
    let parcel = try MadeParcel(bytes(40))
    for place in parcel.payload.indices {
      for bit in 0..<8 {
        var changed = parcel
        changed.payload[place] ^= 1 << UInt8(bit)
        let error = #expect(throws: ParcelError.self) { try changed.opened() }
        #expect(isPayload(error))
      }
    }
  }

  @Test func `flipped bits around the borders of chunks are refused, also when the digest is signed again`() throws {
    let parcel = try MadeParcel(bytes(2 * MadeParcel.chunk + 40))
    let size = MadeParcel.chunk + 16
    var random = SeededGenerator(3)
    let places = [0, size - 17, size - 16, size - 1, size, 2 * size - 1, 2 * size, parcel.payload.count - 1]
    for place in places {
      var payload = parcel.payload
      payload[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      for changed in [parcel.carrying(payload)] {
        let error = #expect(throws: ParcelError.self) { try changed.opened() }
        #expect(isPayload(error))
      }
    }
  }

  @Test func `chunks in another order, twice or left out are refused, also when the digest is signed again`() throws {
    let parcel = try MadeParcel(bytes(3 * MadeParcel.chunk))
    let chunks = parcel.chunks
    try #require(chunks.count == 3)
    for order in [[1, 0, 2], [0, 2, 1], [0, 0, 2], [0, 1], [0, 2], [0], [1, 2], [0, 1, 2, 2], [0, 1, 1, 2]] {
      let changed = parcel.carrying(order.flatMap { chunks[$0] })
      let error = #expect(throws: ParcelError.self) { try changed.opened() }
      #expect(isPayload(error), "\(order)")
    }
  }

  @Test func `content of any length is refused that was cut, as cut short by a reader and as altered if signed again`()
    throws
  {
    let parcel = try MadeParcel(bytes(MadeParcel.chunk + 100))
    for count in [0, 1, 15, 16, 17, MadeParcel.chunk + 15, MadeParcel.chunk + 16, parcel.payload.count - 1] {
      var cut = parcel
      cut.payload = Array(parcel.payload.prefix(count))
      #expect(throws: ParcelError.cutShort(has: Int64(count), of: Int64(parcel.payload.count))) { try cut.opened() }
      let error = #expect(throws: ParcelError.self) { try parcel.carrying(cut.payload).opened() }
      #expect(isPayload(error), "\(count)")
    }
    let error = #expect(throws: ParcelError.self) { try parcel.carrying(parcel.payload + [0]).opened() }
    #expect(isPayload(error))
  }

  @Test func `another key opens nothing, also under the name of the right one`() throws {
    let parcel = try MadeParcel(bytes(100))
    let other = SealingKey()
    #expect(throws: ParcelError.wrongKey(sealedTo: MadeParcel.key.id)) { try parcel.opened(key: other) }
    var renamed = parcel
    renamed.header.sealedTo = other.id
    let error = #expect(throws: ParcelError.self) { try renamed.opened(key: other) }
    #expect(isPayload(error))
  }

  @Test func `content cannot be passed off as another parcel's, another site's or another sender's`() throws {
    let parcel = try MadeParcel(bytes(100))
    var number = parcel
    number.header.number = 13
    var site = parcel
    site.header.site = "plant-8"
    for changed in [try number.signed(), try site.signed(), try parcel.signed(by: .made(8))] {
      let error = #expect(throws: ParcelError.self) { try parcel.opened(changed) }
      #expect(isPayload(error))
    }
  }

  @Test func `two sealings of the same have nothing in common`() throws {
    let plain = bytes(1000)
    let (one, two) = (try MadeParcel(plain), try MadeParcel(plain))
    #expect(one.header.encapsulatedKey != two.header.encapsulatedKey)
    #expect(zip(one.payload, two.payload).count { $0 == $1 } < 30)
  }

  @Test func `a key of small order, which would seal to everybody, is refused`() throws {
    for hex in [String(repeating: "0", count: 64), "01" + String(repeating: "0", count: 62)] {
      var object = MadeParcel.key.publicKey.object
      object["keyval"] = .object(["public": .string(hex)])
      guard let key = SealingPublicKey(object) else { continue }
      let signer = try #require(Fingerprint(MadeParcel.signer.id))
      #expect(throws: ParcelError.unusableKey) {
        _ = try ParcelSealer(to: key, site: "a", number: 1, signer: signer)
      }
    }
  }

  @Test func `a sealing key is kept in a file of its own kind, and is no signing key`() throws {
    let file = KeyFile(MadeParcel.key, created: 5)
    let read = try KeyFile(parsing: file.serialized)
    #expect(read.role == "sealing" && read.created == 5 && !read.isSealed)
    #expect(try read.sealingKey().id == MadeParcel.key.id)
    #expect(throws: KeyError.self) { try read.unlock(passphrase: nil) }
    let signing = try KeyFile(SigningKey(), role: "sealing", created: 5, passphrase: nil)
    #expect(throws: KeyError.self) { try signing.sealingKey() }
    let other = try KeyFile(SigningKey(), role: "targets", created: 5, passphrase: nil)
    #expect(throws: KeyError.self) { try other.sealingKey() }
  }

  @Test func `the public part of a sealing key is read as it was written, and nothing else is`() throws {
    let key = MadeParcel.key.publicKey
    #expect(SealingPublicKey(key.object) == key && SealingPublicKey.isKnown(key.object))
    for (name, value) in [("keytype", "ed25519"), ("scheme", "hpke-mlkem"), ("keyval", "x")] as [(String, JSONValue)] {
      var object = key.object
      object[name] = value
      #expect(SealingPublicKey(object) == nil)
    }
    for hex in ["", "00", String(repeating: "g", count: 64), String(repeating: "a", count: 66)] {
      var object = key.object
      object["keyval"] = .object(["public": .string(hex)])
      #expect(SealingPublicKey(object) == nil && SealingPublicKey.isKnown(object))
    }
  }
}
