import SystemPackage

/// How the built-in web server serves.
package struct ServeSettings: Sendable, Hashable {
  /// An address and a port.
  package struct Address: Sendable, Hashable {
    /// The address, or the name of one; empty: all addresses.
    package var host: String
    /// The port.
    package var port: Int

    /// Reads `host:port`, `[2001:db8::1]:port` or `:port`; `nil` for anything else.
    package init?(_ text: String) {
      guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
        (0...65_535).contains(port)
      else { return nil }
      var host = text[..<colon]
      if host.hasPrefix("["), host.hasSuffix("]") {
        host = host.dropFirst().dropLast()
        guard host.contains(":") else { return nil }
      } else if host.contains(":") {
        return nil
      }
      guard host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") }) else { return nil }
      self.host = String(host)
      self.port = port
    }
  }

  /// Where TLS is spoken.
  package var listen: [Address] = []
  /// Where plain HTTP is spoken.
  package var listenHTTP: [Address] = []
  /// The certificate chain, PEM.
  package var certificate: FilePath?
  /// Its private key, PEM.
  package var key: FilePath?
  /// Who may connect, as addresses and networks; empty: everybody.
  package var allow: [String] = []
  /// How many connections there may be at once.
  package var maximumConnections = 2048
  /// How many of them may come from one address.
  package var maximumConnectionsPerAddress = 256
  /// How many requests a second one address may make; `nil`: as many as it likes.
  package var requestsPerSecond: Int?
  /// Seconds for which a path that only the previous release had is still answered.
  package var grace: Double = 900
  /// The access log; `-` for standard output; `nil`: none.
  package var accessLog: FilePath?
  /// Whether the status page lists licences that somebody should look at.
  package var licences = false
  /// The user whose web server reads the store, where it is another one than the store's; `nil`: anybody may be.
  package var webUser: String?

  /// The port of TLS where none is configured.
  package static let port = 8443

  /// The defaults.
  package init() {}
}

extension ServeSettings {
  init(reading top: inout TableReader) throws(ConfigurationError) {
    self.init()
    guard var table = try top.subtable("serve", as: "[serve]") else { return }
    listen = try table.addresses("listen")
    listenHTTP = try table.addresses("listen_http")
    certificate = try table.file("certificate")
    key = try table.file("key")
    guard (certificate == nil) == (key == nil) else {
      throw table.error(.missing(certificate == nil ? "certificate" : "key"))
    }
    allow = try table.strings("allow") ?? allow
    maximumConnections = try table.int("max_connections", in: 1...1_000_000) ?? maximumConnections
    maximumConnectionsPerAddress =
      try table.int("max_connections_per_address", in: 1...1_000_000) ?? maximumConnectionsPerAddress
    requestsPerSecond = try table.int("requests_per_second", in: 1...1_000_000)
    grace = try table.quantity("grace", "a time such as \"15m\"", Quantity.seconds) ?? grace
    guard grace <= 7 * 86_400 else { throw table.bad("grace", "has to be 7 days at most") }
    if table.table["access_log"]?.string == "-" {
      table.markKnown(["access_log"])
      accessLog = "-"
    } else {
      accessLog = try table.file("access_log")
    }
    licences = try table.bool("licences") ?? licences
    webUser = try table.string("web_user")
    try table.finish()
  }
}

extension TableReader {
  fileprivate mutating func addresses(_ key: String) throws(ConfigurationError) -> [ServeSettings.Address] {
    var addresses: [ServeSettings.Address] = []
    for text in try strings(key) ?? [] {
      guard let address = ServeSettings.Address(text) else {
        throw bad(key, "has to be a list of addresses with ports, such as \"192.0.2.7:8443\" or \":8443\": '\(text)'")
      }
      addresses.append(address)
    }
    return addresses
  }
}
