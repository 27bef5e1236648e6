import JobCore
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
  package init(_ settings: VendorSettings) throws {
    guard let texts = settings.intermediates else {
      self = .builtIn
      return
    }
    var keys: Set<GOSTPublicKey> = []
    for text in texts {
      guard let key = GOSTPublicKey(hex: text) else {
        throw JobError(.configuration, "vendor_intermediates: this is not a public key: \(text.prefix(32))…")
      }
      keys.insert(key)
    }
    self.init(intermediates: keys)
  }

  /// Judges an index.
  ///
  /// The vendor has left some indexes of old application patches unsigned. Anywhere else a missing signature means that
  /// somebody has taken it away. What only looks as if it need not be signed is found by ``SignedClaims``.
  func verdict(on bytes: [UInt8], at path: TreePath, _ header: IndexFile.Header) -> IndexVerdict {
    // One that comes in an older form is none of the vendor's.
    if PrimaryIndexes.signed.contains(path.string) && !(header.isSignable && header.generation == .update3) {
      return .wrong("it is not of the generation that its name says, which is always signed")
    }
    guard header.isSignable else { return .notVerifiable }
    do throws(VendorSignatureError) {
      _ = try verify(
        index: bytes,
        name: String(path.name),
        objectType: header.objectType
      )
      return .verified
    } catch {
      if error == .missing && path.lies(below: "updates/bin") { return .notVerifiable }
      return .wrong(error.description)
    }
  }
}

/// Judges the indexes of a sync as they come.
package struct IndexJudge {
  private let trust: VendorTrust
  private let strictness: VendorSettings.Signatures
  private let source: String

  /// A judge of a source's indexes.
  package init(_ settings: VendorSettings, source: String) throws {
    trust = try VendorTrust(settings)
    strictness = settings.signatures
    self.source = source
  }

  /// Whether an index is proven to be the vendor's.
  ///
  /// - Throws: an error for one that should be and is not; for one that cannot be verified where that is required.
  package func isVerified(_ bytes: [UInt8], at path: TreePath, _ header: IndexFile.Header) throws -> Bool {
    if strictness == .off { return false }
    switch trust.verdict(on: bytes, at: path, header) {
    case .verified: return true
    case .notVerifiable where strictness == .required:
      throw JobError(
        .notVerifiable,
        "source \(source): the index \(path) carries no signature of the vendor's that can be verified",
        remedy:
          "If only the generation 1901g is mirrored (indexes = [\"index/u1901g.xml\"]), all of it is signed: do not trust this server. Else mirror only that generation, or set vendor_signatures = \"check\"."
      )
    case .notVerifiable: return false
    case .wrong(let reason): throw refusal(of: path, reason)
    }
  }

  /// Whether signatures are looked at.
  package var isJudging: Bool { strictness != .off }

  /// The refusal of an index that is not the vendor's.
  package func refusal(of path: TreePath, _ reason: String) -> JobError {
    JobError(
      .vendorSignature,
      "source \(source): \(path): \(reason)",
      remedy:
        "The server may be in the middle of an update: run sync again later. If this does not change, do not trust this server."
    )
  }
}

extension VendorSettings {
  /// A text that changes with anything that decides what is refused.
  package var fingerprint: String { ([signatures.rawValue] + (intermediates ?? ["built-in"])).joined(separator: " ") }
}
