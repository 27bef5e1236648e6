import MirrorTypes
import StrictDER

/// A certificate (RFC 5280) as the vendor makes them for indexes and timestamps: what matters of it here.
struct Certificate {
  /// The name's bytes.
  let subject: [UInt8]
  let issuer: [UInt8]
  /// The common name, in words.
  let commonName: String
  /// When it is good.
  let notBefore: UTCTime
  let notAfter: UTCTime
  let publicKey: GOSTPublicKey
  let subjectKeyID: [UInt8]
  let authorityKeyID: [UInt8]
  let isAuthority: Bool
  /// The purposes that it is restricted to; `nil` when it is not.
  let purposes: [[UInt8]]?
  /// The Streebog-256 of all of it.
  let digest: [UInt8]
  private let signedDigest: [UInt8]
  private let signature: [UInt8]

  /// Purposes (extended key usage), as object identifiers' contents.
  static let codeSigning: [UInt8] = [0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x03]
  static let timeStamping: [UInt8] = [0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08]

  init(_ reader: inout DERReader) throws(VendorSignatureError) {
    let all = try reader.next(DERTag.sequence, "a certificate")
    guard var outer = all.inside else { throw .malformed("a certificate") }
    let signed = try outer.next(DERTag.sequence, "a certificate")
    try outer.expect(DERConstant.gost, "a certificate's algorithm")
    let raw = try outer.content(DERTag.bitString, "a certificate's signature")
    try outer.finish("a certificate")
    guard raw.count == 65, raw.first == 0 else { throw .malformed("a certificate's signature") }
    signature = Array(raw.dropFirst())
    signedDigest = try Streebog256.digest(of: signed.whole)
    digest = try Streebog256.digest(of: all.whole)

    guard var body = signed.inside else { throw .malformed("a certificate") }
    var version = try body.enter(DERTag.context0, "a certificate's version")
    try version.expect(DERConstant.integer(2), "a certificate's version")
    try version.finish("a certificate's version")
    _ = try body.next(DERTag.integer, "a certificate's serial number")
    try body.expect(DERConstant.gost, "a certificate's algorithm")
    issuer = Array(try body.next(DERTag.sequence, "a certificate's issuer").whole)
    var validity = try body.enter(DERTag.sequence, "a certificate's validity")
    notBefore = try Self.time(&validity)
    notAfter = try Self.time(&validity)
    try validity.finish("a certificate's validity")
    let name = try body.next(DERTag.sequence, "a certificate's subject")
    subject = Array(name.whole)
    commonName = try Self.commonName(name)
    publicKey = try Self.publicKey(&body)
    let extensions = try Extensions(&body)
    try body.finish("a certificate")
    subjectKeyID = extensions.subjectKeyID
    guard try publicKey.identifier() == subjectKeyID else { throw .malformed("a certificate's key identifier") }
    authorityKeyID = extensions.authorityKeyID
    isAuthority = extensions.isAuthority
    purposes = extensions.purposes
  }

  private static func time(_ reader: inout DERReader) throws(VendorSignatureError) -> UTCTime {
    guard let time = try reader.next("a time").time else { throw .malformed("a time") }
    return time
  }

  private static func publicKey(_ body: inout DERReader) throws(VendorSignatureError) -> GOSTPublicKey {
    var info = try body.enter(DERTag.sequence, "a public key")
    try info.expect(DERConstant.publicKey, "a public key's algorithm")
    let raw = try info.content(DERTag.bitString, "a public key")
    try info.finish("a public key")
    guard raw.starts(with: [0x00, 0x04, 0x40]), let key = GOSTPublicKey(bytes: raw.dropFirst(3)) else {
      throw .malformed("a public key")
    }
    return key
  }

  /// The one common name of a name.
  private static func commonName(_ value: DERValue) throws(VendorSignatureError) -> String {
    guard var name = value.inside else { throw .malformed("a name") }
    var found: String?
    while !name.isAtEnd {
      var set = try name.enter(DERTag.set, "a name")
      var pair = try set.enter(DERTag.sequence, "a name")
      try set.finish("a name")
      let kind = try pair.content(DERTag.object, "a name")
      let value = try pair.next("a name")
      try pair.finish("a name")
      guard kind == [0x55, 0x04, 0x03] else { continue }
      guard found == nil, value.tag == DERTag.utf8String, let content = value.content,
        let text = String(validating: content, as: UTF8.self)
      else { throw .malformed("a common name") }
      found = text
    }
    guard let found else { throw .malformed("a name without a common name") }
    return found
  }

