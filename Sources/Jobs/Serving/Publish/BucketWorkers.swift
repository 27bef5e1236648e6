import JobCore
import MirrorConfiguration
import MirrorTypes
import ObjectBucket
import Synchronization

/// Several clients of one bucket, each with a connection of its own, that work at the same time.
struct BucketWorkers: Sendable {
  private let clients: [BucketClient]

  /// The one that does what is done once.
  let first: BucketClient

  init(_ settings: PublishSettings, _ credentials: BucketCredentials, _ transports: Transports) throws {
    var clients: [BucketClient] = []
    for _ in 0..<settings.parallel {
      let transport = try WebBucketTransport(settings, credentials, transports)
      clients.append(BucketClient(transport, bucket: settings.bucket, attempts: settings.attempts))
    }
    first = clients[0]
    self.clients = clients
  }

  /// Works off a list; the first failure ends it.
  ///
  /// - Parameter work: what is done with one item; returns how many bytes it had.
  func forEach<Item: Sendable>(
    _ items: [Item],
    _ reporter: any JobReporter,
    _ work: @Sendable @escaping (BucketClient, Item) async throws -> Int64
  ) async throws {
    let queue = WorkQueue(count: items.count)
    try await concurrently(clients.prefix(items.count), atMost: clients.count) { client in
      while let index = queue.next() {
        let bytes = try await work(client, items[index])
        reporter.report(.progress(queue.finish(bytes)))
      }
    }
  }
}

/// Which items of a list are still to be done.
private final class WorkQueue: Sendable {
  private let count: Int
  private let state = Mutex((next: 0, done: 0, bytes: Int64(0)))

  init(count: Int) { self.count = count }

  func next() -> Int? {
    state.withLock { state in
      guard state.next < count else { return nil }
      defer { state.next += 1 }
      return state.next
    }
  }

  func finish(_ bytes: Int64) -> JobProgress {
    state.withLock { state in
      state.done += 1
      state.bytes += bytes
      return JobProgress(bytes: state.bytes, files: state.done, totalFiles: count)
    }
  }
}
