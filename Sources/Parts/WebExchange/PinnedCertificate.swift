import CLibcurl
import Crypto
import Curl
import Foundation
import StrictDER
import SystemPackage

/// A server's certificate that is known beforehand, as `klserver.cer` is.
struct PinnedCertificate: Sendable {
  /// The certificate, for libcurl (PEM).
  let pem: String
  /// The digest of its public key, for libcurl.
  let pin: String

  private static let longestFile = 256 * 1024

  /// Reads a file, DER or PEM; of several certificates the first.
  ///
  /// - Throws: ``TransferError/Reason/certificateUnusable(_:)``.
  init(at file: FilePath) throws(TransferError) {
    let bytes: [UInt8]
    do {
      let descriptor = try FileDescriptor.open(file, .readOnly)
      bytes = try descriptor.closeAfter {
        var buffer = [UInt8](repeating: 0, count: Self.longestFile + 1)
        var count = 0
        while count < buffer.count {
          let read = try buffer.withUnsafeMutableBytes { try descriptor.read(into: .init(rebasing: $0[count...])) }
          if read == 0 { break }
          count += read
        }
        return Array(buffer[..<count])
      }
    } catch {
      throw TransferError(.certificateUnusable("cannot read \(file): \(error)"))
    }
    guard bytes.count <= Self.longestFile, let der = Self.der(bytes), let key = Self.publicKey(of: der) else {
      throw TransferError(.certificateUnusable("\(file) is not a certificate, neither DER nor PEM"))
    }
    let text = Data(der).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
    pem = "-----BEGIN CERTIFICATE-----\n\(text)\n-----END CERTIFICATE-----\n"
    pin = "sha256//" + Data(SHA256.hash(data: key)).base64EncodedString()
  }

  /// Has a handle trust this certificate and nothing else.
  ///
  /// As the only authority it is not enough: what it has signed would be trusted as well, and where it is not a server's
  /// but an authority's, a name that is not checked would let in all of its servers. So the key must be the same, too.
  func trust(in handle: EasyHandle, checksHostName: Bool) throws(TransferError) {
    let bytes = Array(pem.utf8)
    try handle.check(easy_set_blob(handle.pointer, CURLOPT_CAINFO_BLOB, bytes, bytes.count), CURLOPT_CAINFO_BLOB)
    try handle.set(CURLOPT_CAPATH, nil)
    try handle.set(CURLOPT_PINNEDPUBLICKEY, pin)
    try handle.set(CURLOPT_SSL_VERIFYHOST, checksHostName ? 2 : 0)
  }

  private static func der(_ bytes: [UInt8]) -> [UInt8]? {
    if bytes.first == 0x30 { return bytes }
    guard let text = String(validating: bytes, as: UTF8.self),
      let begin = text.range(of: "-----BEGIN CERTIFICATE-----"),
      let end = text.range(of: "-----END CERTIFICATE-----", range: begin.upperBound..<text.endIndex),
      let data = Data(base64Encoded: String(text[begin.upperBound..<end.lowerBound]), options: .ignoreUnknownCharacters)
    else { return nil }
    return Array(data)
  }

  /// The `SubjectPublicKeyInfo` of a certificate (RFC 5280, section 4.1), with its own tag and length.
  private static func publicKey(of der: [UInt8]) -> ArraySlice<UInt8>? {
    guard var outer = DERReader(der), var parts = outer.enter(DERTag.sequence), outer.isAtEnd,
      var fields = parts.enter(DERTag.sequence)
    else { return nil }
    _ = fields.value(DERTag.context0)
    // Serial number, algorithm, issuer, validity and subject come first.
    for tag in [DERTag.integer] + Array(repeating: DERTag.sequence, count: 4) where fields.value(tag) == nil {
      return nil
    }
    return fields.value(DERTag.sequence)?.whole
  }
}
