import AdministrationServer
import BundleFormat
import FileSystem
import JobCore
import Synchronization
import SystemPackage
import Transfer

/// Fetches a management plug-in from where the server says that it is: on the same host, and nowhere else.
struct PluginFetching {
  /// The most bytes that a plug-in may have.
  static let mostBytes: Int64 = 2 << 30

  private let url: String
  private let plugin: PackagePlugin
  private let options: TransferOptions
  private let transports: Transports

  /// - Parameter address: the server's, as it is called by the configuration.
  /// - Throws: an error for an address of another host, or one that is not encrypted although that is not allowed.
  init(_ plugin: PackagePlugin, from address: String, _ context: JobContext) throws {
    self.plugin = plugin
    transports = context.transports
    url = plugin.address.hasPrefix("/") && !plugin.address.hasPrefix("//") ? address + plugin.address : plugin.address
    guard let host = Self.host(of: url), host == Self.host(of: address) else {
      throw Self.refusal(plugin, "lies on another host than \(address), and is not fetched from there")
    }
    let settings = context.configuration.administrationServer
    var options = TransferOptions()
    options.connection.allowsPlainHTTP = settings?.allowHTTP ?? false
    guard url.hasPrefix("https://") || options.connection.allowsPlainHTTP else {
      throw Self.refusal(plugin, "is given out without encryption, and allow_http is not set")
    }
    options.connection.caFile = settings?.ca
    options.connection.userAgent = "kscmirror/\(Program.version)"
    options.retries.attempts = 2
    self.options = options
  }

  private static func refusal(_ plugin: PackagePlugin, _ why: String) -> JobError {
    JobError(
      .permission,
      "the plug-in at \(String(plugin.address.prefix(500)).debugDescription) \(why)",
      remedy: "If you trust the address, fetch it from there by hand."
    )
  }

  /// The host of a plain address, in small letters; `nil` for one that programs could read in two ways.
  static func host(of address: String) -> String? {
    guard address.utf8.count <= 4096, address.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x5C }) else {
      return nil
    }
    guard let scheme = ["https://", "http://"].first(where: { address.hasPrefix($0) }) else { return nil }
    let authority = address.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
    guard !authority.contains("@") else { return nil }
    let host = authority.hasPrefix("[") ? authority.prefix { $0 != "]" } : authority.prefix { $0 != ":" }
    return host.isEmpty ? nil : host.lowercased()
  }

  /// Fetches it into a file, which appears when it is whole.
  ///
  /// - Returns: its SHA-256, in hexadecimal digits.
  func fetch(to file: FilePath) async throws -> String {
    let partial = file.removingLastComponent().appending("\(file.lastComponent?.string ?? "plugin").partial")
    let sink = FileSink(partial)
    do {
      let client = try transports.files(options)
      defer { client.shutdown() }
      let answer = try await client.fetch(
        TransferRequest(.url(url), into: sink, maximumBytes: Self.mostBytes, expectedBytes: plugin.size)
      )
      guard Self.host(of: answer.url) == Self.host(of: url) else {
        throw Self.refusal(plugin, "leads to another host")
      }
      try sink.finish()
      let digest = try VolumeCopy.digest(of: [Place(at: partial)], atMost: Self.mostBytes).digest.hex
      try Files.rename(partial, to: file)
      return digest
    } catch {
      try? Files.remove(partial)
      throw error
    }
  }
}

/// Takes a transfer's bytes into a file.
private final class FileSink: TransferSink {
  private let path: FilePath
  private let file = Mutex<OutputFile?>(nil)

  init(_ path: FilePath) { self.path = path }

  var offset: Int64 { file.withLock { $0?.count ?? 0 } }

  func restart() throws { try file.withLock { $0 = try OutputFile(path) } }

  func append(_ bytes: UnsafeRawBufferPointer) throws {
    try file.withLock { file in
      if file == nil { file = try OutputFile(path) }
      try file?.write(bytes)
    }
  }

  /// Has the disk keep it.
  func finish() throws {
    try file.withLock { file in
      if file == nil { file = try OutputFile(path) }
      try file?.sync()
      try file?.close()
      file = nil
    }
  }
}
