import CLibcurl
import Crypto
import Foundation
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
    var outer = DERReader(der[...])
    guard let certificate = outer.next(tag: 0x30), outer.isAtEnd else { return nil }
    var parts = DERReader(certificate.contents)
    guard let signed = parts.next(tag: 0x30) else { return nil }
    var fields = DERReader(signed.contents)
    fields.skip(tag: 0xA0)
    // Serial number, algorithm, issuer, validity and subject come first.
    for tag: UInt8 in [0x02, 0x30, 0x30, 0x30, 0x30] where fields.next(tag: tag) == nil { return nil }
    return fields.next(tag: 0x30)?.whole
  }
}

/// Reads elements of DER, concatenated.
private struct DERReader {
  struct Element {
    let contents: ArraySlice<UInt8>
    /// With tag and length.
    let whole: ArraySlice<UInt8>
  }

  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func skip(tag: UInt8) { if rest.first == tag { _ = next(tag: tag) } }

  mutating func next(tag: UInt8) -> Element? {
    let begin = rest.startIndex
    guard rest.count >= 2, rest[begin] == tag else { return nil }
    var start = begin + 2
    var length = Int(rest[begin + 1])
    if length >= 0x80 {
      let count = length & 0x7F
      guard (1...3).contains(count), rest.count >= 2 + count else { return nil }
      length = rest[start..<start + count].reduce(0) { $0 << 8 | Int($1) }
      start += count
    }
    guard length <= rest.endIndex - start else { return nil }
    let element = Element(contents: rest[start..<start + length], whole: rest[begin..<start + length])
    rest = rest[(start + length)...]
    return element
  }
}
