import MirrorTypes
import StoreTrust
import UpdateIndex

/// Decides what has become of components between two syncs: which ones the vendor has retired, which are new beside a
/// person's list, and which that list has wrong.
package struct ComponentChanges {
  /// What the configuration lists by name; empty: no list.
  package let listed: [String]
  /// The roster of the last snapshot; `nil`: there is none.
  package let before: ComponentRoster?
  /// The roster now.
  package let now: ComponentRoster

  package init(listed: [String], before: ComponentRoster?, now: ComponentRoster) {
    self.listed = listed
    self.before = before
    self.now = now
  }

  /// A name in the list that nothing knows.
  package struct Unknown: Hashable {
    package let name: String
    /// The name that may be meant.
    package let nearest: String?
  }

  /// A component that a signed primary index named and names no longer; and no other names it.
  package struct Retired: Hashable {
    package let name: String
    /// The index that says so.
    package let root: String
  }

  /// Names in the list that no primary index names or ever named, in the list's order.
  ///
  /// - Parameter deeper: names that other indexes name; asked for only where they matter.
  package func unknown<E: Error>(deeper: () throws(E) -> Set<String>) throws(E) -> [Unknown] {
    let known = Self.upper(now.names.union(now.former).union(before?.names ?? []).union(before?.former ?? []))
    var missing = listed.filter { !known.contains($0.uppercased()) }
    guard !missing.isEmpty else { return [] }
    let names = try deeper()
    let all = Self.upper(names)
    missing.removeAll { all.contains($0.uppercased()) }
    let candidates = now.names.union(names).sorted()
    return missing.map { Unknown(name: $0, nearest: NearestName.of($0, among: candidates)) }
  }

  /// Which of `names` the vendor has retired, sorted by name: a primary index that was signed, and is signed now, named
  /// them and does not any more, nor does any other. The names under which a component is passed on go with it.
  package func retired(among names: some Sequence<String>) -> [Retired] {
    guard let before else { return [] }
    let named = Self.upper(now.names)
    let signed = before.roots.filter { $0.value.isSigned && now.roots[$0.key]?.isSigned == true }
      .sorted { $0.key < $1.key }.map { (path: $0.key, names: Self.upper(Set($0.value.names))) }
    return Set(names).sorted().compactMap { name in
      let subject = PassedComponent.subject(of: name).uppercased()
      guard !named.contains(name.uppercased()), !named.contains(subject) else { return nil }
      return signed.first { $0.names.contains(name.uppercased()) || $0.names.contains(subject) }.map {
        Retired(name: name, root: $0.path)
      }
    }
  }

  /// Components that a primary index of both times names now and did not then, and that the list does not have, sorted.
  /// Without a list all is taken, and nothing is beside it.
  package var beside: [String] {
    guard let before, !listed.isEmpty else { return [] }
    let known = Self.upper(before.names.union(before.former).union(listed))
    let names = now.roots.filter { before.roots[$0.key] != nil }.flatMap(\.value.names).map(PassedComponent.subject)
    return Set(names).filter { !known.contains($0.uppercased()) }.sorted()
  }

  /// Components are compared without case.
  private static func upper(_ names: some Sequence<String>) -> Set<String> { Set(names.map { $0.uppercased() }) }
}

/// What the vendor's signed indexes say now, for the judgement on what is gone.
package struct VendorWord {
  /// The indexes whose signature is right.
  package let verified: Set<String>
  /// All indexes that are here.
  package let present: Set<String>

  package init(verified: Set<String>, present: Set<String>) {
    self.verified = verified
    self.present = present
  }
}
