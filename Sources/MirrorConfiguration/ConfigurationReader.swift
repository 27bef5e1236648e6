import FileSystem
import MirrorTypes
import SystemPackage
import TOMLKit

extension Configuration {
  /// The most bytes that a configuration file may have.
  public static let maximumFileSize = 1 << 20

  /// Reads and checks a configuration file. Unknown keys are errors.
  public init(reading file: FilePath) throws(ConfigurationError) {
    let bytes: [UInt8]
    do {
      bytes = try Files.read(Self.resolvingLinks(file), atMost: Self.maximumFileSize)
    } catch {
      throw ConfigurationError(file: file, problem: .unreadable("\(error.reason)"))
    }
    try self.init(parsing: String(decoding: bytes, as: UTF8.self), from: file)
  }

  /// Checks the text of a configuration file.
  public init(parsing text: String, from file: FilePath) throws(ConfigurationError) {
    let document = TableReader.Document(
      file: file,
      lines: text.split(separator: "\n", omittingEmptySubsequences: false)
    )
    var top = TableReader(try Self.parse(text, file), name: nil, document: document)
    self.file = file
    store = try top.file("store") ?? Configuration.defaultStore
    keep = try top.int("keep", in: 1...10_000) ?? 5
    sync = try SyncSettings(reading: &top)
    pack = try PackSettings(reading: &top)
    sources = []
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

extension SyncSettings {
  init(reading top: inout TableReader) throws(ConfigurationError) {
    self.init()
    guard var table = try top.subtable("sync", as: "[sync]") else { return }
    shrinkLimit = try table.int("shrink_limit", in: 0...100) ?? shrinkLimit
    strict = try table.bool("strict") ?? strict
    walks = try table.int("walks", in: 1...100) ?? walks
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
    threads = try table.int("threads", in: 1...256)
    try table.finish()
  }
}
