/// Counted things in words.
enum Words {
  /// `1 key`, `2 keys`; with a plural of its own where the word has one.
  static func count(_ number: Int, _ one: String, _ many: String? = nil) -> String {
    number == 1 ? "1 \(one)" : "\(number) \(many ?? one + "s")"
  }

  /// The names in one order, made safe to print, with commas.
  static func list(_ names: some Sequence<String>) -> String {
    names.sorted().map(SafeText.printable).joined(separator: ", ")
  }
}
