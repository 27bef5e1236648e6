import Foundation
import MirrorTypes
import TestSupport
import Testing
import UpdateServerDouble

@testable import VendorSignatures

/// Index signatures that the tests make themselves, in the vendor's form.
@Suite struct IndexSignatureTests {
  private static let time = UTCTime(seconds: 1_762_821_000)
  private let signer: VendorSigner
  private let trust: VendorTrust
  private let text = Array("<Update\r\n\tDate=\"11112025 0026\"\r\n\tObjectType=\"2=KDB;3=BASE\">\r\n</Update>".utf8)

  init() throws {
    signer = try VendorSigner(seed: 5)
    trust = VendorTrust(intermediates: Set(try signer.intermediates.map { try #require(GOSTPublicKey(hex: $0)) }))
  }

  private func signed(_ flaws: VendorSigner.Flaws = .init()) throws -> [UInt8] {
    try signer.sign(text, name: "kdb-1901g.xml", objectType: "2=KDB;3=BASE", time: Self.time.seconds, flaws: flaws)
  }

  private func failure(
    _ bytes: [UInt8],
    name: String = "kdb-1901g.xml",
    objectType: String? = "2=KDB;3=BASE",
    trust: VendorTrust? = nil
  ) -> VendorSignatureError? {
    do throws(VendorSignatureError) {
      _ = try (trust ?? self.trust).verify(index: bytes, name: name, objectType: objectType)
      return nil
    } catch {
      return error
    }
  }

  @Test func `a good signature verifies, and says who signed when and what`() throws {
    let verified = try trust.verify(index: signed(), name: "kdb-1901g.xml", objectType: "2=KDB;3=BASE")
    #expect(verified.signer == "compid=KDB_type=BASE")
    #expect(verified.signedAt == Self.time)
    #expect(verified.signedBytes == text.count)
    // The name is signed without regard to case.
    #expect(try failure(signed(), name: "KDB-1901G.XML") == nil)
  }

  @Test func `another name, another type, other authorities are refused`() throws {
    let bytes = try signed()
    #expect(failure(bytes, name: "kdb-1902g.xml") == .wrongDigest)
    #expect(
      failure(bytes, objectType: "2=EMU;3=BASE")
        == .wrongSigner(signer: "compid=KDB_type=BASE", objectType: "2=EMU;3=BASE")
    )
    #expect(failure(bytes, objectType: nil) != nil)
    let other = try VendorSigner(seed: 6)
    let otherTrust = VendorTrust(intermediates: Set(other.intermediates.compactMap { GOSTPublicKey(hex: $0) }))
    guard case .unknownIntermediate = failure(bytes, trust: otherTrust) else { throw TestFailure("taken") }
    guard case .unknownIntermediate = failure(bytes, trust: .builtIn) else { throw TestFailure("taken") }
    // The authority for timestamps cannot stand in for the one for indexes, nor the other way round.
    for key in signer.intermediates {
      let half = VendorTrust(intermediates: Set([try #require(GOSTPublicKey(hex: key))]))
      guard case .unknownIntermediate = failure(bytes, trust: half) else { throw TestFailure("taken") }
    }
  }

  @Test func `a certificate for another type, of a foreign issuer, or out of date is refused`() throws {
    var flaws = VendorSigner.Flaws()
    flaws.objectType = "2=EMU;3=BASE"
    #expect(
      try failure(signed(flaws)) == .wrongSigner(signer: "compid=EMU_type=BASE", objectType: "2=KDB;3=BASE")
    )
    flaws = .init()
    flaws.foreignIssuer = true
    #expect(try failure(signed(flaws)) == .wrongCertificateSignature("compid=KDB_type=BASE"))
    flaws = .init()
    flaws.leafExpires = Self.time.seconds - 1
    #expect(try failure(signed(flaws)) == .notValidThen(certificate: "compid=KDB_type=BASE", time: Self.time))
    flaws.leafExpires = Self.time.seconds + 1
    #expect(try failure(signed(flaws)) == nil)
  }

  @Test func `a timestamp that is missing or over something else is refused`() throws {
    var flaws = VendorSigner.Flaws()
    flaws.withoutTimestamp = true
    guard case .wrongTimestamp = try failure(signed(flaws)) else { throw TestFailure("taken") }
    flaws = .init()
    flaws.foreignTimestamp = true
    guard case .wrongTimestamp = try failure(signed(flaws)) else { throw TestFailure("taken") }
  }

  @Test func `no signature at all, and one cut short at any length, are refused`() throws {
    let bytes = try signed()
    #expect(failure(text) == .missing)
    #expect(failure([]) == .missing)
    for count in stride(from: 0, to: bytes.count, by: 7) {
      #expect(failure(Array(bytes[..<count])) != nil)
    }
  }

  @Test func `every flipped byte is found, and told by where it is`() throws {
    let bytes = try signed()
    for position in bytes.indices {
      var changed = bytes
      changed[position] ^= 0x01
      let found = try #require(failure(changed), "byte \(position)")
      switch position {
      case ..<text.count: #expect(found == .wrongDigest, "byte \(position)")
      case ..<(text.count + 4): #expect(found == .missing, "byte \(position)")
      case ..<(text.count + 20):
        #expect([.trailerMalformed, .wrongChecksum, .missing].contains(found), "byte \(position)")
      case ..<(bytes.count - 2): #expect(found == .wrongChecksum, "byte \(position)")
      default: #expect(found == .missing, "byte \(position)")
      }
    }
  }

  @Test func `whoever mends the checksum gains nothing where anything is relied on`() throws {
    let bytes = try signed()
    let start = text.count + 20
    let der = Array(bytes[start..<(bytes.count - 2)])
    // The made-up authorities' own certificates are issued by a root that nobody has: their keys are pinned, not their
    // bytes.
    let unprotected = Self.certificates(in: der, named: ["3520p1_KL", "3520p1_KL_Timestamp"])
    #expect(unprotected.count == 2)
    var reasons = Set<String>()
    for position in stride(from: 0, to: der.count, by: 5) {
      var changed = der
      changed[position] ^= 0x04
      let whole = text + Array("\r\n=!".utf8) + VendorSigner.header(of: changed) + changed + Array("%%".utf8)
      let found = failure(whole)
      if let found { reasons.insert("\(found)".prefix { $0 != "(" }.description) }
      #expect(found != nil || unprotected.contains { $0.contains(position) }, "byte \(position)")
    }
    #expect(reasons.count >= 6, "\(reasons)")
  }

  /// Where the certificates stand whose subject (their last common name) is one of these.
  private static func certificates(in der: [UInt8], named names: [String]) -> [Range<Int>] {
    // A certificate of the signer's begins with the version, `A0 03 02 01 02`, eight bytes behind its start.
    let mark: [UInt8] = [0xA0, 0x03, 0x02, 0x01, 0x02]
    let starts = der.indices.filter { der[$0...].starts(with: mark) }.map { $0 - 8 }
    return starts.compactMap { start in
      let count = Int(der[start + 2]) << 8 | Int(der[start + 3])
      let range = start..<(start + 4 + count)
      let isLeaf = ["compid=", "type=Timestamp"].contains { Data(der[range]).range(of: Data($0.utf8)) != nil }
      return isLeaf ? nil : range
    }
  }

  @Test func `mutated signatures neither crash nor verify`() throws {
    let bytes = try signed()
    let start = text.count + 20
    let der = Array(bytes[start..<(bytes.count - 2)])
    let unprotected = Self.certificates(in: der, named: [])
    for round in Fuzz.rounds("signatures of indexes", 3000) {
      var random = round.random
      var changed = der
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let position = Int.random(in: 0..<changed.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: changed[position] = UInt8.random(in: 0...255, using: &random)
        case 1: changed.removeSubrange(position..<min(changed.count, position + Int.random(in: 1...9, using: &random)))
        case 2: changed.insert(UInt8.random(in: 0...255, using: &random), at: position)
        default: changed.replaceSubrange(position..., with: changed[position...].shuffled(using: &random).prefix(20))
        }
        if changed.isEmpty { changed = [0] }
      }
      let whole = text + Array("\r\n=!".utf8) + VendorSigner.header(of: changed) + changed + Array("%%".utf8)
      guard failure(whole) == nil else { continue }
      let places = changed.count == der.count ? der.indices.filter { changed[$0] != der[$0] } : Array(der.indices)
      let relied = places.filter { place in !unprotected.contains { $0.contains(place) } }
      let values = relied.prefix(20).map { "\($0): \(der[$0]) is \(changed.indices.contains($0) ? changed[$0] : 0)" }
      #expect(relied.isEmpty, "\(round): \(der.count) bytes are \(changed.count); \(values)")
    }
  }

  @Test func `keys are read from 128 digits only`() {
    #expect(GOSTPublicKey(hex: String(repeating: "ab", count: 64))?.description == String(repeating: "ab", count: 64))
    #expect(GOSTPublicKey(hex: String(repeating: "ab", count: 63)) == nil)
    #expect(GOSTPublicKey(hex: String(repeating: "zz", count: 64)) == nil)
  }
}

/// The signatures of a real mirror.
@Suite(.enabled(if: RealSamples.areThere, Comment(rawValue: RealSamples.absence)))
struct RealSignatureTests {
  @Test func `all 578 signatures of 2025 verify: those of 577 indexes, and one over a list that is none`() throws {
    let tree = try RealTree(2025)
    let signed = tree.indexes().filter { _, bytes in
      Data(bytes).range(of: Data("\r\n=!".utf8)) != nil && bytes.reversed().starts(with: "%%".utf8)
    }
    #expect(signed.count == 577)
    // The list's signature covers its content without its name.
    let list = try #require(tree.bytes(of: "updates/wlst/wlst.xml"))
    let trailer = try IndexTrailer(list)
    let digest = try Streebog256.digest(of: list[..<trailer.signedCount])
    #expect(try VendorTrust.builtIn.verify(trailer, digest: digest).signer == "compid=PRODUCTANY_type=BIN")
    for (path, bytes) in signed {
      let name = String(path.split(separator: "/").last ?? "")
      let type = try #require(Self.objectType(bytes))
      #expect(throws: Never.self, "\(path)") {
        _ = try VendorTrust.builtIn.verify(index: bytes, name: name, objectType: type)
      }
    }
  }

  @Test func `a flipped byte in a real index, certificate or signature is found`() throws {
    let tree = try RealTree(2025)
    let bytes = try #require(tree.bytes(of: "updates/adbu/adbu-1901g.xml"))
    let type = try #require(Self.objectType(bytes))
    for position in stride(from: 0, to: bytes.count, by: 3) {
      var changed = bytes
      changed[position] ^= 0x20
      #expect(throws: VendorSignatureError.self, "byte \(position)") {
        try VendorTrust.builtIn.verify(index: changed, name: "adbu-1901g.xml", objectType: type)
      }
    }
  }

  @Test func `whoever mends the checksum of a real signature gains nothing anywhere in it`() throws {
    let tree = try RealTree(2025)
    let bytes = try #require(tree.bytes(of: "updates/adbu/adbu-1901g.xml"))
    let type = try #require(Self.objectType(bytes))
    let signed = try IndexTrailer(bytes)
    let text = Array(bytes[..<signed.signedCount])
    var free: [Int] = []
    for position in stride(from: 0, to: signed.der.count, by: 2) {
      var changed = signed.der
      changed[position] ^= 0x04
      let whole = text + Array("\r\n=!".utf8) + VendorSigner.header(of: changed) + changed + Array("%%".utf8)
      let trust = VendorTrust(intermediates: VendorTrust.builtIn.intermediates, roots: VendorTrust.builtIn.roots)
      if (try? trust.verify(index: whole, name: "adbu-1901g.xml", objectType: type)) != nil { free.append(position) }
    }
    #expect(free == [])
  }

  private static func objectType(_ bytes: [UInt8]) -> String? {
    let text = String(decoding: bytes.prefix(4096), as: UTF8.self)
    return text.firstMatch(of: /ObjectType="([^"]*)"/).map { String($0.1) }
  }
}
