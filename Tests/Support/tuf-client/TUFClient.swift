import ArgumentParser
import Foundation
import MirrorTypes
import StoreTrust
import SystemPackage
import Transfer
import Trust

/// A small TUF client around the target Trust, as the TUF project's conformance suite calls it.
@main
struct TUFClient: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tuf-client",
    abstract: "Updates from a TUF repository.",
    discussion: "Follows CLIENT-CLI.md of the TUF project's conformance suite."
  )

  enum Action: String, ExpressibleByArgument {
    case initialize = "init"
    case refresh
    case download
  }

  @Option(help: "Where trusted metadata is kept.") var metadataDir: String
  @Option(help: "The address of the repository's metadata.") var metadataUrl = ""
  @Option(help: "The path of a file to download; may be repeated.") var targetName: [String] = []
  @Option(help: "The address of the repository's files.") var targetBaseUrl = ""
  @Option(help: "Where files are kept.") var targetDir = ""
  @Argument(help: "init, refresh or download") var action: Action
  @Argument(help: "The trusted root, for init.") var trustedRoot: String?

  func run() async throws {
    do {
      try await perform()
    } catch {
      FileHandle.standardError.write(Data("tuf-client: \(error)\n".utf8))
      throw ExitCode(1)
    }
  }

  private func perform() async throws {
    let cache = FileCache(FilePath(metadataDir))
    if action == .initialize {
      guard let trustedRoot else { throw ValidationError("init needs the trusted root") }
      return try cache.save("root.json", Array(Data(contentsOf: URL(fileURLWithPath: trustedRoot))))
    }
    var options = TransferOptions()
    options.connection.allowsPlainHTTP = true
    let transfer = try TransferClient(options)
    defer { transfer.shutdown() }
    var client = try MetadataClient(
      cache: cache,
      source: MetadataServer(metadataUrl, client: transfer),
      now: UTCTime(seconds: Int64(time(nil)))
    )
    try await client.refresh()
    guard action == .download else { return }
    for path in targetName {
      guard let target = try await client.target(at: path) else { throw Failure("\(path): no role lists it") }
      try await download(target, with: transfer, consistent: client.trusted.root.consistentSnapshot)
    }
  }

  private func download(_ target: TargetFile, with transfer: TransferClient, consistent: Bool) async throws {
    let place = URL(fileURLWithPath: targetDir).appendingPathComponent(
      PercentEncoding.encoded(target.path, slash: true)
    )
    if let there = try? Data(contentsOf: place), target.mismatch(of: Array(there)) == nil { return }
    let sink = MemorySink(limit: 64 << 20)
    let base = targetBaseUrl.hasSuffix("/") ? String(targetBaseUrl.dropLast()) : targetBaseUrl
    let address = "\(base)/\(TargetAddress.path(of: target, consistent: consistent))"
    _ = try await transfer.fetch(TransferRequest(.url(address), into: sink, maximumBytes: target.length))
    if let problem = target.mismatch(of: sink.bytes) { throw Failure("\(target.path): \(problem)") }
    try Data(sink.bytes).write(to: place, options: .atomic)
  }

  private struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }
}
