/// A version of this program, as semver.org orders them.
package struct ProgramVersion: Hashable, Sendable {
  private let numbers: [Int]
  /// What stands behind the numbers of a version that is still being tried: `rc.1`.
  private let trial: [String]
  /// The version as it is written.
  package let text: String

  /// Reads `0.1.0`, or `0.2.0-rc.1`; `nil` for anything else.
  package init?(_ text: String) {
    guard (1...64).contains(text.utf8.count) else { return nil }
    let halves = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    let numbers = (halves.first ?? "").split(separator: ".", omittingEmptySubsequences: false).map { Self.number($0) }
    guard numbers.count == 3, !numbers.contains(nil) else { return nil }
    let trial = halves.count == 2 ? halves[1].split(separator: ".", omittingEmptySubsequences: false) : []
    guard trial.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(Self.isLetterOrDigit) }) else { return nil }
    self.numbers = numbers.compactMap { $0 }
    self.trial = trial.map(String.init)
    self.text = text
  }

  private static func number(_ digits: Substring) -> Int? {
    digits.utf8.allSatisfy { (0x30...0x39).contains($0) } && digits.utf8.count <= 9 ? Int(digits) : nil
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }
}

extension ProgramVersion: Comparable {
  /// By the numbers; what is still being tried comes before what is done.
  package static func < (left: Self, right: Self) -> Bool {
    if left.numbers != right.numbers { return left.numbers.lexicographicallyPrecedes(right.numbers) }
    guard !left.trial.isEmpty, !right.trial.isEmpty else { return !left.trial.isEmpty && right.trial.isEmpty }
    return left.trial.lexicographicallyPrecedes(right.trial) { a, b in
      switch (Int(a), Int(b)) {
      case (let a?, let b?): a < b
      case (_?, nil): true
      case (nil, _?): false
      case (nil, nil): a < b
      }
    }
  }

  package static func == (left: Self, right: Self) -> Bool {
    left.numbers == right.numbers && left.trial == right.trial
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(numbers)
    hasher.combine(trial)
  }
}
