import CLibgcrypt

/// Streebog with 256 bits (GOST R 34.11-2012, RFC 6986), by libgcrypt.
package struct Streebog256: ~Copyable {
  private let handle: gcry_md_hd_t

  /// The length of a digest in bytes.
  package static let byteCount = 32

  /// Begins a digest.
  ///
  /// - Throws: ``VendorSignatureError`` when libgcrypt cannot be used.
  package init() throws(VendorSignatureError) {
    guard Self.isReady else { throw .libraryUnusable }
    var opened: gcry_md_hd_t?
    guard gcry_md_open(&opened, Int32(GCRY_MD_STRIBOG256.rawValue), 0) == 0, let opened else { throw .libraryUnusable }
    handle = opened
  }

  deinit { gcry_md_close(handle) }

  /// Takes further bytes.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    if !bytes.isEmpty { gcry_md_write(handle, bytes.baseAddress, bytes.count) }
  }

  /// The digest of some bytes.
  package static func digest(of bytes: some Collection<UInt8>) throws(VendorSignatureError) -> [UInt8] {
    var hash = try Streebog256()
    hash.update(Array(bytes))
    return hash.finalize()
  }

  /// Takes further bytes.
  package mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { gcry_md_write(handle, $0.baseAddress, $0.count) }
  }

  /// Ends the digest: its 32 bytes.
  package consuming func finalize() -> [UInt8] {
    guard let digest = gcry_md_read(handle, Int32(GCRY_MD_STRIBOG256.rawValue)) else { return [] }
    return Array(UnsafeBufferPointer(start: digest, count: Self.byteCount))
  }

  /// libgcrypt must be informed once, before its first use, that nobody else initialises it.
  static let isReady: Bool = {
    guard gcry_check_version("1.8.0") != nil else { return false }
    kscmirror_finish_initialisation()
    return true
  }()
}
