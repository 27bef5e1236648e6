import Foundation
import VendorSignatures

/// Signs indexes as the vendor does (FORMAT.md, section 3), with an authority of its own.
package struct VendorSigner {
  /// What can be made wrong on purpose.
  package struct Flaws: Sendable {
    /// The certificate says that it is for this type instead of the index's.
    package var objectType: String?
    /// The leaf's certificate is signed by a key that is not its authority's.
    package var foreignIssuer = false
    /// When the leaf's certificate ceases to be good, in seconds since 1970.
    package var leafExpires: Int64 = 2_000_000_000
    /// Whether there is no timestamp.
    package var withoutTimestamp = false
    /// Whether the timestamp is over something else.
    package var foreignTimestamp = false

    /// None.
    package init() {}
  }

  /// The package keys of the authorities, as `vendor_intermediates` wants them.
  package var intermediates: [String] { [authority, timestampAuthority].map { VendorKey.hex($0.publicBytes) } }

  private let seed: String
  private let authority: VendorKey
  private let timestampAuthority: VendorKey
  private let timestampKey: VendorKey

  /// A signer whose keys follow from a seed.
  package init(seed: UInt64) throws {
    self.seed = "vendor \(seed)"
    authority = try VendorKey("\(self.seed) authority")
    timestampAuthority = try VendorKey("\(self.seed) timestamp authority")
    timestampKey = try VendorKey("\(self.seed) timestamp")
  }

  /// Puts the signature behind an index.
  ///
  /// - Parameters:
  ///   - index: the file up to its trailer.
  ///   - name: the file's own name.
  ///   - objectType: such as `2=KDB;3=BASE`.
  ///   - time: when it is signed, in seconds since 1970.
  ///   - flaws: what is to be wrong.
  package func sign(
    _ index: [UInt8],
    name: String,
    objectType: String,
    time: Int64,
    flaws: Flaws = Flaws()
  ) throws -> [UInt8] {
    let der = try signature(index, name, objectType, time, flaws)
    return index + Array("\r\n=!".utf8) + Self.header(of: der) + der + Array("%%".utf8)
  }

  /// The header of a trailer: 16 base64 characters.
  package static func header(of der: [UInt8]) -> [UInt8] {
    var sum: UInt32 = ~0
    for byte in der {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
    }
    sum = ~sum
    let count = der.count
    let fields: [UInt8] =
      [1, 0, 0, UInt8(count & 255), UInt8(count >> 8 & 255), UInt8(count >> 16)]
      + (0..<4).map { UInt8(sum >> (8 * UInt32($0)) & 255) } + [0, 0]
    return Array(Data(fields).base64EncodedString().utf8)
  }

  // MARK: - Signatures

  private func signature(
    _ index: [UInt8],
    _ name: String,
    _ objectType: String,
    _ time: Int64,
    _ flaws: Flaws
  ) throws -> [UInt8] {
    let digest = try DSKM2.digest(contentHash: Streebog256.digest(of: index), name: name)
    let info = DERWriter.sequence(Piece.streebog, DERWriter.octets(digest))
    let fields = (flaws.objectType ?? objectType).split(separator: ";").map { $0.dropFirst(2) }
    let leafName = "compid=\(fields[0])_type=\(fields[1])"
    let leaf = try VendorKey("\(seed) \(leafName)")
    let signature = try leaf.signature(over: Streebog256.digest(of: info))
    let certificates = try [
      certificate("3520p1_KL", authority, by: "3520p1", nil, purpose: nil, isAuthority: true, until: 2_463_000_000),
      certificate(
        leafName,
        leaf,
        by: "3520p1_KL",
        flaws.foreignIssuer ? leaf : authority,
        purpose: Piece.codeSigning,
        isAuthority: false,
        until: flaws.leafExpires
      ),
    ]
    let stamped = flaws.foreignTimestamp ? [UInt8](repeating: 7, count: 64) : signature
    let token = try flaws.withoutTimestamp ? [] : timestamp(over: stamped, time: time)
    let signer = DERWriter.sequence(
      DERWriter.integer(1),
      DERWriter.context(0, DERWriter.octets(try keyID(leaf))),
      Piece.streebog,
      Piece.gost,
      DERWriter.octets(signature),
      token.isEmpty ? [] : DERWriter.context(1, DERWriter.sequence(DERWriter.object(Piece.token), DERWriter.set(token)))
    )
    let data = DERWriter.sequence(
      DERWriter.integer(1),
      DERWriter.set(Piece.streebog),
      DERWriter.sequence(DERWriter.object(Piece.indexDigest), DERWriter.context(0, DERWriter.octets(info))),
      DERWriter.context(0, certificates[0] + certificates[1]),
      DERWriter.set(signer)
    )
    return DERWriter.sequence(DERWriter.object(Piece.signed), DERWriter.context(0, DERWriter.set(data)))
  }

  private func timestamp(over signature: [UInt8], time: Int64) throws -> [UInt8] {
    let info = DERWriter.sequence(
      DERWriter.integer(1),
      DERWriter.object([0x2A, 0x03, 0x04, 0x01]),
      DERWriter.sequence(Piece.streebog, DERWriter.octets(try Streebog256.digest(of: signature))),
      DERWriter.integer(5),
      DERWriter.value(0x18, Array((Self.date(time, "%Y%m%d%H%M%S") + ".25Z").utf8))
    )
    let attributes =
      DERWriter.sequence(DERWriter.object(Piece.contentType), DERWriter.set(DERWriter.object(Piece.timestampInfo)))
      + DERWriter.sequence(
        DERWriter.object(Piece.messageDigest),
        DERWriter.set(DERWriter.octets(try Streebog256.digest(of: info)))
      )
    let signed = try timestampKey.signature(over: Streebog256.digest(of: DERWriter.value(0x31, attributes)))
    let certificates = try [
      certificate(
        "type=Timestamp",
        timestampKey,
        by: "3520p1_KL_Timestamp",
        timestampAuthority,
        purpose: Piece.timeStamping,
        isAuthority: false,
        until: 2_000_000_000
      ),
      certificate(
        "3520p1_KL_Timestamp",
        timestampAuthority,
        by: "3520p1",
        nil,
        purpose: Piece.timeStamping,
        isAuthority: true,
        until: 2_463_000_000
      ),
    ]
    let signer = DERWriter.sequence(
      DERWriter.integer(1),
      DERWriter.context(0, DERWriter.octets(try keyID(timestampKey))),
      Piece.streebog,
      DERWriter.context(0, attributes),
      Piece.gost,
      DERWriter.octets(signed)
    )
    let data = DERWriter.sequence(
      DERWriter.integer(3),
      DERWriter.set(Piece.streebog),
      DERWriter.sequence(DERWriter.object(Piece.timestampInfo), DERWriter.context(0, DERWriter.octets(info))),
      DERWriter.context(0, certificates[0] + certificates[1]),
      DERWriter.set(signer)
    )
    return DERWriter.sequence(DERWriter.object(Piece.signedData), DERWriter.context(0, data))
  }

  // MARK: - Certificates

  private func keyID(_ key: VendorKey) throws -> [UInt8] { try Streebog256.digest(of: key.publicBytes) }

  /// A certificate. That of an authority is signed by a root that nobody has: any signature does.
  private func certificate(
    _ name: String,
    _ key: VendorKey,
    by issuer: String,
    _ issuerKey: VendorKey?,
    purpose: [UInt8]?,
    isAuthority: Bool,
    until expiry: Int64
  ) throws -> [UInt8] {
    let isTimestamp = issuer == "3520p1_KL_Timestamp"
    let issuerID =
      try issuer == "3520p1"
      ? [UInt8](repeating: 9, count: 32) : keyID(isTimestamp ? timestampAuthority : authority)
    func entry(_ kind: [UInt8], _ content: [UInt8]) -> [UInt8] {
      DERWriter.sequence(DERWriter.object(kind), DERWriter.octets(content))
    }
    var extensions =
      entry([0x55, 0x1D, 0x23], DERWriter.sequence(DERWriter.value(0x80, issuerID)))
      + entry([0x55, 0x1D, 0x0E], DERWriter.octets(try keyID(key)))
    if isAuthority { extensions += entry([0x55, 0x1D, 0x13], DERWriter.sequence([0x01, 0x01, 0xFF])) }
    if let purpose { extensions += entry([0x55, 0x1D, 0x25], DERWriter.sequence(DERWriter.object(purpose))) }
    let body = DERWriter.sequence(
      DERWriter.context(0, DERWriter.integer(2)),
      DERWriter.integer(77),
      Piece.gost,
      Self.name(issuer),
      DERWriter.sequence(Self.utcTime(1_400_000_000), Self.utcTime(expiry)),
      Self.name(name),
      DERWriter.sequence(Piece.publicKey, DERWriter.bits([0x04, 0x40] + key.publicBytes)),
      DERWriter.context(3, DERWriter.value(0x30, extensions))
    )
    let signature = try issuerKey?.signature(over: Streebog256.digest(of: body)) ?? [UInt8](repeating: 1, count: 64)
    return DERWriter.sequence(body, Piece.gost, DERWriter.bits(signature))
  }

  private static func name(_ name: String) -> [UInt8] {
    DERWriter.sequence(
      DERWriter.set(DERWriter.sequence(DERWriter.object([0x55, 0x04, 0x06]), DERWriter.text("RU"))),
      DERWriter.set(DERWriter.sequence(DERWriter.object([0x55, 0x04, 0x03]), DERWriter.text(name)))
    )
  }

  private static func utcTime(_ seconds: Int64) -> [UInt8] {
    DERWriter.value(0x17, Array((date(seconds, "%y%m%d%H%M%S") + "Z").utf8))
  }

  private static func date(_ seconds: Int64, _ pattern: String) -> String {
    var time = time_t(seconds)
    var parts = tm()
    gmtime_r(&time, &parts)
    var buffer = [CChar](repeating: 0, count: 32)
    let count = strftime(&buffer, buffer.count, pattern, &parts)
    return String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Pieces that stand in every signature.
  private enum Piece {
    static let streebog: [UInt8] = [0x30, 0x0A, 0x06, 0x08, 0x2A, 0x85, 0x03, 0x07, 0x01, 0x01, 0x02, 0x02]
    static let gost: [UInt8] = [0x30, 0x0A, 0x06, 0x08, 0x2A, 0x85, 0x03, 0x07, 0x01, 0x01, 0x03, 0x02]
    static let publicKey = DERWriter.sequence(
      DERWriter.object([0x2A, 0x85, 0x03, 0x07, 0x01, 0x01, 0x01, 0x01]),
      DERWriter.sequence(
        DERWriter.object([0x2A, 0x85, 0x03, 0x07, 0x01, 0x02, 0x01, 0x01, 0x01]),
        DERWriter.object([0x2A, 0x85, 0x03, 0x07, 0x01, 0x01, 0x02, 0x02])
      )
    )
    static let signed: [UInt8] = [0x2B, 0x06, 0x01, 0x04, 0x01, 0x81, 0xB8, 0x74, 0x8E, 0x08, 0x03, 0x01]
    static let indexDigest: [UInt8] = [0x2B, 0x06, 0x01, 0x04, 0x01, 0x81, 0xB8, 0x74, 0x8E, 0x08, 0x03, 0x03]
    static let signedData: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02]
    static let timestampInfo: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x01, 0x04]
    static let contentType: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x03]
    static let messageDigest: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x04]
    static let token: [UInt8] = [0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x03, 0x03, 0x01]
    static let codeSigning: [UInt8] = [0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x03]
    static let timeStamping: [UInt8] = [0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08]
  }
}
