import FileSystem
import MirrorTypes
import SystemPackage

extension Source {
  init(reading table: inout TableReader) throws(ConfigurationError) {
    name = try table.required("name")
    guard name.utf8.count <= 64, name.utf8.allSatisfy(Self.isNameCharacter) else {
      throw table.bad("name", "may have letters, digits, '-' and '_' only, 64 at the most: '\(name)'")
    }
    table = table.renamed("source \"\(name)\"")
    let kind = try table.required("kind")
    strict = try table.bool("strict")
    transport = try Transport(reading: &table)
    switch kind {
    case "kaspersky": self.kind = .kaspersky(try UpdateTreeSource(reading: &table, allowHTTP: transport.allowHTTP))
    case "files": self.kind = .files(try Self.files(reading: &table, allowHTTP: transport.allowHTTP))
    case "tuf": self.kind = .tuf(try RepositorySource(reading: &table, allowHTTP: transport.allowHTTP))
    default:
      let nearest = NearestName.of(kind, among: ["kaspersky", "files", "tuf"]).map { "; did you mean '\($0)'?" } ?? ""
      throw table.bad("kind", "has to be 'kaspersky', 'files' or 'tuf', not '\(kind)'\(nearest)")
    }
    try table.finish()
  }

  private static func isNameCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"): true
    default: false
    }
  }

  private static func files(
    reading table: inout TableReader,
    allowHTTP: Bool
  ) throws(ConfigurationError) -> [FileToFetch] {
    guard let items = try table.items("files"), !items.isEmpty else { throw table.error(.missing("files")) }
    var files: [FileToFetch] = []
    var paths = Set<TreePath>()
    for item in items {
      guard case .table(var entry) = item else {
        throw table.error(.wrongType("files", expected: "a list of tables: { url = …, path = … }"), at: "files")
      }
      let file = try FileToFetch(reading: &entry, allowHTTP: allowHTTP)
      guard paths.insert(file.path).inserted else { throw entry.bad("path", "is used twice: '\(file.path)'") }
      files.append(file)
    }
    return files
  }
}

extension FileToFetch {
  init(reading table: inout TableReader, allowHTTP: Bool) throws(ConfigurationError) {
    url = try table.place("url", try table.required("url"), allowHTTP: allowHTTP)
    path = try table.treePath("path", try table.required("path"))
    if let text = try table.string("sha256") {
      guard let digest = ObjectDigest(hex: text) else { throw table.bad("sha256", "has to be 64 hexadecimal digits") }
      sha256 = digest
    }
    size = try table.quantity("size", "a size in bytes", Quantity.bytes)
    try table.finish()
  }
}

extension RepositorySource {
  init(reading table: inout TableReader, allowHTTP: Bool) throws(ConfigurationError) {
    url = try table.address("url", try table.required("url"), allowHTTP: allowHTTP)
    guard let file = try table.file("root") else { throw table.error(.missing("root")) }
    root = file
  }
}

extension UpdateTreeSource {
  init(reading table: inout TableReader, allowHTTP: Bool) throws(ConfigurationError) {
    servers = []
    for item in try table.items("servers") ?? UpdateTreeSource.defaultServers.map(TableReader.Item.text) {
      switch item {
      case .text(let url):
        servers.append(Server(url: try table.place("servers", url, allowHTTP: allowHTTP)))
      case .table(var entry):
        let url = try entry.place("url", try entry.required("url"), allowHTTP: allowHTTP)
        servers.append(Server(url: url, weight: try entry.int("weight", in: 1...1000) ?? 1))
        try entry.finish()
      }
    }
    guard !servers.isEmpty else { throw table.bad("servers", "is empty") }
    guard servers.count == 1 || servers.allSatisfy({ !$0.isFolder }) else {
      throw table.bad("servers", "has a folder beside others: a folder has to be the only one")
    }
    indexes = []
    for text in try table.strings("indexes") ?? [] { indexes.append(try table.treePath("indexes", text)) }
    metaIndexes = try table.bool("meta_indexes") ?? false
    try readProducts(&table)
    components = try table.strings("components") ?? []
    applications = try table.strings("applications") ?? []
    operatingSystems = try table.strings("os") ?? []
    architectures = try table.strings("architectures") ?? []
    languages = try table.strings("languages") ?? []
    patches = try table.bool("patches") ?? false
    diffs = try table.bool("diffs") ?? false
    if let text = try table.string("absent_indexes") {
      guard let value = AbsentIndexes(rawValue: text) else {
        let nearest = NearestName.of(text, among: AbsentIndexes.allCases.map(\.rawValue))
        throw table.bad(
          "absent_indexes",
          "has to be \"error\" or \"report\", not '\(text)'" + (nearest.map { "; did you mean '\($0)'?" } ?? "")
        )
      }
      absentIndexes = value
    }
  }
}

