/// Names that Windows keeps for devices: whatever their case and ending, and in every folder. No file can have one there,
/// and a program that opens one reaches the device. Linux, and a FAT mounted by it, take them like any other name.
///
/// Source: Microsoft, "Naming Files, Paths, and Namespaces"; `CLOCK$` is kept by earlier systems.
enum DeviceName {
  /// Whether a part of a path is such a name: `AUX`, `nul.dat`, `com1.tar.gz`, `LPT². txt`.
  static func isOne(_ part: some Collection<UInt8>) -> Bool {
    // What is before the first dot counts, without blanks at its end.
    var stem = Array(part.prefix(longest + 1).prefix { $0 != UInt8(ascii: ".") })
    if stem.count > longest {
      // Blanks of any number may follow.
      guard part.dropFirst(stem.count).prefix(while: { $0 != UInt8(ascii: ".") }).allSatisfy({ $0 == blank })
      else { return false }
    }
    while stem.last == blank { stem.removeLast() }
    guard (3...longest).contains(stem.count) else { return false }
    let name = stem.map { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) ? $0 & 0xDF : $0 }
    if names.contains(name) { return true }
    return name.starts(with: "COM".utf8) || name.starts(with: "LPT".utf8) ? isNumber(name.dropFirst(3)) : false
  }

  private static let blank = UInt8(ascii: " ")
  private static let names = Set(["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"].map { Array($0.utf8) })
  /// The bytes of the longest, `CONOUT$`.
  private static let longest = 7

  /// A digit, or one of the three raised digits that Latin-1 has, which Windows takes for the plain ones.
  private static func isNumber(_ bytes: ArraySlice<UInt8>) -> Bool {
    if bytes.count == 1 { return bytes.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } }
    return ["\u{B9}", "\u{B2}", "\u{B3}"].contains { bytes.elementsEqual($0.utf8) }
  }
}
