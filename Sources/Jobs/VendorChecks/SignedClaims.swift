import MirrorTypes
import UpdateIndex

/// What indexes say whose signature is the vendor's: what they name is held to it, whatever else names it, and whatever
/// the named bytes say of themselves.
///
/// An index that one of them names has to carry a good signature itself; a file that one of them gives a digest of has to
/// have that digest, also where something unsigned calls it an index.
package struct SignedClaims: Sendable {
  /// The indexes whose signature is good.
  package private(set) var verified: Set<TreePath> = []
  /// The indexes that those name.
  package private(set) var named: Set<TreePath> = []

  package init() {}

  /// What the vendor has left unsigned, though a signed index names it (FORMAT.md, section 3): application patches of
  /// 2021. These four and no others.
  private static let leftUnsigned: Set<String> = [
    "updates/bin/kav21/mr0/kav21-mr0-1901g.xml", "updates/bin/kav21/mr1/kav21-mr1-1901g.xml",
    "updates/bin/ksde21/mr0/ksde21-mr0-1901g.xml", "updates/bin/ksde21/mr1/ksde21-mr1-1901g.xml",
  ]

  /// Why an index is refused that a signed one names.
  package static let reason = "a signed index names it, so that it has to be signed by the vendor too, and it is not"

  /// Takes what an index with a good signature names.
  package mutating func take(_ path: TreePath, naming indexes: some Sequence<TreePath>) {
    verified.insert(path)
    named.formUnion(indexes)
  }

  /// Whether an index should carry a signature and has none that is good.
  package func isBroken(by path: TreePath) -> Bool {
    named.contains(path) && !verified.contains(path) && !Self.leftUnsigned.contains(path.string)
  }
}
