import Catalogue
import ContentStore
import JobCore
import SystemPackage

/// Tells what changed from one snapshot to another.
package struct DiffJob: Sendable, InContext {
  package let context: JobContext
  private let from: Int
  private let to: Int
  private let listsFiles: Bool

  /// A job on the context's store.
  ///
  /// - Parameters:
  ///   - from: the snapshot to begin with.
  ///   - to: the snapshot to end with.
  ///   - listsFiles: whether every file is reported, not only sums by component.
  package init(_ context: JobContext, from: Int, to: Int, listsFiles: Bool) {
    self.context = context
    self.from = from
    self.to = to
    self.listsFiles = listsFiles
  }

  /// Compares the two.
  package func run() throws -> DiffReport {
    let store = try ContentStore.open(folder, access: .reading)
    var components: [String: DiffReport.ComponentFacts] = [:]
    var files: [DiffReport.FileFacts] = []
    try store.differences(from: from, to: to) { difference in
      components[difference.component, default: .init(name: difference.component)].add(difference)
      if listsFiles { files.append(DiffReport.FileFacts(difference)) }
    }
    return DiffReport(from: from, to: to, components: components.values.sorted { $0.name < $1.name }, files: files)
  }
}

/// What changed between two snapshots.
package struct DiffReport: Sendable, Encodable {
  /// The snapshot to begin with.
  package let from: Int
  /// The snapshot to end with.
  package let to: Int
  /// Sums by component, sorted by name.
  package let components: [ComponentFacts]
  /// Every file, sorted by path, if asked for.
  package let files: [FileFacts]

  /// What happened to a file.
  package enum Change: String, Sendable, Encodable {
    case added
    case changed
    case removed

    /// One character for it.
    package var sign: String {
      switch self {
      case .added: "+"
      case .changed: "~"
      case .removed: "-"
      }
    }
  }

  /// The sums of one component.
  package struct ComponentFacts: Sendable, Encodable {
    /// Its name; empty for what belongs to none.
    package let name: String
    /// How many files are new.
    package private(set) var added = 0
    /// How many have other content.
    package private(set) var changed = 0
    /// How many are gone.
    package private(set) var removed = 0
    /// By how many bytes the component grew.
    package private(set) var bytes: Int64 = 0

    init(name: String) { self.name = name }

    mutating func add(_ difference: Difference) {
      switch Change(difference) {
      case .added: added += 1
      case .changed: changed += 1
      case .removed: removed += 1
      }
      bytes += (difference.newSize ?? 0) - (difference.oldSize ?? 0)
    }
  }

  /// One file.
  package struct FileFacts: Sendable, Encodable {
    /// Its path in the release.
    package let path: String
    /// What happened to it.
    package let change: Change
    /// Its component.
    package let component: String
    /// Its bytes before.
    package let oldBytes: Int64?
    /// Its bytes after.
    package let newBytes: Int64?

    init(_ difference: Difference) {
      path = difference.path.string
      change = Change(difference)
      component = difference.component
      oldBytes = difference.oldSize
      newBytes = difference.newSize
    }
  }
}

extension DiffReport.Change {
  init(_ difference: Difference) {
    switch (difference.oldSize, difference.newSize) {
    case (nil, _): self = .added
    case (_, nil): self = .removed
    default: self = .changed
    }
  }
}
