import Failures

/// Why a bucket did not do what it was asked for.
package enum BucketError: Error, Sendable {
  /// 401 or 403, with what the store says: wrong keys, or keys that may not do this.
  case denied(key: String, code: String)
  /// The store's clock and ours differ too much for a signature.
  case clockSkew
  /// There is no such bucket.
  case noBucket(String)
  /// There is no such object.
  case noObject(String)
  /// 409 or 412: somebody else writes here at the same time.
  case conflict(key: String, status: Int, code: String)
  /// The store got other bytes than were signed: the file changed, or was damaged on the disk or on the way.
  case contentRefused(key: String, code: String)
  /// 5xx or 429, again and again.
  case serverFault(key: String, status: Int, code: String)
  /// Another status.
  case refused(key: String, status: Int, code: String)
  /// An answer that no honest store gives.
  case malformed(key: String, String)
  /// The store has other bytes under a key than were put there.
  case wrongContent(key: String, String)
  /// A file is too large for one PUT.
  case tooLarge(key: String, size: Int64)
}

extension BucketError: CustomStringConvertible {
  /// What failed, on which key, why, and what to do next.
  package var description: String {
    switch self {
    case .denied(let key, let code):
      "\(Self.name(key)): the store denies it (\(code)); check the access key, its secret and what the key may do"
    case .clockSkew: "the store's clock and this machine's differ too much for a signature; set the clock right"
    case .noBucket(let name): "there is no bucket '\(name)'; make it, or correct 'bucket' in [publish]"
    case .noObject(let key): "\(Self.name(key)): it is not there"
    case .conflict(let key, let status, let code):
      "\(Self.name(key)): another writer is active there at the same time (HTTP status \(status), \(code)); let only one store publish to a prefix"
    case .contentRefused(let key, let code):
      "\(Self.name(key)): the store got other bytes than were signed (\(code)); run 'kscmirror verify'"
    case .serverFault(let key, let status, let code):
      "\(Self.name(key)): the store answers with HTTP status \(status) (\(code)), again and again; try again later"
    case .refused(let key, let status, let code):
      "\(Self.name(key)): the store answers with HTTP status \(status) (\(code))"
    case .malformed(let key, let why): "\(Self.name(key)): the store's answer cannot be trusted: \(why)"
    case .wrongContent(let key, let why): "\(Self.name(key)): \(why)"
    case .tooLarge(let key, let size):
      "\(Self.name(key)): \(size) bytes are more than the \(BucketClient.largestObject) that one request may send"
    }
  }

  private static func name(_ key: String) -> String { key.isEmpty ? "the bucket" : key }
}

extension BucketError: Failure {
  package var status: ExitStatus {
    switch self {
    case .denied: .permission
    case .clockSkew, .conflict, .refused, .malformed: .badAnswer
    case .noBucket, .noObject: .notOnServer
    case .contentRefused, .wrongContent: .wrongContent
    case .serverFault: .serverError
    case .tooLarge: .cannotCreate
    }
  }
}
