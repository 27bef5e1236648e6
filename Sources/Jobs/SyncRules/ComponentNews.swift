import Catalogue
import JobCore
import MirrorTypes
import StoreTrust
import UpdateIndex

/// Finds out, for a source's new state, which vanished components the vendor has retired, and puts the news about
/// components into words.
package struct ComponentNews {
  package let source: String
  package let changes: ComponentChanges
  package let word: VendorWord

  package init(source: String, changes: ComponentChanges, word: VendorWord) {
    self.source = source
    self.changes = changes
    self.word = word
  }

  /// How many names a text has.
  private static let samples = 12

  /// Which of the components that are gone from the tree the vendor has retired: those that its signed root no longer
  /// names, and what hung by nothing else.
  ///
  /// - Parameters:
  ///   - gone: the components of the last snapshot that are gone.
  ///   - files: goes through the files of the last snapshot; called only where components within components are gone.
  package func accounted(
    _ gone: Set<String>,
    files: ((SnapshotFile) throws -> Void) throws -> Void
  ) throws -> Set<String> {
    var retired = Set(changes.retired(among: gone).map(\.name))
    let deeper = gone.subtracting(retired).subtracting(changes.before?.names ?? [])
    guard !deeper.isEmpty else { return retired }
    let chains = try chains(of: deeper, files)
    // What is named within a retired component goes with it; what a signed index named that is here and signed now was
    // taken out of that by the vendor.
    for name in deeper.sorted() {
      let indexes = chains.namedBy[name] ?? []
      let isAccounted = indexes.allSatisfy { index in
        word.verified.contains(index)
          || (!word.present.contains(index) && chains.isWithin(retired, index))
      }
      if !indexes.isEmpty && isAccounted { retired.insert(name) }
    }
    return retired
  }

  /// By which indexes components hung in the last snapshot.
  private struct Chains {
    /// The indexes that named the files of a component.
    var namedBy: [String: Set<String>] = [:]
    /// The index that named each index, and the components that it is of.
    var parents: [String: (components: [String], parent: String?)] = [:]

    /// Whether an index, or one above it, was of these components only.
    func isWithin(_ names: Set<String>, _ index: String) -> Bool {
      var next: String? = index
      // Indexes lie some four deep; a bound, since what is in a snapshot may have come from elsewhere.
      for _ in 0..<64 {
        guard let path = next, let facts = parents[path] else { return false }
        if !facts.components.isEmpty && facts.components.allSatisfy(names.contains) { return true }
        next = facts.parent
      }
      return false
    }
  }

  private func chains(
    of names: Set<String>,
    _ files: ((SnapshotFile) throws -> Void) throws -> Void
  ) throws -> Chains {
    var chains = Chains()
    try files { file in
      guard file.source == source, let inner = file.path.relative(to: StoreFolders.updates) else { return }
      let components = file.component.split(separator: ",").map(String.init)
      for name in components where names.contains(name) {
        chains.namedBy[name, default: []].insert(file.namedBy ?? "")
      }
      guard inner.hasSuffix(".xml") else { return }
      chains.parents[inner.string] = (components, file.namedBy)
    }
    return chains
  }

  /// What a person should know: each thing is new since the last snapshot, and so is reported once.
  ///
  /// - Parameter gone: components that are gone from the tree and that the vendor has retired.
  package func notices(retired gone: Set<String>) -> [JobNotice] {
    var notices: [JobNotice] = []
    let retired = changes.retired(among: gone.union(changes.listed))
    if !retired.isEmpty || !gone.isEmpty {
      let all = Set(retired.map(\.name)).union(gone)
      let names = Set(all.map(PassedComponent.subject)).sorted()
      let listed = Set(changes.listed.map { $0.uppercased() })
      let inList = all.filter { listed.contains($0.uppercased()) }.sorted()
      let root =
        retired.first.map { ": the signed index \($0.root) no longer names \(names.count == 1 ? "it" : "them")" } ?? ""
      let advice = inList.isEmpty ? "" : ". Take \(Self.list(inList)) out of 'components'"
      notices.append(
        JobNotice(
          .warning,
          "component-retired",
          "source \(source): the vendor has retired \(names.count == 1 ? "the component" : "components") \(Self.list(names))\(root)\(advice)"
        )
      )
    }
    let beside = changes.beside
    if !beside.isEmpty {
      notices.append(
        JobNotice(
          .warning,
          "component-new",
          "source \(source): new beside your list: \(Self.list(beside)). The vendor's indexes have \(beside.count == 1 ? "it" : "them") now; add to 'components' what your applications need ('kscmirror products' lists it)"
        )
      )
    }
    return notices
  }

  private static func list(_ names: [String]) -> String { Words.list(names, atMost: samples) }
}
