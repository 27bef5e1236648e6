import Crypto
import FileSystem
import Glibc
import Synchronization
import SystemPackage
import Transfer

/// Fetches a list of files into a folder, each hashed on the way, and prints their digests as `sha256sum` does.
///
///     transfer-bench BASE-URL LIST FOLDER [name=value …]
///
/// Names: `http` (1, 2 or auto), `transfers`, `connections`, `loops`, `ca` (a file), `window` (fetches begun at once),
/// `bandwidth` (bytes a second). The digests go to FOLDER.sha256, figures to standard error.
@main struct TransferBench {
  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count >= 4 else {
      tell("usage: transfer-bench BASE-URL LIST FOLDER [name=value …]")
      exit(EX_USAGE)
    }
    var options = TransferOptions(servers: [TransferServer(baseURL: arguments[1])])
    var window = 64
    for setting in arguments.dropFirst(4) {
      let parts = setting.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { continue }
      switch parts[0] {
      case "http": options.connection.httpVersion = parts[1] == "1" ? .http1 : parts[1] == "2" ? .http2 : .automatic
      case "transfers": options.concurrentTransfers = Int(parts[1]) ?? options.concurrentTransfers
      case "connections": options.connectionsPerServer = Int(parts[1]) ?? options.connectionsPerServer
      case "loops": options.eventLoops = Int(parts[1]) ?? options.eventLoops
      case "ca": options.connection.caFile = FilePath(parts[1])
      case "window": window = Int(parts[1]) ?? window
      case "bandwidth": options.bandwidth = [BandwidthRule(bytesPerSecond: Int64(parts[1]))]
      default: tell("unknown setting \(parts[0])")
      }
    }
    let listed = try Files.read(FilePath(arguments[2]), atMost: 100 << 20)
    let paths = String(decoding: listed, as: UTF8.self).split(separator: "\n").map(String.init)
    let folder = FilePath(arguments[3])
    try makeFolders(of: paths, below: folder)
    let client = try TransferClient(options)
    let lines = try await fetch(paths, into: folder, with: client, window: window)
    var report = try OutputFile(FilePath(folder.string + ".sha256"))
    try report.write(Array(lines.joined().utf8))
    try report.close()
    let figures = client.statistics
    tell(
      "\(paths.count) files, \(figures.bytesReceived) bytes, \(figures.requests) requests, \(figures.retries) retries, "
        + "\(figures.connectionsOpened) connections, \(figures.multiplexedAnswers) over HTTP/2"
    )
  }

  static func tell(_ line: String) { _ = try? FileDescriptor.standardError.writeAll((line + "\n").utf8) }

  static func makeFolders(of paths: [String], below folder: FilePath) throws {
    var made: Set<FilePath> = []
    for path in paths {
      let parent = folder.appending(path).removingLastComponent()
      if made.insert(parent).inserted { try Files.makeFolder(parent) }
    }
  }

  static func fetch(
    _ paths: [String],
    into folder: FilePath,
    with client: TransferClient,
    window: Int
  ) async throws -> [String] {
    try await withThrowingTaskGroup(of: String.self) { group in
      var lines: [String] = []
      lines.reserveCapacity(paths.count)
      for (number, path) in paths.enumerated() {
        if number >= window, let line = try await group.next() { lines.append(line) }
        group.addTask {
          let sink = HashingFile(folder.appending(path))
          _ = try await client.fetch(TransferRequest(.path(path), into: sink, maximumBytes: 1 << 32))
          return "\(try sink.finish())  \(path)\n"
        }
      }
      for try await line in group { lines.append(line) }
      return lines
    }
  }
}

/// A file that is written under a temporary name, hashed in the same pass, and renamed when it is whole.
final class HashingFile: TransferSink {
  private struct Content: ~Copyable {
    var file: OutputFile?
    var hash = SHA256()
    var count: Int64 = 0
  }

  private let path: FilePath
  private let content = Mutex(Content())

  init(_ path: FilePath) { self.path = path }

  private var temporary: FilePath { FilePath(path.string + ".part") }

  var offset: Int64 { content.withLock { $0.count } }

  func restart() throws { content.withLock { $0 = Content() } }

  func append(_ bytes: UnsafeRawBufferPointer) throws {
    try content.withLock { content in
      if content.file == nil { content.file = try OutputFile(temporary) }
      try content.file?.write(bytes)
      content.hash.update(bufferPointer: bytes)
      content.count += Int64(bytes.count)
    }
  }

  func finish() throws -> String {
    try content.withLock { content in
      if content.file == nil { content.file = try OutputFile(temporary) }
      try content.file?.close()
      try Files.rename(temporary, to: path)
      let digits = Array("0123456789abcdef".utf8)
      let text = content.hash.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
      return String(decoding: text, as: UTF8.self)
    }
  }
}
