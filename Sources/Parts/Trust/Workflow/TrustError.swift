import Failures
import MirrorTypes

/// Why metadata, or a file that it lists, is not trusted.
package enum TrustError: Error, Sendable, CustomStringConvertible {
  /// A file of metadata is not there.
  case missing(file: String)
  /// A file of metadata has more bytes than it may have.
  case tooLarge(file: String, limit: Int)
  /// A file of metadata has another length than the one that lists it says.
  case wrongLength(file: String, expected: Int64, found: Int64)
  /// A file of metadata has another digest than the one that lists it says.
  case wrongHash(file: String)
  /// A file is not metadata of its kind, and why.
  case malformed(file: String, MetadataProblem)
  /// None of the keys that have signed is trusted with this role.
  case unknownKey(file: String, keys: [String])
  /// Too few of the role's keys have signed, or their signatures are wrong.
  case tooFewSignatures(file: String, valid: Int, threshold: Int, wrong: Int)
  /// A file has another version than the one that lists it says, or than comes next.
  case wrongVersion(file: String, expected: Int, found: Int)
  /// A file is older than what was trusted before.
  case rollback(file: String, trusted: Int, found: Int)
  /// A file that snapshot metadata had listed is not listed any more.
  case noLongerListed(file: String)
  /// A file of metadata that snapshot metadata does not list.
  case notListed(file: String)
  /// Metadata has ceased to be good. `now`: the time that it was compared with.
  case expired(file: String, at: UTCTime, version: Int, now: UTCTime)
  /// Where the metadata comes from failed.
  case source(file: String, any Error)
  /// Where trusted metadata is kept failed.
  case cache(file: String, any Error)

  /// The failure in words.
  package var description: String {
    switch self {
    case .missing(let file): "\(file) is missing"
    case .tooLarge(let file, let limit): "\(file) has more than the \(limit) bytes that it may have"
    case .wrongLength(let file, let expected, let found): "\(file) has \(Words.exactBytes(found)), not \(expected)"
    case .wrongHash(let file): "the digest of \(file) is not what the metadata says"
    case .malformed(let file, let problem): "\(file) is malformed: \(problem)"
    case .unknownKey(let file, let keys):
      keys.isEmpty
        ? "\(file) is not signed" : "\(file) is signed by a key that is not trusted: \(keys[0].prefix(16))…"
    case .tooFewSignatures(let file, let valid, let threshold, let wrong):
      "\(file) has \(Words.count(valid, "good signature")) of \(threshold) that are needed"
        + (wrong > 0
          ? ", and \(wrong) that \(wrong == 1 ? "is" : "are") wrong: it was changed, or made with another key" : "")
    case .wrongVersion(let file, let expected, let found): "\(file) has version \(found), not \(expected)"
    case .rollback(let file, let trusted, let found):
      "\(file) has version \(found), which is older than version \(trusted) that was here before"
    case .noLongerListed(let file): "\(file) was listed before and is not any more"
    case .notListed(let file): "\(file) is not listed by the snapshot metadata"
    case .expired(let file, let at, let version, _):
      "\(file) of version \(version) expired on \(at.text)"
    case .source(let file, let error): "\(file): \(error)"
    case .cache(let file, let error): "\(file): \(error)"
    }
  }
}

extension TrustError: Failure {
  package var status: ExitStatus {
    switch self {
    case .source(_, let cause), .cache(_, let cause): failure(cause).status
    case .unknownKey: .unknownKey
    case .tooFewSignatures: .tooFewSignatures
    case .expired: .expired
    case .rollback, .noLongerListed: .olderBundle
    case .missing, .tooLarge, .wrongLength, .wrongHash, .malformed, .wrongVersion, .notListed: .damagedBundle
    }
  }

  package var message: String { message(at: "metadata") }

  /// The failure in words that name `place`, where the metadata lies.
  package func message(at place: String) -> String {
    switch self {
    case .source(_, let cause), .cache(_, let cause): failure(cause).message
    default: "\(place): \(self)"
    }
  }

  package var remedy: String? {
    switch self {
    case .source(_, let cause), .cache(_, let cause): failure(cause).remedy
    case .unknownKey:
      "Ask the connected side first, over another channel, such as a telephone. Only if it made new keys from nothing, trust its new root with 'kscmirror trust add --replace'. Otherwise somebody else made this: do not trust it."
    case .tooFewSignatures:
      "Make the bundle again on the connected side. If this does not change, it was changed on the way."
    case .expired(_, _, _, let now):
      "See that this server's clock is right: it says \(now.text). Take a newer bundle, or accept this one with --accept-expired and the version that 'kscmirror inspect' shows."
    case .rollback, .noLongerListed:
      "Take a newer bundle. If the connected side has none, its store may have been put back from a backup: bring it this site's newest receipt ('kscmirror receipt'), and its numbers go on behind those here. Otherwise an attacker may be replaying an old one. To go back on purpose: 'kscmirror rollback'."
    case .missing, .tooLarge, .wrongLength, .wrongHash, .malformed, .wrongVersion, .notListed:
      "Copy it from the connected side again; nothing was published here."
    }
  }
}
