import FileSystem
import Languages
import MirrorTypes
import SystemPackage
import TOMLKit

extension Configuration {
  /// The most bytes that a configuration file may have.
  package static let maximumFileSize = 1 << 20

  /// Reads and checks a configuration file. Unknown keys are errors.
  package init(reading file: FilePath) throws(ConfigurationError) {
    let bytes: [UInt8]
    do {
      bytes = try Files.read(Self.resolvingLinks(file), atMost: Self.maximumFileSize)
    } catch {
      throw ConfigurationError(file: file, problem: .unreadable("\(error.reason)"))
    }
    try self.init(parsing: String(decoding: PlainText.utf8(bytes), as: UTF8.self), from: file)
  }

  /// The keys that are asked for while a text is read, by their tables: `""` is the top, `source.files` a list of tables
  /// in one. A table that may be there and is not is there without keys.
  ///
  /// Which keys there are depends on the text: those of a source of kind `tuf` are asked for where there is one.
  package static func keysAskedFor(reading text: String) throws(ConfigurationError) -> [String: Set<String>] {
    let recorder = KeyRecorder()
    _ = try Configuration(parsing: text, from: defaultFile, recorder)
    var keys = recorder.keys
    for table in recorder.tables where keys[table] == nil { keys[table] = [] }
    return keys
  }

  /// Checks the text of a configuration file.
  package init(parsing text: String, from file: FilePath) throws(ConfigurationError) {
    try self.init(parsing: text, from: file, nil)
  }

  private init(parsing text: String, from file: FilePath, _ recorder: KeyRecorder?) throws(ConfigurationError) {
    let document = TableReader.Document(
      file: file,
      positions: KeyPositions(in: text),
      recorder: recorder
    )
    switch document.positions.trap {
    case .nameless(let line):
      throw Self.notTOML("a table's name is expected after the bracket, such as [serve] or [[source]]", line, file)
    case .noValue(let line): throw Self.notTOML("a value or ] is expected, and not }", line, file)
    case .notOneValue(let line): throw Self.notTOML("one value is expected; a text stands in quotes", line, file)
    case .tooDeep(let line): throw Self.notTOML("lists, tables or names lie too deep in one another", line, file)
    case nil: break
    }
    var top = TableReader(try Self.parse(text, file), name: nil, document: document)
    self.init(store: try top.file("store") ?? Configuration.defaultStore)
    self.file = file
    keep = try top.int("keep", in: 1...10_000) ?? keep
    parcels = try ParcelSettings(reading: &top)
    sync = try SyncSettings(reading: &top)
    pack = try PackSettings(reading: &top)
    parcels.mount = pack.mount
    site = try top.site("site")
    language = try top.language("language") ?? language
    if var table = try top.subtable("import", as: "[import]") {
      strictImport = try table.bool("strict") ?? false
      importHook = try ImportHook(reading: &table)
      try table.finish()
    }
    trust = try TrustSettings(reading: &top)
    vendor = try VendorSettings(reading: &top)
    administrationServer = try AdministrationServerSettings(reading: &top)
    licence = try LicenceSettings(reading: &top)
    ksn = try KSNSettings(reading: &top)
    exchange = try ExchangeFolder.all(reading: &top)
    serve = try ServeSettings(reading: &top)
    publish = try PublishSettings(reading: &top)
    watch = try WatchSettings(reading: &top)
    notify = try NotifySettings(reading: &top)
    var names = Set<String>()
    for item in try top.items("source") ?? [] {
      guard case .table(var table) = item else { throw top.error(.wrongType("source", expected: "tables: [[source]]")) }
      let source = try Source(reading: &table)
      guard names.insert(source.name).inserted else {
        throw table.bad("name", "is used by two sources: '\(source.name)'")
      }
      sources.append(source)
    }
    try top.finish()
  }

  private static func notTOML(_ why: String, _ line: Int, _ file: FilePath) -> ConfigurationError {
    ConfigurationError(file: file, problem: .notTOML(why, line: line), line: line)
  }

  private static func parse(_ text: String, _ file: FilePath) throws(ConfigurationError) -> TOMLTable {
    do {
      return try TOMLTable(string: text)
    } catch let error as TOMLParseError {
      let problem = ConfigurationError.Problem.notTOML(error.description, line: error.source.begin.line)
      throw ConfigurationError(file: file, problem: problem, line: error.source.begin.line)
    } catch {
      throw ConfigurationError(file: file, problem: .notTOML("\(error)", line: 1))
    }
  }

  /// An administrator may well keep the configuration behind a link.
  private static func resolvingLinks(_ file: FilePath) -> FilePath {
    (try? Files.resolvingLinks(file)) ?? file
  }
}

