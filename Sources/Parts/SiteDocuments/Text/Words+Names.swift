import MirrorTypes

extension Words {
  /// The names in one order, made safe to print, with commas.
  static func list(_ names: some Sequence<String>) -> String {
    names.sorted().map(SafeText.printable).joined(separator: ", ")
  }
}
