import MirrorTypes
import UpdateIndex

/// Which components the primary indexes name, whatever is selected: by it a later sync knows what the vendor has added
/// and what it has retired.
package struct ComponentRoster: Codable, Sendable, Hashable {
  /// What one primary index names.
  package struct Root: Codable, Sendable, Hashable {
    /// The components, sorted.
    package var names: [String] = []
    /// Whether the vendor's signature over the index is right.
    package var isSigned = false
  }

  /// The primary indexes by path.
  package var roots: [String: Root] = [:]
  /// Components that primary indexes named once and name no longer, sorted.
  package var former: [String] = []

  package init(roots: [String: Root] = [:], former: [String] = []) {
    self.roots = roots
    self.former = former
  }

  /// The most names that are kept of either kind: the vendor's have some 200.
  private static let most = 20_000

  /// All that primary indexes name.
  package var names: Set<String> { Set(roots.values.flatMap(\.names)) }

  /// Takes what a primary index names.
  package mutating func take(_ index: IndexFile, isSigned: Bool) {
    let names = Set(index.entries.flatMap(\.components))
    roots[index.path.string] = Root(names: Array(names.sorted().prefix(Self.most)), isSigned: isSigned)
  }

  /// The roster with what an earlier one knew and this one does not.
  package func following(_ before: ComponentRoster?) -> ComponentRoster {
    guard let before else { return self }
    var roster = self
    roster.former = Array(Set(before.former).union(before.names).subtracting(names).sorted().prefix(Self.most))
    return roster
  }
}
