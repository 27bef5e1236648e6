import Curl
import MirrorTypes
import SystemPackage

/// Fetches files over HTTPS, many at once, on threads of its own.
///
///     let client = try TransferClient(TransferOptions(servers: [TransferServer(baseURL: "https://updates.example")]))
///     let sink = MemorySink(limit: 1_000_000)
///     let response = try await client.fetch(
///       TransferRequest(.path("index/u1313g.xml"), into: sink, maximumBytes: 1_000_000)
///     )
///
/// Fetches may be begun without limit: they queue up, and as many run as the options say. A fetch that fails is tried
/// again, continued where it was cut if the server shows that the file is still the same, on the same server or on
/// another of the pool.
///
/// **Redirections** are followed five times at the most: never from HTTPS to plain HTTP, to another host only
/// over TLS and only if no client certificate is set.
///
/// **Absence**: when a server does not have a file, one other server of the pool is asked, since servers of a pool
/// may be minutes apart; if that one does not have it either, it is absent.
///
/// All members may be used from any thread.
package final class TransferClient: Sendable {
  private let scheduler: Scheduler
  /// The folder that stands in the place of servers, if one does.
  private let folder: FolderServer?
  private let loops: [TransferLoop]

  /// A client with its threads started. No connection is made before the first fetch.
  ///
  /// - Throws: ``TransferError``: an option that makes no sense, a certificate or key that cannot be read.
  package init(_ options: TransferOptions) throws(TransferError) {
    try options.check()
    try Library.prepare()
    var options = options
    folder = try Self.folder(of: &options)
    // Connections are shared out among the loops: more loops than that would get none.
    options.eventLoops = min(options.eventLoops, options.connectionsPerServer, options.concurrentTransfers)
    // What libcurl does not take is reported here, not at the first fetch.
    _ = try EasyHandle(options.connection)
    var loops: [TransferLoop] = []
    for number in 0..<options.eventLoops { loops.append(try TransferLoop(number: number)) }
    self.loops = loops
    scheduler = try Scheduler(options, loops: loops)
    let limiter = BandwidthLimiter(options.bandwidth)
    do {
      for loop in loops { try loop.startThread(scheduler, limiter) }
    } catch {
      for loop in loops { loop.stopThread() }
      throw error
    }
  }

  deinit { shutdown() }

  /// Fetches one file into the request's sink.
  ///
  /// Cancelling the task ends the transfer; what the sink has got so far stays in it.
  ///
  /// - Throws: ``TransferError``, after as many attempts as the options allow.
  package func fetch(_ request: TransferRequest) async throws(TransferError) -> TransferResponse {
    if let (folder, path) = try folderRequest(request.location) { return try await folder.fetch(request, path: path) }
    var address: WebAddress?
    if case .url(let text) = request.location {
      let parsed = try WebAddress(text)
      guard scheduler.options.connection.allowsPlainHTTP || !parsed.isPlain else {
        throw TransferError(.refusedPlainHTTP, url: parsed.redacted, server: parsed.origin)
      }
      address = parsed
    }
    let scheduler = scheduler
    let id = scheduler.reserve()
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { scheduler.submit(id, request, address: address, $0) }
    } onCancel: {
      scheduler.cancel(id)
    }
    return try result.get()
  }

  package func setAside(server: String) -> Bool { scheduler.setAside(server) }

  /// Takes a folder out of the servers; `nil` if there is none.
  private static func folder(of options: inout TransferOptions) throws(TransferError) -> FolderServer? {
    guard options.allowsFiles, let server = options.servers.first(where: { FileAddress.isMeant(by: $0.baseURL) }) else {
      return nil
    }
    guard options.servers.count == 1 else {
      throw TransferError(.invalidOption("a folder cannot be one of several servers: \(server.baseURL)"))
    }
    options.servers = []
    return try FolderServer(server.baseURL)
  }

  /// The folder to read from, and the path in it; `nil` when it is a server that is to be asked.
  private func folderRequest(
    _ location: TransferRequest.Location
  ) throws(TransferError) -> (FolderServer, path: String)? {
    switch location {
    case .path(let path):
      return folder.map { ($0, path) }
    case .url(let address):
      guard scheduler.options.allowsFiles, FileAddress.isMeant(by: address) else { return nil }
      // A single file: of its folder no more is read.
      let file = try FolderServer(address).root
      guard let name = file.lastComponent?.string else {
        throw TransferError(.invalidURL("\(String(address.prefix(200)).debugDescription) names no file"))
      }
      let root = file.removingLastComponent()
      return (root == folder?.root ? folder ?? FolderServer(root: root) : FolderServer(root: root), path: name)
    }
  }

  /// What the client has done so far, and what it is doing. Bytes are up to date to the last packet.
  package var statistics: TransferStatistics {
    var statistics = scheduler.statistics
    for loop in loops { statistics.bytesReceived += loop.bytesReceived.load(ordering: .relaxed) }
    if let folder {
      let counts = folder.counts
      statistics.bytesReceived += counts.bytes
      statistics.requests += counts.requests
      statistics.servers[folder.address] = .init(
        requests: counts.requests,
        failures: counts.failures,
        bytesReceived: counts.bytes
      )
    }
    return statistics
  }

  /// Ends all transfers with ``TransferError/Reason/cancelled``, closes all connections and waits for the threads to end.
  /// It is called by itself when the last reference is gone; calling it again does nothing.
  package func shutdown() {
    scheduler.shutDown()
    for loop in loops { loop.stopThread() }
  }
}
