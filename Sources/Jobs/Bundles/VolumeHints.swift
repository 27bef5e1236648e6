import BundleFormat

/// What lies on which of several sticks, as `VOLUMES.txt` tells: no more than a hint, which nobody has signed.
package struct VolumeHints: Sendable {
  /// The most bytes of the file.
  static let maximumSize = 4 << 20
  private static let largestNumber = 9999

  /// The numbers of sticks by the names of files.
  private(set) var sticks: [String: Int] = [:]

  /// Reads the lines `stick 2: NAME`; of names, only those of the volumes of a bundle and their pieces are taken.
  package init(_ text: [UInt8] = [], of volumes: Set<String> = []) {
    for line in text.split(separator: UInt8(ascii: "\n")) {
      let parts = String(decoding: line, as: UTF8.self).split(separator: " ")
      guard parts.count == 3, parts[0] == "stick", parts[1].hasSuffix(":"), let number = Int(parts[1].dropLast()),
        (1...Self.largestNumber).contains(number), volumes.contains(VolumeFileName(String(parts[2])).volume)
      else { continue }
      sticks[String(parts[2])] = number
    }
  }

  /// Notes on which stick a file lies.
  package mutating func note(_ file: String, on stick: Int) { sticks[file] = stick }

  /// Adds what another medium tells.
  mutating func merge(_ other: VolumeHints) { sticks.merge(other.sticks) { $1 } }

  /// The lines of the file, in the order of sticks and names.
  package var lines: String {
    sticks.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map { "stick \($0.value): \($0.key)\n" }.joined()
  }

  /// Where a volume, or what is lacking of it, is said to lie: ` (stick 2)`; empty where nothing is known.
  ///
  /// - Parameter pieces: the pieces that are here already.
  package func place(of volume: String, besides pieces: Set<Int> = []) -> String {
    let numbers = sticks.filter { file, _ in
      let name = VolumeFileName(file)
      return name.volume == volume && !(name.piece.map(pieces.contains) ?? false)
    }.values
    if let last = sticks.values.max(), numbers.isEmpty { return " (on a stick after stick \(last))" }
    guard !numbers.isEmpty else { return "" }
    let list = Set(numbers).sorted().map { "\($0)" }.joined(separator: ", ")
    return " (on stick \(list))"
  }
}
