/// A number of bytes that somebody else may have said: 0 to 2^53.
///
/// Adding never ends the program: what is too much becomes ``beyond`` and stays so. No size that is taken from outside is
/// as large (``largestFile``), so that a sum that has gone beyond is more than any room there is, and never the sum that
/// somebody has signed: the comparison that follows refuses it.
package struct ByteCount: Hashable, Sendable {
  /// The number.
  package let value: Int64

  private static let limit: Int64 = 1 << 53

  /// The most bytes that a single file may have which somebody tells of: 64 TiB.
  package static let largestFile: Int64 = 1 << 46
  /// No bytes.
  package static let zero = ByteCount(clamping: 0)
  /// More than there can be.
  package static let beyond = ByteCount(clamping: Int64.max)

  /// A number that is brought into the range: nothing is less than none, or more than ``beyond``.
  package init(clamping value: some BinaryInteger) { self.value = max(0, min(Int64(clamping: value), Self.limit)) }

  /// The size of a single file as somebody tells it; `nil` for less than nothing, or more than ``largestFile``.
  package static func ofFile(_ value: Int64) -> Int64? { (0...largestFile).contains(value) ? value : nil }

  /// Whether it is more than there can be.
  package var isBeyond: Bool { value >= Self.limit }

  /// The sum, at most ``beyond``.
  package static func + (left: Self, right: Self) -> Self { Self(clamping: left.value + right.value) }

  /// The sum, at most ``beyond``.
  package static func + (left: Self, right: some BinaryInteger) -> Self { left + Self(clamping: right) }

  /// Adds so many bytes, up to ``beyond``.
  package mutating func add(_ bytes: some BinaryInteger) { self = self + bytes }

  /// So many times as much, at most ``beyond``.
  package static func * (left: Self, right: Int) -> Self {
    let (product, isTooMuch) = left.value.multipliedReportingOverflow(by: Int64(max(0, right)))
    return isTooMuch ? beyond : Self(clamping: product)
  }
}

extension ByteCount: Comparable {
  /// The order of the numbers.
  package static func < (left: Self, right: Self) -> Bool { left.value < right.value }
}

extension ByteCount: CustomStringConvertible {
  /// The digits.
  package var description: String { String(value) }
}

extension Sequence {
  /// The bytes of all together, at most ``ByteCount/beyond``.
  package func totalBytes(_ size: (Element) throws -> Int64) rethrows -> Int64 {
    var sum = ByteCount.zero
    for element in self { sum.add(try size(element)) }
    return sum.value
  }

  /// The sum of numbers that somebody tells: at most the largest there is.
  package func clampedSum(_ number: (Element) throws -> Int) rethrows -> Int {
    var sum = 0
    for element in self {
      let (next, isTooMuch) = sum.addingReportingOverflow(Swift.max(0, try number(element)))
      sum = isTooMuch ? .max : next
    }
    return sum
  }
}

extension Int64 {
  /// Adds the bytes of something to a count of bytes: up to ``ByteCount/beyond``.
  package mutating func addBytes(_ bytes: Int64) { self = (ByteCount(clamping: self) + bytes).value }
}
