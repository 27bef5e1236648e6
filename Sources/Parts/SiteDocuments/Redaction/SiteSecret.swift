import Crypto
import MirrorTypes

/// The secret that a site's pseudonyms are made with. It stays at the site: whoever has it can find out which device a
/// pseudonym stands for by trying all names.
package struct SiteSecret: Sendable {
  private let key: SymmetricKey

  /// The least bytes of a secret.
  package static let minimumByteCount = 32

  /// Takes the bytes of a secret; `nil` for fewer than ``minimumByteCount``, which could be tried out.
  package init?(_ bytes: some Sequence<UInt8>) {
    let bytes = Array(bytes)
    guard bytes.count >= Self.minimumByteCount else { return nil }
    key = SymmetricKey(data: bytes)
  }

  /// A new secret, and its bytes to be kept.
  package static func make() -> (secret: SiteSecret, bytes: [UInt8]) {
    let key = SymmetricKey(size: .bits256)
    return (SiteSecret(key: key), key.withUnsafeBytes { Array($0) })
  }

  private init(key: SymmetricKey) { self.key = key }

  /// A stable name for something that is not to be named: the kind, and 48 bits of an HMAC-SHA256 in hexadecimal
  /// digits, `device-3f9a1c20b7d4`.
  ///
  /// The same thing has the same name in each export of the site. Letters' case does not count, as it does not in names
  /// of devices. 48 bits, since with 32 of them two devices among 100,000 would share a name more often than not.
  package func pseudonym(of name: String, kind: String) -> String {
    var code = HMAC<SHA256>(key: key)
    code.update(data: Array("kscmirror pseudonym\n\(kind)\n".utf8))
    code.update(data: Array(name.lowercased().utf8))
    return "\(kind)-" + Hexadecimal.digits(code.finalize().prefix(6))
  }

  /// Whether a name is of the form of a pseudonym of this program's, of one kind.
  static func isPseudonym(_ name: String, kind: String) -> Bool {
    guard name.hasPrefix(kind + "-") else { return false }
    let digits = name.dropFirst(kind.count + 1).utf8
    return digits.count == 12 && digits.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }
}

extension SiteSecret: CustomStringConvertible, CustomReflectable {
  /// Says that it is a secret, and not which.
  package var description: String { "(secret)" }
  /// Shows nothing.
  package var customMirror: Mirror { Mirror(self, children: []) }
}
