/// What of an update tree is mirrored.
///
/// Each list narrows what is taken; an empty one does not. An entry that an index does not restrict is always taken,
/// and so is what may fit: only what certainly does not fit is left out. Staged roll-outs (`Target`, `mod` and `unmod`
/// folders) are always taken whole (FORMAT.md, section 2).
package struct Selection: Sendable, Hashable {
  /// Components, compared without case.
  package let components: [String]
  /// Patterns of applications, such as `KES 21.[4-9,13-24]`, `KAV|KIS 14`, `!KES 21`.
  package let applications: [String]
  /// Operating systems: `Win` takes all of Windows; `Win-7` takes what fits Windows 7.
  package let operatingSystems: [String]
  /// Architectures, of the process or the system, compared without case.
  package let architectures: [String]
  /// Languages: `pt` takes `pt-BR` too; `-` and `_` are the same.
  package let languages: [String]
  /// Whether application patches are taken.
  package let patches: Bool

  private let componentSet: Set<String>
  private let applicationPattern: ApplicationPattern?

  /// Everything, application patches too.
  package static var everything: Selection { Selection(patches: true) }

  private init(patches: Bool) {
    (components, applications, operatingSystems, architectures, languages) = ([], [], [], [], [])
    self.patches = patches
    componentSet = []
    applicationPattern = nil
  }

  /// A selection.
  ///
  /// - Throws: ``SelectionError`` for a pattern that is none.
  package init(
    components: [String] = [],
    applications: [String] = [],
    operatingSystems: [String] = [],
    architectures: [String] = [],
    languages: [String] = [],
    patches: Bool = false
  ) throws(SelectionError) {
    self.components = components
    self.applications = applications
    self.operatingSystems = operatingSystems
    self.architectures = architectures
    self.languages = languages
    self.patches = patches
    componentSet = Set(components.map { $0.uppercased() })
    do throws(ApplicationPattern.Failure) {
      applicationPattern = applications.isEmpty ? nil : try ApplicationPattern(applications.joined(separator: ";"))
    } catch {
      throw SelectionError(pattern: error.item, reason: error.reason)
    }
  }

  /// Whether an entry is taken.
  package func admits(_ entry: IndexEntry) -> Bool {
    (patches || !entry.isPatch) && admitsComponents(entry.components) && admitsApplications(entry.applications)
      && Self.admits(entry.operatingSystems, operatingSystems, Self.meetsOperatingSystem)
      && Self.admits(entry.architectures, architectures, Self.isSame)
      && Self.admits(entry.systemArchitectures, architectures, Self.isSame)
      && Self.admits(entry.languages, languages, Self.meetsLanguage)
  }

  private func admitsComponents(_ names: [String]) -> Bool {
    componentSet.isEmpty || names.isEmpty || names.contains { componentSet.contains($0.uppercased()) }
  }

  private func admitsApplications(_ text: String) -> Bool {
    guard let applicationPattern, !text.isEmpty else { return true }
    // A pattern of the vendor's that we cannot read is no reason to leave a file out.
    guard let theirs = try? ApplicationPattern(text) else { return true }
    return applicationPattern.mayMeet(theirs)
  }

  /// Whether a restriction in an index, items joined by `;`, lets any of what is wanted through.
  private static func admits(_ restriction: String, _ wanted: [String], _ meets: (Substring, String) -> Bool) -> Bool {
    guard !wanted.isEmpty, !restriction.isEmpty else { return true }
    let items = restriction.split(separator: ";")
    if items.contains(where: { $0.hasPrefix("!") }) { return true }
    return items.contains { item in wanted.contains { meets(item, $0) } }
  }

  static func isSame(_ item: Substring, _ wanted: String) -> Bool { item.lowercased() == wanted.lowercased() }

  /// `de` or `ab,aa,de` against `de`: some lists of languages have commas too.
  static func meetsLanguage(_ item: Substring, _ wanted: String) -> Bool {
    let ours = dashed(wanted)
    return item.split(separator: ",").contains {
      let theirs = dashed($0)
      return theirs == ours || theirs.hasPrefix(ours + "-") || theirs == "langnone"
    }
  }

  private static func dashed(_ text: some StringProtocol) -> String {
    String(text.lowercased().map { $0 == "_" ? "-" : $0 })
  }

  /// `Win-7,8,81` against `Win`, `Win-8` or `Linux`; a `*` at the end of a family stands for anything, and a family
  /// takes those whose names begin with its own (`Linux` takes `Linuxs-104`).
  static func meetsOperatingSystem(_ item: Substring, _ wanted: String) -> Bool {
    let theirs = item.lowercased().split(separator: "-", maxSplits: 1)
    let ours = wanted.lowercased().split(separator: "-", maxSplits: 1)
    guard let family = theirs.first, let wantedFamily = ours.first else { return true }
    let sameFamily = family.last == "*" ? wantedFamily.hasPrefix(family.dropLast()) : family.hasPrefix(wantedFamily)
    guard sameFamily, theirs.count == 2, ours.count == 2 else { return sameFamily }
    let versions = Set(theirs[1].split(separator: ","))
    return ours[1].split(separator: ",").contains { versions.contains($0) }
  }
}

/// Why a selection cannot be made.
package struct SelectionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The pattern.
  package let pattern: String
  /// What is wrong with it.
  package let reason: String

  /// The reason in words.
  package var description: String { "the application pattern '\(pattern)' cannot be used: \(reason)" }
}
