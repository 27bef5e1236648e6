import CLibgcrypt

/// Streebog with 256 bits (GOST R 34.11-2012, RFC 6986), by libgcrypt.
public struct Streebog256: ~Copyable {
  private let handle: gcry_md_hd_t

  /// The length of a digest in bytes.
  public static let byteCount = 32

  /// Begins a digest.
  ///
  /// - Throws: ``VendorSignatureError`` when libgcrypt cannot be used.
  public init() throws(VendorSignatureError) {
    guard Self.isReady else { throw .libraryUnusable }
    var opened: gcry_md_hd_t?
    guard gcry_md_open(&opened, Int32(GCRY_MD_STRIBOG256.rawValue), 0) == 0, let opened else { throw .libraryUnusable }
    handle = opened
  }

  deinit { gcry_md_close(handle) }

  /// Takes further bytes.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    if !bytes.isEmpty { gcry_md_write(handle, bytes.baseAddress, bytes.count) }
  }

  /// Takes further bytes.
  public mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { gcry_md_write(handle, $0.baseAddress, $0.count) }
  }

  /// Ends the digest: its 32 bytes.
  public consuming func finalize() -> [UInt8] {
    guard let digest = gcry_md_read(handle, Int32(GCRY_MD_STRIBOG256.rawValue)) else { return [] }
    return Array(UnsafeBufferPointer(start: digest, count: Self.byteCount))
  }

  /// libgcrypt has to be told once, before its first use, that nobody else initialises it.
  private static let isReady: Bool = {
    guard gcry_check_version("1.8.0") != nil else { return false }
    kscmirror_finish_initialisation()
    return true
  }()
}

/// Why a digest of the vendor's cannot be computed.
public enum VendorSignatureError: Error, Hashable, Sendable, CustomStringConvertible {
  /// libgcrypt is too old, or has no Streebog.
  case libraryUnusable
  /// A file cannot be read.
  case unreadable(path: String, reason: String)

  /// The reason in words.
  public var description: String {
    switch self {
    case .libraryUnusable: "libgcrypt is older than 1.8 or built without Streebog; install Debian's libgcrypt20"
    case .unreadable(let path, let reason): "cannot read \(path): \(reason)"
    }
  }
}
