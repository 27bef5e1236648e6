import CLibgcrypt
import LoopbackTLS
import VendorSignatures

/// A private key of GOST R 34.10-2012, made of a seed: what the vendor has and nobody else.
struct VendorKey {
  /// The public key, x ‖ y, the lowest byte first.
  let publicBytes: [UInt8]
  private let secret: String

  /// The key of a name: the same name gives the same key.
  init(_ name: String) throws {
    // Below the group's order, whatever the hash is.
    var number = try Streebog256.digest(of: Array(name.utf8))
    number[0] &= 0x3F
    secret = Self.hex(number)
    let key = try Expression("(private-key (ecc (curve GOST2012-256-A) (d #\(secret)#)))")
    var context: gcry_ctx_t?
    guard gcry_mpi_ec_new(&context, key.handle, nil) == 0 else { throw ServerFailure(description: "no curve") }
    defer { gcry_ctx_release(context) }
    guard let point = gcry_mpi_ec_get_mpi("q", context, 1) else { throw ServerFailure(description: "no public key") }
    defer { gcry_mpi_release(point) }
    var bits: UInt32 = 0
    guard let start = gcry_mpi_get_opaque(point, &bits), bits == 65 * 8 else {
      throw ServerFailure(description: "no public key")
    }
    let bytes = Array(UnsafeRawBufferPointer(start: start, count: 65))
    publicBytes = bytes[1..<33].reversed() + bytes[33..<65].reversed()
  }

  /// Signs a Streebog-256: s ‖ r.
  func signature(over digest: [UInt8]) throws -> [UInt8] {
    let x = Self.hex(publicBytes[..<32].reversed())
    let y = Self.hex(publicBytes[32...].reversed())
    let key = try Expression("(private-key (ecc (curve GOST2012-256-A) (q #04\(x)\(y)#) (d #\(secret)#)))")
    let data = try Expression("(data (flags gost) (value #\(Self.hex(digest.reversed()))#))")
    var made: gcry_sexp_t?
    guard gcry_pk_sign(&made, data.handle, key.handle) == 0, let made else {
      throw ServerFailure(description: "libgcrypt cannot sign")
    }
    defer { gcry_sexp_release(made) }
    return try Self.number("s", in: made) + Self.number("r", in: made)
  }

  private static func number(_ name: String, in list: gcry_sexp_t) throws -> [UInt8] {
    guard let part = gcry_sexp_find_token(list, name, 0) else { throw ServerFailure(description: "no signature") }
    defer { gcry_sexp_release(part) }
    var count = 0
    guard let start = gcry_sexp_nth_data(part, 1, &count) else { throw ServerFailure(description: "no signature") }
    let bytes = Array(UnsafeRawBufferPointer(start: start, count: count))
    return [UInt8](repeating: 0, count: max(0, 32 - bytes.count)) + bytes.suffix(32)
  }

  static func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private struct Expression: ~Copyable {
    let handle: gcry_sexp_t

    init(_ text: String) throws {
      var made: gcry_sexp_t?
      var text = text
      let result = text.withUTF8 { gcry_sexp_new(&made, $0.baseAddress, $0.count, 1) }
      guard result == 0, let made else { throw ServerFailure(description: "libgcrypt does not read \(text)") }
      handle = made
    }

    deinit { gcry_sexp_release(handle) }
  }
}
