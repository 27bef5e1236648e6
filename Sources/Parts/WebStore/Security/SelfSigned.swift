import Crypto
import FoundationEssentials
import MirrorTypes

/// A certificate that is its own authority, for trying the server out: a client must be informed its fingerprint.
struct SelfSigned {
  /// The certificate, DER.
  let certificate: [UInt8]
  /// Its private key, PEM.
  let key: String
  /// The public key's SHA-256 as curl takes it after `--pinnedpubkey`.
  let pin: String

  /// How long it is good, in seconds.
  static let lifetime: Int64 = 90 * 86_400

  /// Makes a key and a certificate for it (RFC 5280, ECDSA with P-256 and SHA-256).
  ///
  /// - Parameters:
  ///   - names: host names that it is good for.
  ///   - addresses: the 4 or 16 bytes of addresses that it is good for.
  ///   - now: the present.
  init(names: [String], addresses: [[UInt8]], now: UTCTime) throws {
    let key = P256.Signing.PrivateKey()
    let algorithm = DER.sequence(DER.identifier(DER.ecdsaWithSHA256))
    let name = DER.sequence(
      DER.set(DER.sequence(DER.identifier(DER.commonName), DER.tagged(0x0C, Array("kscmirror (self-signed)".utf8))))
    )
    let alternatives =
      names.map { DER.tagged(0x82, Array($0.utf8)) } + addresses.map { DER.tagged(0x87, $0) }
    let extensions = DER.sequence(
      Self.extension(DER.basicConstraints, isCritical: true, DER.sequence(DER.tagged(0x01, [0xFF]))),
      Self.extension(DER.alternativeNames, isCritical: false, DER.tagged(0x30, alternatives.flatMap { $0 })),
      Self.extension(DER.extendedKeyUsage, isCritical: false, DER.sequence(DER.identifier(DER.serverAuthentication)))
    )
    // The first bit is clear: serial numbers are positive.
    let serial = [0x40 | UInt8.random(in: 0...0x3F)] + (0..<15).map { _ in UInt8.random(in: .min ... .max) }
    let body = DER.sequence(
      DER.tagged(0xA0, DER.tagged(0x02, [2])),
      DER.tagged(0x02, serial),
      algorithm,
      name,
      // An hour earlier, for clients whose clocks are behind.
      DER.sequence(DER.time(now.adding(seconds: -3600)), DER.time(now.adding(seconds: Self.lifetime))),
      name,
      Array(key.publicKey.derRepresentation),
      DER.tagged(0xA3, extensions)
    )
    let signature = try key.signature(for: body).derRepresentation
    certificate = DER.sequence(body, algorithm, DER.tagged(0x03, [0] + signature))
    self.key = key.pemRepresentation
    pin = "sha256//" + Data(SHA256.hash(data: key.publicKey.derRepresentation)).base64EncodedString()
  }

  private static func `extension`(_ identifier: [UInt8], isCritical: Bool, _ value: [UInt8]) -> [UInt8] {
    let critical = isCritical ? DER.tagged(0x01, [0xFF]) : []
    return DER.tagged(0x30, DER.identifier(identifier) + critical + DER.tagged(0x04, value))
  }
}

/// As much of DER as a certificate is written with.
private enum DER {
  static let ecdsaWithSHA256: [UInt8] = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02]
  static let commonName: [UInt8] = [0x55, 0x04, 0x03]
  static let basicConstraints: [UInt8] = [0x55, 0x1D, 0x13]
  static let alternativeNames: [UInt8] = [0x55, 0x1D, 0x11]
  static let extendedKeyUsage: [UInt8] = [0x55, 0x1D, 0x25]
  static let serverAuthentication: [UInt8] = [0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01]

  static func tagged(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] { [tag] + length(content.count) + content }
  static func sequence(_ parts: [UInt8]...) -> [UInt8] { tagged(0x30, parts.flatMap { $0 }) }
  static func set(_ part: [UInt8]) -> [UInt8] { tagged(0x31, part) }
  static func identifier(_ bytes: [UInt8]) -> [UInt8] { tagged(0x06, bytes) }

  /// UTCTime, which is right until 2049, as certificates want it.
  static func time(_ time: UTCTime) -> [UInt8] {
    let digits = time.text.utf8.filter { (0x30...0x39).contains($0) }
    return tagged(0x17, digits.dropFirst(2) + [UInt8(ascii: "Z")])
  }

  private static func length(_ count: Int) -> [UInt8] {
    if count < 0x80 { return [UInt8(count)] }
    var bytes: [UInt8] = []
    var rest = count
    while rest > 0 {
      bytes.insert(UInt8(truncatingIfNeeded: rest), at: 0)
      rest >>= 8
    }
    return [0x80 | UInt8(bytes.count)] + bytes
  }
}
