/// What is the same for all paths that some system takes for one: Windows, macOS and FAT do not tell upper from lower case,
/// macOS does not tell Unicode's forms apart.
///
/// Two paths with one folded form are two files on Linux, and one that took the other's place elsewhere.
package struct FoldedPath: Hashable, Sendable {
  /// Swift compares and hashes a `String` by its canonical form, which is what is wanted here, and only here.
  private let text: String

  /// The folded form of a path.
  package init(_ path: TreePath) { self.init(text: path.string) }

  /// The folded form of a name that is no path, as that of a site.
  ///
  /// Full mappings there and back: "ß", "ss" and "SS" are one, as with file systems that fold by Unicode's rules.
  package init(text: String) {
    self.text = text.utf8.allSatisfy { $0 < 0x80 } ? text.lowercased() : text.uppercased().lowercased()
  }
}
