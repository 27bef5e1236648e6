/// A pattern of versions as the indexes write it: numbers with dots between them; each may be `*` or a set such as
/// `[4-9,13-24]` or `[13-*]`. What is left out at the end may be anything.
struct VersionPattern: Sendable, Hashable {
  /// The sets of numbers for each place, as ranges.
  let places: [[ClosedRange<UInt32>]]

  static let any = VersionPattern(places: [])

  private init(places: [[ClosedRange<UInt32>]]) { self.places = places }

  /// Reads a pattern; `nil` for what is none, with the count of bytes that could be read as a place.
  init?(_ text: Substring) {
    guard !text.isEmpty else { return nil }
    var places: [[ClosedRange<UInt32>]] = []
    for part in text.split(separator: ".", omittingEmptySubsequences: false) {
      guard let place = Self.place(part) else { return nil }
      places.append(place)
    }
    self.places = places
  }

  private static func place(_ text: Substring) -> [ClosedRange<UInt32>]? {
    if text == "*" { return [0...UInt32.max] }
    if let number = UInt32(text) { return [number...number] }
    guard text.first == "[", text.last == "]" else { return nil }
    var ranges: [ClosedRange<UInt32>] = []
    for item in text.dropFirst().dropLast().split(separator: ",", omittingEmptySubsequences: false) {
      guard let range = range(item) else { return nil }
      ranges.append(range)
    }
    return ranges.isEmpty ? nil : ranges
  }

  private static func range(_ text: Substring) -> ClosedRange<UInt32>? {
    if text == "*" { return 0...UInt32.max }
    let ends = text.split(separator: "-", omittingEmptySubsequences: false)
    guard let first = ends.first, let lower = UInt32(first) else { return nil }
    guard ends.count == 2 else { return ends.count == 1 ? lower...lower : nil }
    let upper = ends[1] == "*" ? UInt32.max : UInt32(ends[1])
    guard let upper, upper >= lower else { return nil }
    return lower...upper
  }

  /// The versions that fit both; `nil` when there are none.
  func intersection(_ other: VersionPattern) -> VersionPattern? {
    var places: [[ClosedRange<UInt32>]] = []
    for index in 0..<max(self.places.count, other.places.count) {
      guard index < self.places.count else { places.append(other.places[index]); continue }
      guard index < other.places.count else { places.append(self.places[index]); continue }
      let common = self.places[index].flatMap { one in
        other.places[index].compactMap { $0.overlaps(one) ? $0.clamped(to: one) : nil }
      }
      if common.isEmpty { return nil }
      places.append(common)
    }
    return VersionPattern(places: places)
  }

  /// Whether every version that fits `other` certainly fits this one too.
  func covers(_ other: VersionPattern) -> Bool {
    for (index, place) in places.enumerated() {
      guard index < other.places.count else {
        if place.contains(0...UInt32.max) { continue }
        return false
      }
      let inside = other.places[index].allSatisfy { range in
        place.contains { $0.lowerBound <= range.lowerBound && $0.upperBound >= range.upperBound }
      }
      if !inside { return false }
    }
    return true
  }
}
