import MirrorTypes

/// The lists of required updates of one site: files whose names each hold the identifier of a patch, and whose content
/// is the vendor's matter.
package struct RequirementListing: Hashable, Sendable {
  /// One file.
  package struct File: Hashable, Sendable {
    /// Its name.
    package let name: String
    /// Its SHA-256.
    package let digest: Digest256
    /// Its size in bytes.
    package let size: Int

    /// A file.
    package init(name: String, digest: Digest256, size: Int) {
      self.name = name
      self.digest = digest
      self.size = size
    }
  }

  /// The site.
  package let site: String
  /// Its files, in any order.
  package let files: [File]

  /// The files of a site.
  package init(site: String, files: [File]) {
    self.site = site
    self.files = files
  }
}

/// What the connected server's folder of required updates has to hold for several sites: each file once.
///
/// Names are compared without regard to case, as the servers' file systems may do. Where two sites have different files
/// under one name, none of them is in the plan: the files are not ours to choose from.
package struct RequirementPlan: Hashable, Sendable {
  /// A file of the folder, and who needs it.
  package struct Entry: Hashable, Sendable {
    /// The file.
    package let file: RequirementListing.File
    /// The sites that need it, in the order of their names.
    package let sites: [String]
  }

  /// Different files under one name.
  package struct Conflict: Hashable, Sendable {
    /// The name.
    package let name: String
    /// The files, and who has which.
    package let versions: [Entry]

    /// The conflict in a sentence.
    package var sentence: String {
      let sides = versions.map { version in
        "\(version.sites.map(SafeText.printable).joined(separator: ", ")) (\(version.file.digest.hex.prefix(12))…)"
      }
      return "\(SafeText.printable(name)) is not the same at \(sides.joined(separator: " and ")): "
        + "have one of the sites write its list again, or carry the lists one by one"
    }
  }

  /// What the folder has to hold, in the order of the names.
  package private(set) var entries: [Entry] = []
  /// What cannot be put into one folder.
  package private(set) var conflicts: [Conflict] = []
  /// Names that no file of a folder may have, with the site that lists them.
  package private(set) var refused: [String] = []

  /// The most files of all sites together.
  package static let maximumCount = 1_000_000

  /// Merges listings, given in any order.
  ///
  /// - Throws: ``ExchangeError`` if there are more files than ``maximumCount``.
  package init(merging listings: [RequirementListing]) throws(ExchangeError) {
    guard listings.clampedSum({ $0.files.count }) <= Self.maximumCount else {
      throw .document(name: "lists of required updates", line: nil, .tooMany("files", limit: Self.maximumCount))
    }
    var versions: [String: [RequirementListing.File: Set<String>]] = [:]
    for listing in listings {
      for file in listing.files {
        guard let path = try? TreePath(file.name), path.parts.count == 1 else {
          refused.append("\(SafeText.printable(listing.site)): \(SafeText.printable(String(file.name.prefix(160))))")
          continue
        }
        versions[file.name.lowercased(), default: [:]][file, default: []].insert(listing.site)
      }
    }
    refused.sort()
    for (_, files) in versions { add(files) }
    entries.sort { $0.file.name < $1.file.name }
    conflicts.sort { $0.name < $1.name }
  }

  private mutating func add(_ files: [RequirementListing.File: Set<String>]) {
    // The same content under two spellings is one file, under the spelling that comes first.
    let byContent = Dictionary(grouping: files) { $0.key.digest }
    let merged = byContent.values.compactMap { spellings -> Entry? in
      let sites = spellings.reduce(into: Set<String>()) { $0.formUnion($1.value) }
      return spellings.map(\.key).min { $0.name < $1.name }.map { Entry(file: $0, sites: sites.sorted()) }
    }
    .sorted { ($0.sites.first ?? "", $0.file.digest.hex) < ($1.sites.first ?? "", $1.file.digest.hex) }
    if merged.count == 1 {
      entries += merged
    } else if let name = merged.map(\.file.name).min() {
      conflicts.append(Conflict(name: name, versions: merged))
    }
  }
}
