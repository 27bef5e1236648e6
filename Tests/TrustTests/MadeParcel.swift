import Foundation
import MirrorTypes

@testable import Trust

/// A parcel in memory, and what is needed to make and open others like it.
struct MadeParcel {
  static let signer = SigningKey.made(7)
  static let key: SealingKey = {
    guard let key = SealingKey(seed: [UInt8](1...32)) else { preconditionFailure("any 32 bytes are a seed") }
    return key
  }()
  static let chunk = ParcelChunks.plainSize

  var header: ParcelHeader
  var contents: [UInt8]
  var payload: [UInt8]

  /// Seals some bytes; the list of contents does not matter for them.
  init(
    _ plain: [UInt8],
    site: String = "plant-7",
    number: Int64 = 12,
    signer: SigningKey = signer,
    key: SealingKey = key
  ) throws {
    guard let fingerprint = Fingerprint(signer.id) else { throw ParcelError.unusableKey }
    var sealer = try ParcelSealer(to: key.publicKey, site: site, number: number, signer: fingerprint)
    var sealed: [UInt8] = []
    // In pieces that fit no chunk.
    for start in stride(from: 0, to: plain.count, by: 300_007) {
      try plain[start..<min(plain.count, start + 300_007)].withUnsafeBytes { bytes in
        try sealer.seal(bytes) { sealed += $0 }
      }
    }
    let part = try sealer.finish { sealed += $0 }
    payload = sealed
    contents = Array(Self.list.text([("Parcel", "\(number) of site \(site)")]).utf8)
    header = ParcelHeader(
      .fromSite,
      site: site,
      number: number,
      time: 1_795_470_000,
      carries: [.licence, .exchange("kpsn")].compactMap { $0 },
      sealedTo: key.id,
      encapsulatedKey: sealer.encapsulatedKey,
      payload: part,
      contents: .init(of: contents),
      previous: number > 1 ? .init(number: number - 1, digest: .sha256(of: [1])) : nil,
      program: "kscmirror test"
    )
  }

  static let files = [
    ParcelFile(path: TreePath(constant: "licence/hosts.json"), size: 3, sha256: .sha256(of: [1, 2, 3])),
    ParcelFile(path: TreePath(constant: "exchange/kpsn/a b/c.bin"), size: 0, sha256: .sha256(of: [])),
  ]
  static var list: ParcelContents {
    guard let list = ParcelContents(files) else { preconditionFailure("the files are distinct") }
    return list
  }

  /// The signed header, by whoever shall have signed it.
  func signed(by key: SigningKey = signer) throws -> SignedParcelHeader { try SignedParcelHeader(header, key: key) }

  /// The payload's chunks.
  var chunks: [[UInt8]] {
    let size = Self.chunk + ParcelChunks.overhead
    return stride(from: 0, to: payload.count, by: size).map { Array(payload[$0..<min(payload.count, $0 + size)]) }
  }

  /// The same header over another payload, signed again: as if the site itself had changed it.
  func carrying(_ payload: [UInt8]) -> MadeParcel {
    var other = self
    other.payload = payload
    other.header.payload = .init(of: payload)
    return other
  }

  /// Opens the payload as a reader does.
  func opened(
    _ signed: SignedParcelHeader? = nil,
    key: SealingKey = key
  ) throws -> [UInt8] {
    var opener = try ParcelOpener(try signed ?? self.signed(), key: key)
    var rest = payload[...]
    var plain: [UInt8] = []
    while let size = opener.nextSize {
      guard rest.count >= size else { throw ParcelError.cutShort(has: Int64(payload.count), of: header.payload.size) }
      plain += try opener.open(Array(rest.prefix(size)))
      rest = rest.dropFirst(size)
    }
    guard rest.isEmpty else { throw ParcelError.alteredPayload("there is more") }
    return plain
  }
}
