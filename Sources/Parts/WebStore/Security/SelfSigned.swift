import Crypto
import FoundationEssentials
import MirrorTypes
import SwiftASN1

/// A certificate that is its own authority, for trying the server out: a client has to be given its fingerprint.
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
  init(names: [String], addresses: [[UInt8]], now: MirrorTypes.UTCTime) throws {
    let key = P256.Signing.PrivateKey()
    let publicKey = key.publicKey.derRepresentation
    let body = try Self.sequence { body in
      try body.serialize(explicitlyTaggedWithTagNumber: 0, tagClass: .contextSpecific) { try $0.serialize(2) }
      // The first bit is clear: serial numbers are positive.
      let serial = [0x40 | UInt8.random(in: 0...0x3F)] + (0..<15).map { _ in UInt8.random(in: .min ... .max) }
      body.appendPrimitiveNode(identifier: .integer) { $0 += serial }
      try Self.writeAlgorithm(&body)
      try Self.writeName(&body)
      try body.appendConstructedNode(identifier: .sequence) { validity in
        // An hour earlier, for clients whose clocks are behind.
        try validity.serialize(Self.time(now.adding(seconds: -3600)))
        try validity.serialize(Self.time(now.adding(seconds: Self.lifetime)))
      }
      try Self.writeName(&body)
      body.serializeRawBytes(publicKey)
      try body.serialize(explicitlyTaggedWithTagNumber: 3, tagClass: .contextSpecific) { tagged in
        try Self.writeExtensions(&tagged, names, addresses)
      }
    }
    let signature = try key.signature(for: body).derRepresentation
    certificate = try Self.sequence { whole in
      whole.serializeRawBytes(body)
      try Self.writeAlgorithm(&whole)
      try whole.serialize(ASN1BitString(bytes: [UInt8](signature)[...]))
    }
    self.key = key.pemRepresentation
    pin = "sha256//" + Data(SHA256.hash(data: publicKey)).base64EncodedString()
  }

  // MARK: - Parts of a certificate

  private static func sequence(_ write: (inout DER.Serializer) throws -> Void) throws -> [UInt8] {
    var serializer = DER.Serializer()
    try serializer.appendConstructedNode(identifier: .sequence, write)
    return serializer.serializedBytes
  }

  /// ECDSA with SHA-256.
  private static func writeAlgorithm(_ serializer: inout DER.Serializer) throws {
    try serializer.appendConstructedNode(identifier: .sequence) { algorithm in
      try algorithm.serialize("1.2.840.10045.4.3.2" as ASN1ObjectIdentifier)
    }
  }

  /// A common name alone.
  private static func writeName(_ serializer: inout DER.Serializer) throws {
    try serializer.appendConstructedNode(identifier: .sequence) { name in
      try name.appendConstructedNode(identifier: .set) { part in
        try part.appendConstructedNode(identifier: .sequence) { pair in
          try pair.serialize("2.5.4.3" as ASN1ObjectIdentifier)
          try pair.serialize(ASN1UTF8String("kscmirror (self-signed)"))
        }
      }
    }
  }

  /// UTCTime, which is right until 2049, as certificates want it.
  private static func time(_ time: MirrorTypes.UTCTime) throws -> SwiftASN1.UTCTime {
    let parts = time.parts
    return try SwiftASN1.UTCTime(
      year: parts.year,
      month: parts.month,
      day: parts.day,
      hours: parts.hour,
      minutes: parts.minute,
      seconds: parts.second
    )
  }

  private static func writeExtensions(
    _ serializer: inout DER.Serializer,
    _ names: [String],
    _ addresses: [[UInt8]]
  ) throws {
    try serializer.appendConstructedNode(identifier: .sequence) { extensions in
      // Basic constraints: an authority.
      try writeExtension(&extensions, "2.5.29.19", isCritical: true) { try $0.serialize(true) }
      // Alternative names: a host's is [2], an address [7].
      try writeExtension(&extensions, "2.5.29.17") { alternatives in
        for (number, bytes) in names.map({ (UInt(2), Array($0.utf8)) }) + addresses.map({ (UInt(7), $0) }) {
          let tag = ASN1Identifier(tagWithNumber: number, tagClass: .contextSpecific)
          alternatives.appendPrimitiveNode(identifier: tag) { $0 += bytes }
        }
      }
      // Extended key usage: a server.
      try writeExtension(&extensions, "2.5.29.37") { try $0.serialize("1.3.6.1.5.5.7.3.1" as ASN1ObjectIdentifier) }
    }
  }

  /// An extension whose value is a sequence.
  private static func writeExtension(
    _ serializer: inout DER.Serializer,
    _ identifier: ASN1ObjectIdentifier,
    isCritical: Bool = false,
    _ write: (inout DER.Serializer) throws -> Void
  ) throws {
    try serializer.appendConstructedNode(identifier: .sequence) { parts in
      try parts.serialize(identifier)
      if isCritical { try parts.serialize(true) }
      try parts.serialize(ASN1OctetString(contentBytes: sequence(write)[...]))
    }
  }
}
