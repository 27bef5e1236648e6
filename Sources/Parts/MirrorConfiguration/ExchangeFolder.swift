import MirrorTypes
import SystemPackage

/// A folder whose files are carried between a site and the connected side.
package struct ExchangeFolder: Sendable, Hashable {
  /// Which way files go, seen from the site.
  package enum Direction: String, Sendable, Hashable, CaseIterable, Encodable {
    /// Out of the site, in parcels.
    case out
    /// Into the site, in deliveries.
    case `in`
  }

  /// What is known of the files.
  package enum Preset: String, Sendable, Hashable, CaseIterable {
    /// Third-party patches of an Administration Server: lists of required updates go out, patches come in.
    case vapm
  }

  /// Its name, the same on both sides.
  package var name: String
  /// Which way its files go.
  package var direction: Direction
  /// The folder on this side.
  package var folder: FilePath
  /// What is known of the files; `nil`: nothing.
  package var preset: Preset?
  /// On the connected side: the sites that files go to; empty: all that are known, or with a preset those that have asked.
  package var sites: [String] = []
  /// Whether files are removed where they came from once the other side is known to have them.
  package var clear = false
}

extension ExchangeFolder {
  init(reading table: inout TableReader) throws(ConfigurationError) {
    name = try table.required("name")
    guard SiteName.isValid(name) else { throw table.bad("name", SiteName.rule) }
    table = table.renamed("exchange \"\(name)\"")
    direction = try table.choice("direction", try table.required("direction"))
    guard let folder = try table.file("folder") else { throw table.error(.missing("folder")) }
    self.folder = folder
    preset = try table.string("preset").map { (text) throws(ConfigurationError) in try table.choice("preset", text) }
    sites = try table.strings("sites") ?? []
    for site in sites where !SiteName.isValid(site) { throw table.bad("sites", SiteName.rule) }
    clear = try table.bool("clear") ?? (preset != nil)
    try table.finish()
  }

  /// Reads all of them: names are distinct, and a preset has one folder for each way.
  static func all(reading top: inout TableReader) throws(ConfigurationError) -> [ExchangeFolder] {
    var folders: [ExchangeFolder] = []
    for item in try top.items("exchange") ?? [] {
      guard case .table(var table) = item else {
        throw top.error(.wrongType("exchange", expected: "tables: [[exchange]]"))
      }
      let folder = try ExchangeFolder(reading: &table)
      guard !folders.contains(where: { $0.name == folder.name }) else {
        throw table.bad("name", "is used by two folders: '\(folder.name)'")
      }
      let twin = folders.first { $0.preset != nil && $0.preset == folder.preset && $0.direction == folder.direction }
      if let twin { throw table.bad("preset", "goes the same way as '\(twin.name)' has it") }
      folders.append(folder)
    }
    return folders
  }
}

extension TableReader {
  /// One of a few words.
  func choice<Value: RawRepresentable & CaseIterable>(
    _ key: String,
    _ text: String
  ) throws(ConfigurationError) -> Value where Value.RawValue == String {
    guard let value = Value(rawValue: text) else {
      let words = Value.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or ")
      throw bad(key, "has to be \(words), not '\(text)'")
    }
    return value
  }
}
