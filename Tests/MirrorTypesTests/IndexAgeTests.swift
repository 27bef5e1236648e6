import MirrorTypes
import Testing

@Suite struct IndexAgeTests {
  private static let now: Int64 = 1_764_000_000

  @Test(
    arguments: [
      (0, .fresh), (259_199, .fresh), (259_200, .old), (604_799, .old), (604_800, .veryOld),
      (now - 1_445_992_380, .veryOld),
      (-86_400, .fresh), (-86_401, .unknown), (.max, .veryOld), (.min, .unknown),
    ] as [(Int64, IndexAge)]
  )
  func `databases are judged by the thresholds of the products`(_ age: Int64, _ expected: IndexAge) {
    let (date, overflow) = Self.now.subtractingReportingOverflow(age)
    if !overflow { #expect(IndexAge(of: date, now: Self.now) == expected) }
    #expect(IndexAge(of: .min, now: Self.now) == .unknown && IndexAge(of: .max, now: Self.now) == .unknown)
  }

  @Test func `what has an index and no date is of unknown age, and what has no index has none`() {
    #expect(IndexAge(of: nil, now: Self.now) == .unknown)
    #expect(IndexAge(of: nil, hasIndex: true, now: Self.now) == .unknown)
    #expect(IndexAge(of: nil, hasIndex: false, now: Self.now) == .noIndex)
    #expect(IndexAge(of: Self.now, hasIndex: false, now: Self.now) == .fresh)
  }
}
