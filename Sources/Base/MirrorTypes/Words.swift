/// Figures and lists as people read them.
package enum Words {
  /// A whole number with its thousands apart: `75,682`.
  package static func count(_ number: some BinaryInteger) -> String {
    var digits = String(number.magnitude)
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    return (number < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
  }

  /// A count with what is counted: `1 file`, `75,682 files`.
  ///
  /// - Parameters:
  ///   - one: the words for one: `index`, `file carries`.
  ///   - many: the words for any other number; without them `one` and an s.
  package static func count(_ number: some BinaryInteger, _ one: String, _ many: String? = nil) -> String {
    "\(count(number)) \(number == 1 ? one : many ?? one + "s")"
  }

  /// A count of bytes to the last one, whose digits can be compared: `1 byte`, `1048576 bytes`.
  package static func exactBytes(_ count: some BinaryInteger) -> String { count == 1 ? "1 byte" : "\(count) bytes" }

  /// A count of bytes with three figures and a binary unit: `4.09 GiB`.
  package static func bytes(_ count: Int64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB"]
    guard count.magnitude >= 1024 else { return "\(count) B" }
    var value = Double(count) / 1024
    var unit = 0
    while value.magnitude >= 999.5 && unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    let decimals = value.magnitude >= 99.95 ? 0 : value.magnitude >= 9.995 ? 1 : 2
    return "\(fixed(value, decimals: decimals)) \(units[unit])"
  }

  /// A number with a fixed count of decimals.
  package static func fixed(_ value: Double, decimals: Int) -> String {
    let scale = (0..<decimals).reduce(1.0) { product, _ in product * 10 }
    let scaled = Int64((value.magnitude * scale).rounded())
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard decimals > 0 else { return "\(sign)\(scaled)" }
    let fraction = String(scaled % Int64(scale))
    return "\(sign)\(scaled / Int64(scale)).\(String(repeating: "0", count: decimals - fraction.count))\(fraction)"
  }

  /// The first names of a list, and how many there are besides: `a, b and 3 more`.
  package static func list(
    _ names: some Collection<some StringProtocol>,
    atMost limit: Int = mostNames,
    separator: String = ", "
  ) -> String {
    names.prefix(limit).joined(separator: separator) + more(than: limit, of: names.count)
  }

  /// The most names that a sentence has, where nothing speaks for more or fewer.
  package static let mostNames = 5

  /// What follows the first things of a list: ` and 3 more`; nothing where there are no more.
  package static func more(than shown: Int, of count: Int) -> String {
    count > shown ? " and \(self.count(count - shown)) more" : ""
  }

  /// The same in parentheses, behind something with a text of its own: ` (and 3 more)`.
  package static func moreAside(than shown: Int, of count: Int) -> String {
    count > shown ? " (and \(self.count(count - shown)) more)" : ""
  }
}
