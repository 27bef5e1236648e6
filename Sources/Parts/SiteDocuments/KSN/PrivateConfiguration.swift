import FoundationEssentials
import MirrorTypes
import StrictDER

/// A configuration of Private KSN, looked at from outside.
///
/// The vendor gives it as a file in PKCS #7 (`.pkcs7` in DER, `.pem` in text). Here only its outside is read, strictly
/// and within bounds: that it is a SignedData, whose certificates it carries, and what time its signature claims.
/// **Nothing is verified**: that is the Administration Server's part (`KsnInternal.VerifyNKsnSettings`), which knows
/// the vendor's keys.
package struct PrivateConfiguration: Hashable, Sendable {
  /// What a document says about it.
  package let facts: KSNConfiguration
  /// The SHA-256 of the file as it is.
  package let digest: Digest256

  /// The most bytes of a configuration.
  package static let maximumSize = 4 << 20

  /// Looks at a file.
  ///
  /// - Parameters:
  ///   - bytes: the file's content.
  ///   - name: its name.
  /// - Throws: ``ExchangeError`` for what is not a PKCS #7 SignedData.
  package init(recognising bytes: [UInt8], name: String) throws(ExchangeError) {
    guard bytes.count <= Self.maximumSize else {
      throw .document(name: name, line: nil, .tooLong(limit: Self.maximumSize))
    }
    guard let (der, form) = Self.der(bytes), let outside = SignedOutside(der) else {
      throw .document(name: name, line: nil, .notThis(expected: "PKCS #7 SignedData in DER or PEM"))
    }
    digest = Digest256.sha256(bytes)
    var facts = KSNConfiguration()
    facts[.name] = .text(name)
    facts[.provider] = outside.subject.map { .text($0) }
    facts[.issuer] = outside.issuer.map { .text($0) }
    facts[.signed] = outside.signed.map { .time($0) }
    facts[.size] = .number(Int64(bytes.count))
    facts[.sha256] = .text(digest.hex)
    facts[.form] = .text(form)
    self.facts = facts
  }

  /// The DER, and the form it came in.
  private static func der(_ bytes: [UInt8]) -> (der: [UInt8], form: String)? {
    if bytes.first == 0x30 { return (bytes, "der") }
    let text = String(decoding: bytes, as: UTF8.self)
    for label in ["PKCS7", "CMS"] {
      guard let begin = text.firstRange(of: "-----BEGIN \(label)-----"),
        let end = text[begin.upperBound...].firstRange(of: "-----END \(label)-----")
      else { continue }
      let body = text[begin.upperBound..<end.lowerBound].filter { !$0.isWhitespace }
      return Data(base64Encoded: String(body)).map { (Array($0), "pem") }
    }
    return nil
  }
}

/// The outside of a SignedData (RFC 2315, RFC 5652): names and the time of its first signer.
private struct SignedOutside {
  /// The name in the signer's certificate.
  private(set) var subject: String?
  /// Who has issued it.
  private(set) var issuer: String?
  /// The time that the signature claims.
  private(set) var signed: UTCTime?

  private static let signedData: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02]
  private static let signingTime: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x05]
  private static let maximumCertificates = 32

  /// Reads the structure down to the signers; `nil` if it is another.
  init?(_ der: [UInt8]) {
    guard var file = DERReader(der), var content = file.enter(DERTag.sequence), file.isAtEnd,
      content.value(DERTag.object)?.content?.elementsEqual(Self.signedData) == true,
      var explicit = content.enter(DERTag.context0), content.isAtEnd,
      var data = explicit.enter(DERTag.sequence), explicit.isAtEnd,
      let version = data.value(DERTag.integer)?.content, (1...5).contains(version.first ?? 0), version.count == 1,
      data.enter(DERTag.set) != nil, var inner = data.enter(DERTag.sequence), inner.value(DERTag.object) != nil
    else { return nil }
    if var list = data.enter(DERTag.context0) { guard readCertificates(&list) else { return nil } }
    _ = data.value(DERTag.context1)
    guard var signers = data.enter(DERTag.set), data.isAtEnd else { return nil }
    // A configuration without a signature is none.
    guard var signer = signers.enter(DERTag.sequence) else { return nil }
    readTime(&signer)
  }

  /// Keeps the names of the certificate that is the signer's: the vendor's files carry it first, or alone.
  private mutating func readCertificates(_ list: inout DERReader) -> Bool {
    var count = 0
    while !list.isAtEnd {
      guard var certificate = list.enter(DERTag.sequence), var body = certificate.enter(DERTag.sequence) else {
        return false
      }
      count += 1
      guard count <= Self.maximumCertificates else { return false }
      _ = body.value(DERTag.context0)
      guard body.value(DERTag.integer) != nil, body.enter(DERTag.sequence) != nil,
        var issuer = body.enter(DERTag.sequence), body.enter(DERTag.sequence) != nil,
        var subject = body.enter(DERTag.sequence)
      else { return false }
      guard count == 1 else { continue }
      self.issuer = Self.name(&issuer)
      self.subject = Self.name(&subject)
    }
    return true
  }

  /// A distinguished name as `CN=…, O=…`, with what is not plain text left out.
  private static func name(_ reader: inout DERReader) -> String? {
    let types: [[UInt8]: String] = [
      [0x55, 0x04, 0x03]: "CN", [0x55, 0x04, 0x0A]: "O", [0x55, 0x04, 0x0B]: "OU", [0x55, 0x04, 0x06]: "C",
    ]
    var parts: [String] = []
    while parts.count < 16, var set = reader.enter(DERTag.set) {
      guard var pair = set.enter(DERTag.sequence), let type = pair.value(DERTag.object)?.content,
        let label = types[Array(type)], let text = pair.value()?.text
      else { continue }
      parts.append("\(label)=\(SafeText.cleaned(text, atMost: 128))")
    }
    return parts.isEmpty ? nil : parts.reversed().joined(separator: ", ")
  }

  private mutating func readTime(_ signer: inout DERReader) {
    guard signer.value(DERTag.integer) != nil, signer.value() != nil, signer.enter(DERTag.sequence) != nil,
      var attributes = signer.enter(DERTag.context0)
    else { return }
    while var attribute = attributes.enter(DERTag.sequence) {
      guard attribute.value(DERTag.object)?.content?.elementsEqual(Self.signingTime) == true,
        var values = attribute.enter(DERTag.set)
      else { continue }
      signed = values.value()?.time
      return
    }
  }
}

extension DERValue {
  /// The text that it is, of any of the kinds that names of certificates have; `nil` for anything else.
  fileprivate var text: String? {
    guard let content else { return nil }
    switch tag {
    case DERTag.utf8String: return String(validating: content, as: UTF8.self)
    case DERTag.printableString, DERTag.ia5String:
      return content.allSatisfy { $0 < 0x80 } ? String(validating: content, as: UTF8.self) : nil
    case DERTag.t61String: return String(String.UnicodeScalarView(content.map { Unicode.Scalar($0) }))
    case DERTag.bmpString:
      guard content.count % 2 == 0 else { return nil }
      let units = stride(from: content.startIndex, to: content.endIndex, by: 2).map {
        UInt16(content[$0]) << 8 | UInt16(content[$0 + 1])
      }
      return String(validating: units, as: UTF16.self)
    default: return nil
    }
  }
}
