import CLibgcrypt

/// A public key of GOST R 34.10-2012 with 256 bits, on the curve id-tc26-gost-3410-2012-256-paramSetA.
package struct GOSTPublicKey: Hashable, Sendable, CustomStringConvertible {
  /// x ‖ y, each of 32 bytes, the lowest first, as certificates have them.
  package let bytes: [UInt8]

  /// The length in bytes.
  package static let byteCount = 64

  /// Takes the 64 bytes; `nil` for any other count.
  package init?(bytes: some Collection<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    self.bytes = Array(bytes)
  }

  /// Reads 128 hexadecimal digits; `nil` for anything else.
  package init?(hex: some StringProtocol) {
    let digits = hex.compactMap { $0.isASCII ? $0.hexDigitValue : nil }
    guard digits.count == 2 * Self.byteCount, hex.count == digits.count else { return nil }
    bytes = stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }

  /// 128 lower-case hexadecimal digits.
  package var description: String { Self.hex(bytes) }

  /// What certificates identify the key by: its Streebog-256.
  func identifier() throws(VendorSignatureError) -> [UInt8] { try Streebog256.digest(of: bytes) }

  /// Whether a signature over a digest is this key's (FORMAT.md, section 3, point 2).
  ///
  /// - Parameters:
  ///   - signature: s ‖ r, each of 32 bytes, the highest first.
  ///   - digest: the Streebog-256 of what is signed, read as a number whose lowest byte comes first.
  package func isValid(
    _ signature: some Collection<UInt8>,
    over digest: [UInt8]
  ) throws(VendorSignatureError) -> Bool {
    guard Streebog256.isReady else { throw .libraryUnusable }
    guard signature.count == 64, digest.count == 32 else { return false }
    let s = Self.hex(signature.prefix(32))
    let r = Self.hex(signature.dropFirst(32))
    let point = "04" + Self.hex(bytes[..<32].reversed()) + Self.hex(bytes[32...].reversed())
    let key = try Expression("(public-key (ecc (curve GOST2012-256-A) (q #\(point)#)))")
    let value = try Expression("(sig-val (gost (r #\(r)#) (s #\(s)#)))")
    let data = try Expression("(data (flags gost) (value #\(Self.hex(digest.reversed()))#))")
    return gcry_pk_verify(value.handle, data.handle, key.handle) == 0
  }

  private static let alphabet = Array("0123456789abcdef".utf8)

  private static func hex(_ bytes: some Sequence<UInt8>) -> String {
    String(decoding: bytes.flatMap { [alphabet[Int($0 >> 4)], alphabet[Int($0 & 15)]] }, as: UTF8.self)
  }
}

/// libgcrypt's way of handing over keys and numbers.
private struct Expression: ~Copyable {
  let handle: gcry_sexp_t

  init(_ text: String) throws(VendorSignatureError) {
    var made: gcry_sexp_t?
    var text = text
    let result = text.withUTF8 { gcry_sexp_new(&made, $0.baseAddress, $0.count, 1) }
    guard result == 0, let made else { throw .libraryUnusable }
    handle = made
  }

  deinit { gcry_sexp_release(handle) }
}
