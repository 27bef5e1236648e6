import Synchronization

/// Remembers which certificates were found to be issued by which key: hundreds of indexes share a few of them, and
/// each signature takes more than a millisecond.
final class IssuedCertificates: Sendable {
  private struct Pair: Hashable {
    let certificate: [UInt8]
    let authority: GOSTPublicKey
  }

  private let known = Mutex<Set<Pair>>([])
  /// The most that are remembered.
  private static let limit = 4096

  /// Whether a certificate was found to be issued by a key.
  func contains(_ certificate: [UInt8], by authority: GOSTPublicKey) -> Bool {
    known.withLock { $0.contains(Pair(certificate: certificate, authority: authority)) }
  }

  /// Remembers that it was.
  func insert(_ certificate: [UInt8], by authority: GOSTPublicKey) {
    known.withLock { known in
      if known.count < Self.limit { known.insert(Pair(certificate: certificate, authority: authority)) }
    }
  }
}
