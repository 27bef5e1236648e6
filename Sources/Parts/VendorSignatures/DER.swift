import StrictDER

/// The same readings, where anything else than what is asked for is the end of it.
extension DERReader {
  init(_ bytes: some Collection<UInt8>, _ what: @autoclosure () -> String) throws(VendorSignatureError) {
    guard let reader = DERReader(bytes) else { throw .malformed(what()) }
    self = reader
  }

  /// Reads the next value, of whatever tag.
  mutating func next(_ what: @autoclosure () -> String) throws(VendorSignatureError) -> DERValue {
    guard let value = value() else { throw .malformed(what()) }
    return value
  }

  /// Reads the next value, which must have a tag.
  mutating func next(_ tag: UInt8, _ what: @autoclosure () -> String) throws(VendorSignatureError) -> DERValue {
    guard let value = value(tag) else { throw .malformed(what()) }
    return value
  }

  /// Reads the bytes of the next value, which must have a tag.
  mutating func content(_ tag: UInt8, _ what: @autoclosure () -> String) throws(VendorSignatureError) -> [UInt8] {
    guard let content = value(tag)?.content else { throw .malformed(what()) }
    return Array(content)
  }

  /// Reads the next value, which must have a tag, and goes into it.
  mutating func enter(_ tag: UInt8, _ what: @autoclosure () -> String) throws(VendorSignatureError) -> DERReader {
    guard let inside = enter(tag) else { throw .malformed(what()) }
    return inside
  }

  /// Reads a value that has to be just these bytes.
  mutating func expect(_ expected: [UInt8], _ what: @autoclosure () -> String) throws(VendorSignatureError) {
    guard value()?.whole.elementsEqual(expected) == true else { throw .malformed(what()) }
  }

  /// Nothing may be left.
  func finish(_ what: @autoclosure () -> String) throws(VendorSignatureError) {
    guard isAtEnd else { throw .malformed("there is more in \(what())") }
  }
}

/// Pieces of DER that stand in every signature, tag and length included.
enum DERConstant {
  /// Object identifiers.
  static let signedContent: [UInt8] = [
    0x06, 0x0C, 0x2B, 0x06, 0x01, 0x04, 0x01, 0x81, 0xB8, 0x74, 0x8E, 0x08, 0x03, 0x01,
  ]
  static let indexDigest: [UInt8] = [
    0x06, 0x0C, 0x2B, 0x06, 0x01, 0x04, 0x01, 0x81, 0xB8, 0x74, 0x8E, 0x08, 0x03, 0x03,
  ]
  static let pkcs7SignedData: [UInt8] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02]
  static let timestampInfo: [UInt8] = [
    0x06, 0x0B, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x01, 0x04,
  ]
  static let timestampToken: [UInt8] = [
    0x06, 0x0A, 0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x03, 0x03, 0x01,
  ]
  /// AlgorithmIdentifiers: Streebog-256, and GOST R 34.10-2012 with it.
  static let streebog: [UInt8] = [0x30, 0x0A, 0x06, 0x08, 0x2A, 0x85, 0x03, 0x07, 0x01, 0x01, 0x02, 0x02]
  static let gost: [UInt8] = [0x30, 0x0A, 0x06, 0x08, 0x2A, 0x85, 0x03, 0x07, 0x01, 0x01, 0x03, 0x02]
  /// A public key's algorithm: 256 bits, id-tc26-gost-3410-2012-256-paramSetA, Streebog-256.
  static let publicKey: [UInt8] = [
    0x30, 0x21, 0x06, 0x08, 0x2A, 0x85, 0x03, 0x07, 0x01, 0x01, 0x01, 0x01, 0x30, 0x15, 0x06, 0x09, 0x2A, 0x85, 0x03,
    0x07, 0x01, 0x02, 0x01, 0x01, 0x01, 0x06, 0x08, 0x2A, 0x85, 0x03, 0x07, 0x01, 0x01, 0x02, 0x02,
  ]
  /// Small integers.
  static func integer(_ value: UInt8) -> [UInt8] { [0x02, 0x01, value] }
  /// What stands before the 32 bytes of a digest in a DigestInfo with Streebog-256.
  static let digestInfo: [UInt8] = [0x30, 0x2E] + streebog + [0x04, 0x20]
}
