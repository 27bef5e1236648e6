import Glibc
import MirrorTypes
import NIOCore
import NIOPosix

/// What all connections of a server share.
final class Serving: Sendable {
  let site: WebAnswers
  let options: WebServerOptions
  let metrics: Metrics
  let log: AccessLog?
  /// Threads that may wait for a disk.
  let threads: NIOThreadPool
  let rate: RequestRate?
  /// Small files and packed ones.
  let cache: ByteCache

  /// The most bytes of memory for small and packed files.
  static let cacheLimit = 48 << 20
  /// Files up to this size are kept in memory once they have been sent.
  static let keptSize: Int64 = 32 << 10

  init(_ content: any WebContent, _ options: WebServerOptions, log: AccessLog?, threads: NIOThreadPool) {
    metrics = Metrics()
    site = WebAnswers(content: content, metrics: metrics)
    self.options = options
    self.log = log
    self.threads = threads
    rate = options.requestsPerSecond.map { RequestRate(perSecond: $0, burst: max(100, $0 * 2)) }
    cache = ByteCache(limit: Self.cacheLimit)
  }

  /// The present.
  static var now: UTCTime { UTCTime(seconds: Int64(time(nil))) }
}

extension TimeAmount {
  /// So many seconds.
  static func time(_ count: Double) -> TimeAmount { .nanoseconds(Int64(count * 1e9)) }
}
