import MirrorTypes
import Trust

/// A parcel that was made here.
package struct SentParcel: Sendable, Encodable {
  /// Which way it goes.
  package let direction: ParcelDirection
  /// The site that it is of, or for.
  package let site: String
  /// The parcel's number.
  package let number: Int64
  /// The SHA-256 of what is signed of it, in hexadecimal digits.
  package let digest: String
  /// When it was made.
  package let made: UTCTime
  /// What it carries.
  package let carries: [ParcelKind]
  /// The bytes of its sealed content.
  package let bytes: Int64
  /// The identifier of the key that it is sealed to.
  package let sealedTo: String
  /// The list of what it holds.
  package let contents: String
  /// When it was written to a medium last; `nil` if it never was.
  package let written: UTCTime?
  /// When it was learnt that it has arrived; `nil` as long as it is not known to have.
  package let acknowledged: UTCTime?
  /// Whether all of it is known to have been used.
  package let isUsed: Bool

  private enum CodingKeys: String, CodingKey {
    case direction, site, number, digest, made, carries, bytes, sealedTo, written, acknowledged, isUsed
  }

  init(_ signed: SignedParcelHeader, text: [UInt8], written: UTCTime?, acknowledged: UTCTime?, isUsed: Bool) {
    let header = signed.header
    direction = header.direction
    self.isUsed = isUsed
    site = header.site
    number = header.number
    digest = signed.digest.hex
    made = header.time
    carries = header.carries
    bytes = header.payload.size
    sealedTo = header.sealedTo
    contents = String(decoding: text, as: UTF8.self)
    self.written = written
    self.acknowledged = acknowledged
  }

  /// What it carries, in a few words.
  package var summary: String { "\(carries.map(\.rawValue).joined(separator: ", ")), \(Words.exactBytes(bytes))" }
}

/// What a parcel would be.
package struct ParcelPreview: Sendable, Encodable {
  /// The number that it would have.
  package let number: Int64
  /// The list of what it would hold.
  package let contents: String
  /// The bytes that would be sealed.
  package let bytes: Int64
}

/// A parcel that was written to a medium.
package struct WrittenParcel: Sendable, Encodable {
  /// Which way it goes.
  package let direction: ParcelDirection
  /// The parcel's number.
  package let number: Int64
  /// Its folder on the medium.
  package let folder: String
  /// The bytes of its sealed content.
  package let bytes: Int64
  /// Whether it was there already.
  package let wasThere: Bool
}
