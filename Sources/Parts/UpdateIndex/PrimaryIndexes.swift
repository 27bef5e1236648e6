import MirrorTypes

/// Where an update tree's primary indexes lie, and which of them belong together (FORMAT.md, section 1).
package enum PrimaryIndexes {
  /// Their folder.
  package static let folder = "index"
  /// The vendor's updater has one of its own.
  package static let updater = "updaters/updater.xml"
  /// Those that are signed wherever the vendor publishes them.
  package static let signed: Set<String> = [
    "index/u1901g.xml", "index/um1901g.xml", "index/umeta.xml", "index/ummeta.xml",
  ]
  /// The meta indexes, which describe the payload of two generations at once.
  package static let meta = ["index/umeta.xml", "index/ummeta.xml"]
  /// The components by which the records that carry primary indexes inside them are named.
  package static let carryingComponents = ["RETR1313", "RETR1901"]

  /// Where the components of a product are looked for whose entry in the catalogue names no primary index, as some old
  /// ones do not: of those that there are, some are in the one, some in the other.
  static let unsaid = [TreePath(constant: "index/u1313g.xml"), TreePath(constant: "index/u0607g.xml")]

  /// A primary index whose signature nobody can check, its signed sibling that describes the same payload, and how the
  /// components begin by which servers that pass updates on take that sibling out of the first one.
  private struct Pair {
    let unsigned: String
    let signed: String
    let marks: [String]
  }

  private static let pairs = [
    Pair(unsigned: "index/um1313g.xml", signed: "index/um1901g.xml", marks: ["RETR1901", "RETRUM1901"]),
    Pair(unsigned: "index/u1313g.xml", signed: "index/u1901g.xml", marks: ["RETR1901"]),
  ]

  /// Whether a path is where a primary index, or what carries one, lies.
  package static func contains(_ path: TreePath) -> Bool {
    path.is(updater) || (path.folder?.is(folder) == true && path.hasSuffix(".xml"))
  }

  /// Whether a text is such a path.
  package static func contains(_ path: String) -> Bool { (try? TreePath(path)).map { contains($0) } ?? false }

  /// Whether a path is a primary index, and not one that only carries others.
  static func isPrimary(_ path: TreePath) -> Bool {
    signed.contains(path.string) || pairs.contains { $0.unsigned == path.string }
  }

  /// The primary indexes that a selection is walked from: those that it names and, before them, the signed sibling of
  /// each whose components ask for it. The vendor's catalogue never names a signed one: whoever passes updates on takes
  /// it out of the unsigned one.
  ///
  /// - Parameters:
  ///   - named: the primary indexes that the catalogue names.
  ///   - components: the components that are taken; empty: all.
  package static func walked(from named: [TreePath], components: [String]) -> [TreePath] {
    var walked = named
    let names = components.map { $0.uppercased() }
    for pair in pairs where named.contains(where: { $0.string == pair.unsigned }) {
      guard names.isEmpty || names.contains(where: { name in pair.marks.contains { name.hasPrefix($0) } }),
        let signed = try? TreePath(pair.signed), !walked.contains(signed)
      else { continue }
      walked.insert(signed, at: 0)
    }
    return walked
  }

  /// The primary indexes with the meta indexes beside them: `umeta.xml` describes what `u1313g.xml` and `u1901g.xml` do,
  /// `ummeta.xml` what their siblings for mobile devices do.
  package static func withMeta(_ primaries: [TreePath]) -> [TreePath] {
    let isMobile = primaries.contains { pairs[0].unsigned == $0.string || pairs[0].signed == $0.string }
    let others = meta.prefix(isMobile ? 2 : 1).compactMap { try? TreePath($0) }
    return primaries + others.filter { !primaries.contains($0) }
  }
}
