import FileSystem
import JobCore
import MirrorConfiguration
import MirrorTypes
import SystemPackage
import Transfer

extension TransferOptions {
  /// The options for a source's servers.
  ///
  /// - Throws: an error when a file with a password cannot be read.
  package init(_ transport: Transport, servers: [Server]) throws {
    self.init()
    self.servers = servers.map { TransferServer(baseURL: $0.url, weight: $0.weight) }
    connection.userAgent = "kscmirror/\(Program.version)"
    connection.allowsPlainHTTP = transport.allowHTTP
    allowsFiles = true
    concurrentTransfers = transport.transfers
    connectionsPerServer = transport.connectionsPerServer
    connection.httpVersion =
      switch transport.http {
      case .automatic: .automatic
      case .http1: .http1
      case .http2: .http2
      }
    try setTrust(transport)
    try setProxy(transport)
    bandwidth = Self.bandwidth(transport)
    connection.connectTimeout = .seconds(transport.connectTimeout)
    connection.stallTimeout = .seconds(transport.stallTimeout)
    totalTimeout = transport.totalTimeout.map { .seconds($0) }
    retries.attempts = transport.attempts
    retries.longestWaiting = .seconds(transport.waitLimit)
  }

  /// The hours' limits, then the one for the rest of the day.
  private static func bandwidth(_ transport: Transport) -> [BandwidthRule] {
    transport.bandwidthHours.map { BandwidthRule(bytesPerSecond: $0.limit, fromMinute: $0.from, toMinute: $0.to) }
      + [BandwidthRule(bytesPerSecond: transport.bandwidth)]
  }

  private mutating func setTrust(_ transport: Transport) throws {
    connection.caFile = transport.ca
    connection.clientCertificate = transport.clientCertificate
    connection.clientKey = transport.clientKey
    connection.keyPassword = try Self.secret(in: transport.clientKeyPassphraseFile)
    connection.pinnedPublicKey = transport.pin
  }

  private mutating func setProxy(_ transport: Transport) throws {
    switch transport.proxyAuth {
    case .automatic: break
    case .basic: connection.proxySchemes = .basic
    case .digest: connection.proxySchemes = .digest
    case .ntlm: connection.proxySchemes = .ntlm
    case .negotiate: connection.proxySchemes = .negotiate
    }
    guard let address = transport.proxy else { return }
    let password = try Self.secret(in: transport.proxyPasswordFile)
    connection.proxy = address.isEmpty ? .none : .server(url: address, user: transport.proxyUser, password: password)
  }

  /// The first line of a file that holds a secret.
  private static func secret(in file: FilePath?) throws -> String? {
    guard let file else { return nil }
    return String(decoding: PlainText.secret(try Files.read(file, atMost: 4096)), as: UTF8.self)
  }
}

extension TransferEvent {
  /// Tells that the run waits, or goes on by other means, and why.
  func report(to reporter: any JobReporter, source: String) {
    switch self {
    case .pause(let it):
      reporter.information(
        "server-busy",
        "source \(source): \(it.server) answered with HTTP status \(it.status) and asks to come back in \(it.asked.inWords); asking again in \(it.pause.inWords)"
      )
    case .leftHTTP2(let server):
      reporter.information(
        "http2-left",
        "source \(source): HTTP/2 does not work with \(server), or on the way to it; going on with HTTP/1.1. http = \"1.1\" in the source does so from the beginning"
      )
    }
  }
}
