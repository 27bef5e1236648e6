import MirrorTypes
import TestSupport
import Testing

@testable import Trust

/// Changes parcels at random: see `Fuzz`.
@Suite struct ParcelFuzzTests {
  private static let mutator = Mutator(
    [
      "{", "}", ",", "\"number\":1,", "\"site\":\"..\",", "\"carries\":[],", "99999999999999999999", "\\u0000", "\n\n",
      "  ",
      "../", "\u{202E}",
    ],
    longest: 200,
    mostChanges: 4
  )

  @Test func `no changed header of a parcel verifies, unless it says the same`() throws {
    let parcel = try MadeParcel(Array("content".utf8))
    let signed = try parcel.signed()
    let bytes = signed.serialized
    let signers: Set = [try #require(Fingerprint(MadeParcel.signer.id))]
    var (tried, read, believed) = (0, 0, 0)
    for round in Fuzz.rounds("headers of parcels", 3000) {
      var (changed, random) = (bytes, round.random)
      changed = Self.mutator.changed(changed, &random)
      tried += 1
      do throws(ParcelError) {
        let header = try SignedParcelHeader(parsing: changed, going: .fromSite)
        read += 1
        try header.verify(site: "plant-7", number: 12, signers: signers)
        believed += 1
        #expect(header.digest == signed.digest, "\(round)")
      } catch {
        continue
      }
    }
    // In a few hundred rounds it may be that none can be read.
    #expect((read > 0 || tried < 3000) && believed < tried / 2)
  }

  @Test func `a changed list of contents is refused, or names distinct files below its kinds' folders`() throws {
    let parcel = try MadeParcel(Array("content".utf8))
    let kinds = parcel.header.carries
    var (tried, read) = (0, 0)
    for round in Fuzz.rounds("contents of parcels", 3000) {
      var (changed, random) = (parcel.contents, round.random)
      changed = Self.mutator.changed(changed, &random)
      tried += 1
      guard let list = try? ParcelContents(parsing: changed, carrying: kinds) else { continue }
      read += 1
      #expect(list.files.allSatisfy { file in kinds.contains(where: file.isOf) && file.size >= 0 }, "\(round)")
      #expect(Set(list.files.map(\.path)).count == list.files.count, "\(round)")
    }
    #expect(read > 0 && read < tried)
  }

  @Test func `no changed payload opens`() throws {
    let plain = Array("content of a parcel".utf8)
    let parcel = try MadeParcel(plain)
    for round in Fuzz.rounds("payloads of parcels", 1500) {
      var random = round.random
      var changed = parcel.payload
      changed = Self.mutator.changed(changed, &random)
      let other = parcel.carrying(changed)
      do {
        #expect(try other.opened() == plain && changed == parcel.payload, "\(round)")
      } catch is ParcelError {}
    }
  }
}