extension ParcelSettings {
  init(reading top: inout TableReader) throws(ConfigurationError) {
    self.init()
    keep = try top.int("keep_parcels", in: 1...1000) ?? keep
    keepFor = try top.lifetime("keep_parcels_for") ?? keepFor
    mostBytes = try top.quantity("largest_parcel", "a size such as \"64GiB\"", Quantity.bytes) ?? mostBytes
    guard mostBytes > 0 else { throw top.bad("largest_parcel", "has to be more than nothing") }
  }
}

extension SyncSettings {
  init(reading top: inout TableReader) throws(ConfigurationError) {
    self.init()
    guard var table = try top.subtable("sync", as: "[sync]") else { return }
    shrinkLimit = try table.int("shrink_limit", in: 0...100) ?? shrinkLimit
    absentLimit = try table.int("absent_limit", in: 0...100) ?? absentLimit
    strict = try table.bool("strict") ?? strict
    walks = try table.int("walks", in: 1...100) ?? walks
    if let seconds = try table.quantity("time_limit", "a time such as \"24h\"", Quantity.seconds) {
      guard seconds == 0 || (1...31_536_000).contains(seconds) else {
        throw table.bad("time_limit", "has to be from a second to a year, or 0 for none")
      }
      timeLimit = Int64(seconds)
    }
    try table.finish()
  }
}

extension PackSettings {
  /// The smallest volume: less makes no sense on any medium.
  static let smallestVolume: Int64 = 1 << 20

  init(reading top: inout TableReader) throws(ConfigurationError) {
    self.init()
    guard var table = try top.subtable("pack", as: "[pack]") else { return }
    output = try table.file("output")
    volumeSize = try table.quantity("volume_size", "a size such as \"3.9GiB\"", Quantity.bytes) ?? volumeSize
    guard volumeSize >= Self.smallestVolume else { throw table.bad("volume_size", "has to be at least 1 MiB") }
    compressionLevel = try table.int("compression_level", in: 1...19) ?? compressionLevel
    patchLevel = try table.int("patch_level", in: 1...19) ?? patchLevel
    readBack = try table.bool("read_back") ?? readBack
    priority = try table.strings("priority") ?? priority
    threads = try table.int("threads", in: 1...256)
    parity = try table.int("parity", in: 0...99) ?? parity
    if let isRequired = try table.bool("require_mount") { mount = isRequired ? .always : .never }
    try table.finish()
  }
}

extension TrustSettings {
  init(reading top: inout TableReader) throws(ConfigurationError) {
    self.init()
    guard var table = try top.subtable("trust", as: "[trust]") else { return }
    root = try table.lifetime("root_lifetime") ?? root
    targets = try table.lifetime("targets_lifetime") ?? targets
    timestamp = try table.lifetime("timestamp_lifetime") ?? timestamp
    try table.finish()
  }
}

extension VendorSettings {
  init(reading top: inout TableReader) throws(ConfigurationError) {
    self.init()
    if let text = try top.string("vendor_signatures") {
      guard let value = Signatures(rawValue: text) else {
        throw top.bad("vendor_signatures", "has to be \"required\", \"check\" or \"off\"")
      }
      signatures = value
    }
    expectsSigned = try top.bool("vendor_expect_signed") ?? expectsSigned
    intermediates = try top.strings("vendor_intermediates")
    for text in intermediates ?? [] {
      guard text.utf8.count == 128, text.allSatisfy(\.isHexDigit) else {
        throw top.bad("vendor_intermediates", "has to be a list of keys of 128 hexadecimal digits")
      }
    }
    guard intermediates?.isEmpty != true else { throw top.bad("vendor_intermediates", "is empty") }
  }
}

extension TableReader {
  /// A length of time of a minute at least.
  fileprivate mutating func lifetime(_ key: String) throws(ConfigurationError) -> Int64? {
    guard let seconds = try quantity(key, "a time such as \"35d\"", Quantity.seconds) else { return nil }
    guard seconds >= 60, seconds <= 36_500 * 86_400 else { throw bad(key, "has to be from a minute to 36500 days") }
    return Int64(seconds)
  }

  /// One of the languages that there are.
  fileprivate mutating func language(_ key: String) throws(ConfigurationError) -> Language? {
    guard let code = try string(key) else { return nil }
    guard let language = Language(rawValue: code) else { throw bad(key, Language.refusal(of: code)) }
    return language
  }

  /// The name of a site.
  fileprivate mutating func site(_ key: String) throws(ConfigurationError) -> String? {
    guard let name = try string(key) else { return nil }
    guard SiteName.isValid(name) else { throw bad(key, SiteName.rule) }
    return name
  }
}
