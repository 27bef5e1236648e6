/// A set of numbers in stretches, ascending and apart from each other: however many numbers a site skips, they
/// take a bounded room.
package struct NumberRanges: Sendable, Hashable {
  /// The stretches.
  package private(set) var ranges: [ClosedRange<Int64>] = []

  /// No numbers.
  package init() {}

  /// These stretches; `nil` unless they ascend and are apart.
  package init?(_ ranges: [ClosedRange<Int64>]) {
    guard zip(ranges, ranges.dropFirst()).allSatisfy({ $0.upperBound + 1 < $1.lowerBound }) else { return nil }
    self.ranges = ranges
  }

  /// Whether there are none.
  package var isEmpty: Bool { ranges.isEmpty }

  /// Whether a number is among them.
  package func contains(_ number: Int64) -> Bool { ranges.contains { $0.contains(number) } }

  /// Adds numbers that are greater than all others.
  package mutating func append(_ range: ClosedRange<Int64>) {
    guard let last = ranges.last, last.upperBound + 1 == range.lowerBound else { return ranges.append(range) }
    ranges[ranges.count - 1] = last.lowerBound...range.upperBound
  }

  /// Takes numbers away.
  package mutating func remove(_ removed: ClosedRange<Int64>) {
    ranges = ranges.flatMap { range -> [ClosedRange<Int64>] in
      guard range.overlaps(removed) else { return [range] }
      var rest: [ClosedRange<Int64>] = []
      if range.lowerBound < removed.lowerBound { rest.append(range.lowerBound...(removed.lowerBound - 1)) }
      if range.upperBound > removed.upperBound { rest.append((removed.upperBound + 1)...range.upperBound) }
      return rest
    }
  }

  /// Keeps the `count` newest stretches.
  package mutating func keepLast(_ count: Int) { ranges = ranges.suffix(count) }

  /// The numbers as people read them: `3, 9 to 11`.
  package var text: String {
    let shown = ranges.suffix(10).map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound) to \($0.upperBound)" }
    return (ranges.count > shown.count ? "… " : "") + shown.joined(separator: ", ")
  }
}
