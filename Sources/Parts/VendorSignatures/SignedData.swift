import MirrorTypes
import StrictDER

/// A structure like PKCS #7's SignedData, with one signer and two certificates: what both an index's signature and the
/// timestamp over it are.
struct SignedData {
  /// What is signed, or its description.
  let content: [UInt8]
  /// The signer's certificate, and the one of the authority that issued it.
  let signer: Certificate
  let authority: Certificate
  /// The signed attributes, their outermost tag as it is signed; `nil` when there are none.
  let attributes: [UInt8]?
  let signature: [UInt8]
  /// The timestamp's structure; `nil` when there is none.
  let timestamp: [UInt8]?

  /// Reads the structure.
  ///
  /// - Parameters:
  ///   - reader: stands before it.
  ///   - version: which it must have.
  ///   - kind: the object identifier of the content.
  init(_ reader: inout DERReader, version: UInt8, kind: [UInt8]) throws(VendorSignatureError) {
    var body = try reader.enter(DERTag.sequence, "signed data")
    try body.expect(DERConstant.integer(version), "the version of signed data")
    try body.expect([0x31, UInt8(DERConstant.streebog.count)] + DERConstant.streebog, "the digest's algorithm")
    var encapsulated = try body.enter(DERTag.sequence, "the signed content")
    try encapsulated.expect(kind, "the kind of signed content")
    var explicit = try encapsulated.enter(DERTag.context0, "the signed content")
    try encapsulated.finish("the signed content")
    content = try explicit.content(DERTag.octetString, "the signed content")
    try explicit.finish("the signed content")
    var list = try body.enter(DERTag.context0, "certificates")
    let certificates = [try Certificate(&list), try Certificate(&list)]
    try list.finish("certificates")
    var signers = try body.enter(DERTag.set, "signers")
    try body.finish("signed data")
    var info = try signers.enter(DERTag.sequence, "a signer")
    try signers.finish("signers")

    try info.expect(DERConstant.integer(1), "a signer's version")
    var identifier = try info.enter(DERTag.context0, "a signer's key")
    let keyID = try identifier.content(DERTag.octetString, "a signer's key")
    try identifier.finish("a signer's key")
    try info.expect(DERConstant.streebog, "a signer's digest")
    if info.nextTag == DERTag.context0 {
      let value = try info.next("signed attributes")
      // They are signed as the set that they are, not as the tagged field that they stand in.
      attributes = [DERTag.set] + value.whole.dropFirst()
    } else {
      attributes = nil
    }
    try info.expect(DERConstant.gost, "a signer's algorithm")
    signature = try info.content(DERTag.octetString, "a signature")
    if info.nextTag == DERTag.context1 {
      var unsigned = try info.enter(DERTag.context1, "unsigned attributes")
      var attribute = try unsigned.enter(DERTag.sequence, "an unsigned attribute")
      try unsigned.finish("unsigned attributes")
      try attribute.expect(DERConstant.timestampToken, "the kind of an unsigned attribute")
      var values = try attribute.enter(DERTag.set, "a timestamp")
      try attribute.finish("an unsigned attribute")
      timestamp = Array(try values.next(DERTag.sequence, "a timestamp").whole)
      try values.finish("a timestamp")
    } else {
      timestamp = nil
    }
    try info.finish("a signer")

    guard let signer = certificates.first(where: { $0.subjectKeyID == keyID }),
      let authority = certificates.first(where: { $0.subjectKeyID != keyID })
    else { throw .wrongCertificate("none is the signer's, or both are") }
    self.signer = signer
    self.authority = authority
  }

  /// Sees that the signer's certificate was issued by a trusted authority for a purpose, and that the signature is good.
  func check(purpose: [UInt8], trusting trust: VendorTrust) throws(VendorSignatureError) {
    guard trust.intermediates.contains(authority.publicKey) else {
      throw .unknownIntermediate(authority.publicKey.description)
    }
    try authority.checkIssued(byOneOf: trust.roots, trust.issued)
    guard signer.purposes == [purpose], authority.purposes.map({ $0 == [purpose] }) ?? true else {
      throw .wrongCertificate("'\(signer.commonName)' is made for something else")
    }
    try signer.checkIssued(by: authority, trust.issued)
    let digest = try Streebog256.digest(of: attributes ?? content)
    guard try signer.publicKey.isValid(signature, over: digest) else { throw .wrongSignature }
  }

  /// Sees that both certificates were good at a time.
  func checkValidity(at time: UTCTime) throws(VendorSignatureError) {
    for certificate in [signer, authority] where !certificate.isGood(at: time) {
      throw .notValidThen(certificate: certificate.commonName, time: time)
    }
  }
}