  /// Sees that an authority has issued this certificate.
  ///
  /// - Parameter issued: what was checked before.
  func checkIssued(by authority: Certificate, _ issued: IssuedCertificates) throws(VendorSignatureError) {
    guard authority.isAuthority, !isAuthority, issuer == authority.subject, authorityKeyID == authority.subjectKeyID
    else { throw .wrongCertificate("'\(commonName)' is not of '\(authority.commonName)'") }
    try checkSignature(of: authority.publicKey, issued)
  }

  /// Sees that a trusted root has issued this certificate of an authority; without roots there is nothing to see.
  func checkIssued(byOneOf roots: Set<GOSTPublicKey>, _ issued: IssuedCertificates) throws(VendorSignatureError) {
    if roots.isEmpty { return }
    for root in roots where try root.identifier() == authorityKeyID { return try checkSignature(of: root, issued) }
    throw .wrongCertificate("'\(commonName)' is of a root that is not trusted")
  }

  private func checkSignature(of key: GOSTPublicKey, _ issued: IssuedCertificates) throws(VendorSignatureError) {
    if issued.contains(digest, by: key) { return }
    guard try key.isValid(signature, over: signedDigest) else { throw .wrongCertificateSignature(commonName) }
    issued.insert(digest, by: key)
  }

  func isGood(at time: UTCTime) -> Bool { (notBefore...max(notBefore, notAfter)).contains(time) }
}

/// The extensions of a certificate that matter here.
private struct Extensions {
  private(set) var subjectKeyID: [UInt8] = []
  private(set) var authorityKeyID: [UInt8] = []
  private(set) var isAuthority = false
  private(set) var purposes: [[UInt8]]?

  private static let subjectKey: [UInt8] = [0x55, 0x1D, 0x0E]
  private static let authorityKey: [UInt8] = [0x55, 0x1D, 0x23]
  private static let basicConstraints: [UInt8] = [0x55, 0x1D, 0x13]
  private static let extendedKeyUsage: [UInt8] = [0x55, 0x1D, 0x25]
  private static let known = [subjectKey, authorityKey, basicConstraints, extendedKeyUsage]

  init(_ body: inout DERReader) throws(VendorSignatureError) {
    var outer = try body.enter(DERTag.context3, "extensions")
    var list = try outer.enter(DERTag.sequence, "extensions")
    try outer.finish("extensions")
    while !list.isAtEnd {
      var entry = try list.enter(DERTag.sequence, "an extension")
      let kind = try entry.content(DERTag.object, "an extension")
      if entry.nextTag == DERTag.boolean { try entry.expect([0x01, 0x01, 0xFF], "an extension") }
      let value = try entry.content(DERTag.octetString, "an extension")
      try entry.finish("an extension")
      try take(kind, value)
    }
    guard subjectKeyID.count == 32, authorityKeyID.count == 32 else { throw .malformed("key identifiers") }
  }

  private mutating func take(_ kind: [UInt8], _ bytes: [UInt8]) throws(VendorSignatureError) {
    guard Self.known.contains(kind) else { return }
    var value = try DERReader(bytes, "an extension")
    switch kind {
    case Self.subjectKey:
      subjectKeyID = try value.content(DERTag.octetString, "a subject key identifier")
    case Self.authorityKey:
      var list = try value.enter(DERTag.sequence, "an authority key identifier")
      authorityKeyID = try list.content(0x80, "an authority key identifier")
      try list.finish("an authority key identifier")
    case Self.basicConstraints:
      var list = try value.enter(DERTag.sequence, "basic constraints")
      if !list.isAtEnd {
        // The vendor writes an explicit FALSE, which DER would leave out.
        let flag = try list.content(DERTag.boolean, "basic constraints")
        guard flag == [0x00] || flag == [0xFF] else { throw .malformed("basic constraints") }
        isAuthority = flag == [0xFF]
        try list.finish("basic constraints")
      }
    default:
      var list = try value.enter(DERTag.sequence, "extended key usage")
      var found: [[UInt8]] = []
      while !list.isAtEnd {
        found.append(try list.content(DERTag.object, "extended key usage"))
      }
      purposes = found
    }
    try value.finish("an extension")
  }
}
