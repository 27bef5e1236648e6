import Synchronization

/// How many requests each client may make: a bucket of tokens for each, filled at a steady rate up to a burst.
final class RequestRate: Sendable {
  private struct Bucket {
    var tokens: Double
    var filled: Double
  }

  /// The most clients that are remembered; when there are more, those whose buckets are full are forgotten, which makes
  /// no difference to them, and if there are none, all.
  static let maximumClients = 65_536

  private let perSecond: Double
  private let burst: Double
  private let buckets = Mutex<[[UInt8]: Bucket]>([:])

  /// - Parameters:
  ///   - perSecond: how many requests a second.
  ///   - burst: how many at once.
  init(perSecond: Double, burst: Double) {
    self.perSecond = perSecond
    self.burst = max(burst, 1)
  }

  /// Whether a client may make a request at a time in seconds on any clock that goes forward.
  func admits(_ client: [UInt8], at time: Double) -> Bool {
    buckets.withLock { buckets in
      if buckets.count >= Self.maximumClients, buckets[client] == nil { makeRoom(&buckets, time) }
      var bucket = buckets[client] ?? Bucket(tokens: burst, filled: time)
      bucket.tokens = min(burst, bucket.tokens + max(0, time - bucket.filled) * perSecond)
      bucket.filled = time
      let admitted = bucket.tokens >= 1
      if admitted { bucket.tokens -= 1 }
      buckets[client] = bucket
      return admitted
    }
  }

  private func makeRoom(_ buckets: inout [[UInt8]: Bucket], _ time: Double) {
    buckets = buckets.filter { $0.value.tokens + (time - $0.value.filled) * perSecond < burst }
    if buckets.count >= Self.maximumClients { buckets.removeAll() }
  }
}
