import MirrorTypes

/// Why a digest of the vendor's cannot be computed, or a signature of his is not right.
package enum VendorSignatureError: Error, Hashable, Sendable, CustomStringConvertible {
  /// libgcrypt is too old, or lacks Streebog or the curves of GOST R 34.10-2012.
  case libraryUnusable
  /// A file cannot be read.
  case unreadable(path: String, reason: String)
  /// There is no signature behind the index.
  case missing
  /// The trailer's header is malformed, or its length is not that of what follows.
  case trailerMalformed
  /// The CRC-32 in the trailer's header is not that of what follows.
  case wrongChecksum
  /// A part is not as the vendor writes it.
  case malformed(String)
  /// The index, or its name, was changed: the digest that is signed is another one.
  case wrongDigest
  /// The signature over the digest is wrong.
  case wrongSignature
  /// The certificate of the key that has signed is not signed by the intermediate authority.
  case wrongCertificateSignature(String)
  /// The intermediate authority is none of those that are trusted: its public key.
  case unknownIntermediate(String)
  /// Certificates do not belong together, or are not made for this use.
  case wrongCertificate(String)
  /// A certificate was not good at the time of signing.
  case notValidThen(certificate: String, time: UTCTime)
  /// The certificate is for another kind of index.
  case wrongSigner(signer: String, objectType: String)
  /// The timestamp over the signature is wrong.
  case wrongTimestamp(String)

  /// The reason in words.
  package var description: String {
    switch self {
    case .libraryUnusable:
      "libgcrypt is older than 1.8 or built without Streebog and GOST; install Debian's libgcrypt20"
    case .unreadable(let path, let reason): "cannot read \(path): \(reason)"
    case .missing: "it must be signed by the vendor, and has no signature"
    case .trailerMalformed: "the header of the vendor's signature is malformed"
    case .wrongChecksum: "the vendor's signature is damaged: its CRC-32 is wrong"
    case .malformed(let what): "the vendor's signature is malformed: \(what)"
    case .wrongDigest: "its content or name is not what the vendor has signed"
    case .wrongSignature: "the vendor's signature is wrong"
    case .wrongCertificateSignature(let name): "the certificate '\(name)' was not issued by the vendor's authority"
    case .unknownIntermediate(let key):
      "it is signed under an authority that is not trusted: \(key.prefix(32))…"
    case .wrongCertificate(let why): "the certificates of the vendor's signature do not fit: \(why)"
    case .notValidThen(let certificate, let time):
      "the certificate '\(certificate)' was not good when it signed (\(time.text))"
    case .wrongSigner(let signer, let objectType):
      "it is of type '\(objectType)' and signed by '\(signer)', which signs others"
    case .wrongTimestamp(let why): "the timestamp over the vendor's signature is wrong: \(why)"
    }
  }
}
