/// What names of sites look like.
package enum SiteName {
  /// What they may be, as a sentence goes on behind the name of a setting.
  package static let rule =
    "may have letters, digits, '-', '_' and '.' only, 1 to 64 of them, and has to begin with a letter or digit"

  /// Whether a text is such a name.
  package static func isValid(_ text: String) -> Bool {
    // No name of a site is '.' or '..', since folders are named by it, nor looks like an option.
    (1...64).contains(text.utf8.count) && text.utf8.first.map { $0 != 0x2D && $0 != 0x2E && $0 != 0x5F } ?? false
      && text.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
          || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
      }
  }
}
