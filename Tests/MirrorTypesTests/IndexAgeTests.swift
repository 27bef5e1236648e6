import MirrorTypes
import Testing

@Suite struct IndexAgeTests {
  private static let now = UTCTime(seconds: 1_764_000_000)

  @Test(
    arguments: [
      (0, .fresh), (259_199, .fresh), (259_200, .old), (604_799, .old), (604_800, .veryOld),
      (now.seconds - 1_445_992_380, .veryOld), (now.seconds, .veryOld), (now.seconds + 1, .unknown),
      (-86_400, .fresh), (-86_401, .unknown), (.max, .unknown), (.min, .unknown),
    ] as [(Int64, IndexAge)]
  )
  func `databases are judged by the thresholds of the products`(_ age: Int64, _ expected: IndexAge) {
    let date = Self.now.adding(seconds: age == .min ? .max : -age)
    #expect(IndexAge(of: date, now: Self.now, by: .vendors) == expected)
  }

  @Test func `limits that are set move both borders`() {
    let limits = AgeLimits(old: 14 * 86_400, veryOld: 21 * 86_400)
    let ages = [13, 14, 20, 21].map { days in
      IndexAge(of: Self.now.adding(seconds: -days * 86_400), now: Self.now, by: limits)
    }
    #expect(ages == [.fresh, .old, .old, .veryOld])
  }

  @Test func `what has an index and no date is of unknown age, and what has no index has none`() {
    #expect(IndexAge(of: nil, now: Self.now, by: .vendors) == .unknown)
    #expect(IndexAge(of: nil, hasIndex: true, now: Self.now, by: .vendors) == .unknown)
    #expect(IndexAge(of: nil, hasIndex: false, now: Self.now, by: .vendors) == .noIndex)
    #expect(IndexAge(of: Self.now, hasIndex: false, now: Self.now, by: .vendors) == .fresh)
  }
}
