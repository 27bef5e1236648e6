import MirrorTypes
import StrictDER

/// The timestamp (RFC 3161) that stands over an index's signature: when it was made.
struct SignedTimestamp {
  /// When the signature was made.
  let time: UTCTime

  /// Verifies a timestamp.
  ///
  /// - Parameters:
  ///   - bytes: the token.
  ///   - signature: what it must be over.
  ///   - trust: the authorities that are trusted.
  init(
    _ bytes: [UInt8],
    over signature: [UInt8],
    trusting trust: VendorTrust
  ) throws(VendorSignatureError) {
    do throws(VendorSignatureError) {
      var reader = try DERReader(bytes, "a timestamp")
      var outer = try reader.enter(DERTag.sequence, "a timestamp")
      try reader.finish("a timestamp")
      try outer.expect(DERConstant.pkcs7SignedData, "a timestamp's kind")
      var explicit = try outer.enter(DERTag.context0, "a timestamp")
      try outer.finish("a timestamp")
      let data = try SignedData(&explicit, version: 3, kind: DERConstant.timestampInfo)
      try explicit.finish("a timestamp")
      guard data.timestamp == nil, let attributes = data.attributes else {
        throw .malformed("a timestamp's attributes")
      }
      time = try Self.time(of: data.content, over: signature)
      try Self.check(attributes, data)
      try data.check(purpose: Certificate.timeStamping, trusting: trust)
      try data.checkValidity(at: time)
    } catch {
      if case .unknownIntermediate = error { throw error }
      throw .wrongTimestamp(error.description)
    }
  }

  /// Reads TSTInfo: version, policy, what it is over, serial number, time.
  private static func time(of info: [UInt8], over signature: [UInt8]) throws(VendorSignatureError) -> UTCTime {
    var reader = try DERReader(info, "a timestamp's content")
    var body = try reader.enter(DERTag.sequence, "a timestamp's content")
    try reader.finish("a timestamp's content")
    try body.expect(DERConstant.integer(1), "a timestamp's version")
    _ = try body.next(DERTag.object, "a timestamp's policy")
    let imprint = try body.next(DERTag.sequence, "what a timestamp is over")
    guard imprint.whole.elementsEqual(DERConstant.digestInfo + (try Streebog256.digest(of: signature))) else {
      throw .malformed("it is over another signature")
    }
    _ = try body.next(DERTag.integer, "a timestamp's serial number")
    let value = try body.next(DERTag.generalizedTime, "a timestamp's time")
    try body.finish("a timestamp's content")
    guard let time = value.time else { throw .malformed("a timestamp's time") }
    return time
  }

  /// The signed attributes must tell the content's digest and kind; that and the signer's certificate is what is signed.
  private static func check(_ attributes: [UInt8], _ data: SignedData) throws(VendorSignatureError) {
    var reader = try DERReader(attributes, "signed attributes")
    var set = try reader.enter(DERTag.set, "signed attributes")
    var hasDigest = false
    var hasKind = false
    while !set.isAtEnd {
      var attribute = try set.enter(DERTag.sequence, "a signed attribute")
      let kind = try attribute.content(DERTag.object, "a signed attribute")
      var values = try attribute.enter(DERTag.set, "a signed attribute")
      try attribute.finish("a signed attribute")
      switch kind {
      case messageDigest:
        let value = try values.content(DERTag.octetString, "a message digest")
        guard value.elementsEqual(try Streebog256.digest(of: data.content)) else {
          throw .wrongDigest
        }
        hasDigest = true
      case contentType:
        try values.expect(DERConstant.timestampInfo, "a content type")
        hasKind = true
      default: break
      }
    }
    guard hasDigest, hasKind else { throw .malformed("a timestamp's attributes") }
  }

  private static let contentType: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x03]
  private static let messageDigest: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x04]
}
