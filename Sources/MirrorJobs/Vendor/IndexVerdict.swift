import MirrorConfiguration
import MirrorTypes
import UpdateIndex
import VendorSignatures

/// What the vendor's signature says of one index.
enum IndexVerdict: Sendable, Hashable {
  /// It is the vendor's.
  case verified
  /// It is of a generation whose signature nobody can check.
  case notVerifiable
  /// It should be signed, and is not, or not so; and why.
  case wrong(String)
}

extension VendorTrust {
  /// The trust that a configuration asks for.
  init(_ settings: VendorSettings) throws(JobError) {
    self = .builtIn
    guard let texts = settings.intermediates else { return }
    var keys: Set<GOSTPublicKey> = []
    for text in texts {
      guard let key = GOSTPublicKey(hex: text) else {
        throw JobError(.configuration, "vendor_intermediates: this is no public key: \(text.prefix(32))…")
      }
      keys.insert(key)
    }
    intermediates = keys
  }

  /// Primary indexes that are signed wherever the vendor publishes them: one that comes in an older form is none of his.
  private static let signedPrimaries: Set<String> = [
    "index/u1901g.xml", "index/um1901g.xml", "index/umeta.xml", "index/ummeta.xml",
  ]

  /// Judges an index.
  func verdict(on bytes: [UInt8], at path: TreePath, _ header: IndexFile.Header) -> IndexVerdict {
    guard header.generation == .update3 else {
      return Self.signedPrimaries.contains(path.string)
        ? .wrong("it is not of the generation that its name says, which is always signed") : .notVerifiable
    }
    do throws(VendorSignatureError) {
      _ = try verify(
        index: bytes,
        name: String(path.name),
        objectType: header.objectType,
        date: header.date?.secondsSince1970
      )
      return .verified
    } catch {
      return .wrong(error.description)
    }
  }
}
