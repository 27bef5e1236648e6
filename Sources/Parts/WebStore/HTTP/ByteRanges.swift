/// What a `Range` field asks for of a file of a known size (RFC 9110, section 14).
enum ByteRanges: Equatable {
  /// All of it: the field cannot be understood, is of another unit, or asks for more than it is worth. It is ignored.
  case whole
  /// Nothing that the file has: 416.
  case unsatisfiable
  /// These stretches, each with a byte at least, in the order in which they were asked for.
  case parts([Range<Int64>])

  /// Reads a field.
  ///
  /// Like nginx, it ignores a field with more than `limit` ranges, and one whose ranges together are longer than the
  /// file: nobody who wants the file asks like that.
  init(_ field: String, size: Int64, atMost limit: Int) {
    guard let (unit, list) = Self.split(field), unit.lowercased() == "bytes" else {
      self = .whole
      return
    }
    var parts: [Range<Int64>] = []
    var total: Int64 = 0
    var count = 0
    for item in list.split(separator: ",", omittingEmptySubsequences: false) {
      let item = item.trimmingBlanks
      // A list may have empty elements.
      if item.isEmpty { continue }
      count += 1
      guard count <= limit, let wanted = Self.range(item, size: size) else {
        self = .whole
        return
      }
      guard !wanted.isEmpty else { continue }
      parts.append(wanted)
      total += wanted.upperBound - wanted.lowerBound
      guard total <= size else {
        self = .whole
        return
      }
    }
    guard count > 0 else {
      self = .whole
      return
    }
    self = parts.isEmpty ? .unsatisfiable : .parts(parts)
  }

  private static func split(_ field: String) -> (Substring, Substring)? {
    guard let equals = field.utf8.firstIndex(of: UInt8(ascii: "=")) else { return nil }
    return (field[..<equals], field[field.utf8.index(after: equals)...])
  }

  /// The stretch that `first-last`, `first-` or `-count` stands for, empty if the file has none of it; `nil` for what
  /// is not a range.
  private static func range(_ item: Substring, size: Int64) -> Range<Int64>? {
    guard let dash = item.utf8.firstIndex(of: UInt8(ascii: "-")) else { return nil }
    let (first, last) = (item[..<dash], item[item.utf8.index(after: dash)...])
    if first.isEmpty {
      guard let count = number(last) else { return nil }
      return max(0, size - count)..<size
    }
    guard let start = number(first) else { return nil }
    if last.isEmpty { return start < size ? start..<size : 0..<0 }
    guard let end = number(last), end >= start else { return nil }
    return start < size ? start..<min(size, end + 1) : 0..<0
  }

  /// A number of decimal digits; one that is beyond all files counts as the largest that is handled.
  private static func number(_ digits: Substring) -> Int64? {
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int64(digits).map { min($0, Int64.max / 4) } ?? Int64.max / 4
  }
}
