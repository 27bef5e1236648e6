import FileSystem
import JobCore
import MirrorConfiguration
import MirrorTypes
import StoreTrust
import SyncRules
import UpdateIndex

/// Looks, once all indexes of a walk are here, whether each component, system, architecture, language and application
/// that a person has listed is one.
struct ComponentCheck {
  /// What the configuration selects.
  let tree: UpdateTreeSource
  /// The roster of the last snapshot.
  let before: ComponentRoster?
  let source: String
  let answers: IndexAnswers
  let fetcher: Fetcher
  /// The most bytes of an index.
  let maximumBytes: Int

  /// The components that the primary indexes of a walk name.
  func roster(of walk: TreeWalk) throws -> ComponentRoster {
    var roster = ComponentRoster()
    for path in walk.primaries {
      if let index = try parse(path) { roster.take(index, isSigned: walk.verifiedIndexes.contains(path)) }
    }
    return roster.following(before)
  }

  /// Refuses what nothing knows: a mirror of less than was meant would be the worse for it.
  func refuseUnknown(in walk: TreeWalk) throws {
    // What an index names that is absent, nobody can know.
    guard walk.indexes.allSatisfy({ answers[$0]?.object != nil }) else { return }
    if !tree.components.isEmpty { try refuseUnknownComponents(in: walk) }
    guard tree.narrows else { return }
    var vocabulary = SelectionVocabulary()
    for path in walk.indexes { if let index = try parse(path) { vocabulary.take(index) } }
    try Self.refuse(vocabulary.unknown(in: tree), in: source)
  }

  /// - Throws: an error with ``ExitStatus/configuration`` that names the words, if there are any.
  static func refuse(_ unknown: [SelectionVocabulary.Unknown], in source: String) throws {
    guard !unknown.isEmpty else { return }
    let texts = unknown.map { item in
      "\(item.setting.rawValue) has '\(item.word)'" + (item.nearest.map { " (did you mean '\($0)'?)" } ?? "")
    }
    throw JobError(
      .configuration,
      "source \(source): \(Words.list(texts, atMost: 8)), which no index of the selection knows; no snapshot is sealed",
      remedy: "Correct the word, or take it out of the list."
    )
  }

  private func refuseUnknownComponents(in walk: TreeWalk) throws {
    let listed = tree.components
    let changes = ComponentChanges(listed: listed, before: before, now: try roster(of: walk))
    let unknown = try changes.unknown {
      var names: Set<String> = []
      for path in walk.indexes { names.formUnion(try parse(path)?.entries.flatMap(\.components) ?? []) }
      return names
    }
    try Self.refuse(unknown, in: source)
  }

  /// - Throws: an error with ``ExitStatus/configuration`` that names the components, if there are any.
  static func refuse(_ unknown: [ComponentChanges.Unknown], in source: String) throws {
    guard !unknown.isEmpty else { return }
    let texts = unknown.prefix(8).map { item in
      "'\(item.name)'" + (item.nearest.map { " (did you mean '\($0)'?)" } ?? "")
    }
    throw JobError(
      .configuration,
      "source \(source): 'components' names \(texts.joined(separator: ", "))\(unknown.count > 8 ? " and more" : ""), which no index of the selection knows; no snapshot is sealed",
      remedy:
        "Correct the name, or take it out of the list; 'kscmirror products NAME' lists the components of a product."
    )
  }

  private func parse(_ path: TreePath) throws -> IndexFile? {
    guard let object = answers[path]?.object else { return nil }
    return try IndexParser.parse(try Files.read(fetcher.store.path(of: object), atMost: maximumBytes), at: path)
  }
}

extension UpdateTreeSource {
  /// Whether it narrows what is taken by more than components.
  var narrows: Bool {
    !(applications.isEmpty && operatingSystems.isEmpty && architectures.isEmpty && languages.isEmpty)
  }
}

extension SelectionVocabulary {
  /// What the configuration of a source names, and no index does.
  func unknown(in tree: UpdateTreeSource) -> [Unknown] {
    unknown(
      applications: tree.applications,
      operatingSystems: tree.operatingSystems,
      architectures: tree.architectures,
      languages: tree.languages
    )
  }
}
