import MirrorTypes
import Trust

/// A parcel that was made here.
public struct SentParcel: Sendable, Encodable {
  /// Which way it goes.
  public let direction: ParcelDirection
  /// The site that it is of, or for.
  public let site: String
  /// The parcel's number.
  public let number: Int64
  /// The SHA-256 of what is signed of it, in hexadecimal digits.
  public let digest: String
  /// When it was made, in seconds since 1970.
  public let made: Int64
  /// What it carries.
  public let carries: [ParcelKind]
  /// The bytes of its sealed content.
  public let bytes: Int64
  /// The identifier of the key that it is sealed to.
  public let sealedTo: String
  /// The list of what it holds.
  public let contents: String
  /// When it was written to a medium last, in seconds since 1970; `nil` if it never was.
  public let written: Int64?
  /// When it was learnt that it has arrived, in seconds since 1970; `nil` as long as it is not known to have.
  public let acknowledged: Int64?
  /// Whether all of it is known to have been used.
  public let isUsed: Bool

  private enum CodingKeys: String, CodingKey {
    case direction, site, number, digest, made, carries, bytes, sealedTo, written, acknowledged, isUsed
  }

  init(_ signed: SignedParcelHeader, text: [UInt8], written: Int64?, acknowledged: Int64?, isUsed: Bool) {
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
  var summary: String { "\(carries.map(\.rawValue).joined(separator: ", ")), \(bytes) bytes" }
}

/// What a parcel would be.
public struct ParcelPreview: Sendable, Encodable {
  /// The number that it would have.
  public let number: Int64
  /// The list of what it would hold.
  public let contents: String
  /// The bytes that would be sealed.
  public let bytes: Int64
}

/// A parcel that was written to a medium.
public struct WrittenParcel: Sendable, Encodable {
  /// Which way it goes.
  public let direction: ParcelDirection
  /// The parcel's number.
  public let number: Int64
  /// Its folder on the medium.
  public let folder: String
  /// The bytes of its sealed content.
  public let bytes: Int64
  /// Whether it was there already.
  public let wasThere: Bool
}