extension Transport {
  init(reading table: inout TableReader) throws(ConfigurationError) {
    self.init()
    allowHTTP = try table.bool("allow_http") ?? allowHTTP
    try readTrust(&table)
    try readProxy(&table)
    transfers = try table.int("transfers", in: 1...256) ?? transfers
    connectionsPerServer = try table.int("connections_per_server", in: 1...64) ?? connectionsPerServer
    if let text = try table.string("http") {
      guard let version = HTTPVersion(rawValue: text) else {
        throw table.bad("http", "has to be \"auto\", \"1.1\" or \"2\"")
      }
      http = version
    }
    attempts = try table.int("attempts", in: 1...100) ?? attempts
    let time = "a time such as \"30s\" or \"10m\""
    waitLimit = try table.quantity("wait_limit", time, Quantity.seconds) ?? waitLimit
    guard waitLimit <= 86_400 else { throw table.bad("wait_limit", "has to be a day at the most") }
    connectTimeout = try table.quantity("connect_timeout", time, Quantity.seconds) ?? connectTimeout
    stallTimeout = try table.quantity("stall_timeout", time, Quantity.seconds) ?? stallTimeout
    totalTimeout = try table.quantity("total_timeout", time, Quantity.seconds)
    bandwidth = try table.quantity("bandwidth", "a rate such as \"2MiB/s\"", Quantity.rate)
    try readBandwidthHours(&table)
  }

  private mutating func readProxy(_ table: inout TableReader) throws(ConfigurationError) {
    proxy = try table.string("proxy")
    proxyUser = try table.string("proxy_user")
    proxyPasswordFile = try table.file("proxy_password_file")
    try readProxyAuth(&table)
    // Neither would be used.
    if proxy == nil, proxyUser != nil { throw table.error(.missing("proxy")) }
    if proxyUser == nil, proxyPasswordFile != nil { throw table.error(.missing("proxy_user")) }
  }

  private mutating func readProxyAuth(_ table: inout TableReader) throws(ConfigurationError) {
    guard let text = try table.string("proxy_auth") else { return }
    guard let value = ProxyAuthentication(rawValue: text) else {
      let all = ProxyAuthentication.allCases.map(\.rawValue)
      let nearest = NearestName.of(text, among: all).map { "; did you mean '\($0)'?" } ?? ""
      throw table.bad(
        "proxy_auth",
        "has to be \(all.map { "\"\($0)\"" }.joined(separator: ", ")), not '\(text)'\(nearest)"
      )
    }
    proxyAuth = value
  }

  private mutating func readTrust(_ table: inout TableReader) throws(ConfigurationError) {
    ca = try table.file("ca")
    clientCertificate = try table.file("client_certificate")
    clientKey = try table.file("client_key")
    clientKeyPassphraseFile = try table.file("client_key_passphrase_file")
    guard (clientCertificate == nil) == (clientKey == nil) else {
      throw table.error(.missing(clientKey == nil ? "client_key" : "client_certificate"))
    }
    pin = try table.string("pin")
    if let pin, !pin.hasPrefix("sha256//") { throw table.bad("pin", "has to begin with 'sha256//'") }
  }

  private mutating func readBandwidthHours(_ table: inout TableReader) throws(ConfigurationError) {
    for item in try table.items("bandwidth_hours") ?? [] {
      guard case .table(var entry) = item else {
        throw table.error(.wrongType("bandwidth_hours", expected: "a list of tables: { from, to, limit }"))
      }
      let clock = "a time of day such as \"08:00\""
      guard let from = try entry.quantity("from", clock, Quantity.minuteOfDay),
        let to = try entry.quantity("to", clock, Quantity.minuteOfDay),
        let limit = try entry.quantity("limit", "a rate such as \"500KiB/s\"", Quantity.rate)
      else { throw entry.error(.missing("from', 'to' or 'limit")) }
      bandwidthHours.append(BandwidthHours(from: from, to: to, limit: limit))
      try entry.finish()
    }
  }
}

extension TableReader {
  func renamed(_ name: String) -> TableReader {
    var copy = TableReader(table, name: name, at: place, document: document)
    copy.markKnown(["name"])
    return copy
  }

  /// An address of a server, or a file or folder of this machine, which becomes a `file://` address: written as one, or as
  /// a path, from where the configuration stands.
  func place(_ key: String, _ text: String, allowHTTP: Bool) throws(ConfigurationError) -> String {
    if text.hasPrefix("\\\\") || text.lowercased().hasPrefix("smb://") {
      throw bad(key, "names a Windows share: '\(text)'. Mount it, and name the folder that it is mounted at")
    }
    if text.hasPrefix("/") || text.hasPrefix("./") || text.hasPrefix("../") {
      var path = document.file.removingLastComponent().pushing(FilePath(text))
      if !path.isAbsolute, let here = try? Files.resolvingLinks(".") { path = here.pushing(path) }
      return FileAddress(path: path.lexicallyNormalized().string).text
    }
    guard FileAddress.isMeant(by: text) else { return try address(key, text, allowHTTP: allowHTTP) }
    do {
      return FileAddress(path: FilePath(try FileAddress(text).path).lexicallyNormalized().string).text
    } catch {
      throw bad(key, "\(error): '\(text)'")
    }
  }

  /// An address, without the slash at its end.
  func address(_ key: String, _ text: String, allowHTTP: Bool) throws(ConfigurationError) -> String {
    let scheme = ["https://", "http://"].first { text.lowercased().hasPrefix($0) }
    guard let scheme, text.count > scheme.count, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw bad(key, "has to be an https:// address: '\(text)'")
    }
    guard scheme == "https://" || allowHTTP else {
      throw bad(key, "is not https: '\(text)' (allow_http = true allows it)")
    }
    return text.hasSuffix("/") ? String(text.dropLast()) : text
  }
}
