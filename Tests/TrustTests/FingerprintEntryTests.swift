import Testing

@testable import Trust

/// Fingerprints as people type them.
@Suite struct FingerprintEntryTests {
  private static let digits = (0..<16).map { group in String(repeating: "0", count: 3) + String(group, radix: 16) }
  private static let whole = digits.joined(separator: " ")

  @Test(arguments: [
    [whole], digits, [digits.joined()], [whole.uppercased()], [digits.joined(separator: ":")],
    [digits.joined(separator: "-")],
    [digits[..<8].joined(separator: " "), digits[8...].joined(separator: " ")], ["  " + whole + "\n"],
  ])
  func `it is taken in one word or in several, with blanks or without, in either case`(_ words: [String]) throws {
    #expect(try FingerprintEntry(words).fingerprint().description == Self.whole)
  }

  @Test func `what is wrong is reported by its group`() throws {
    #expect(throws: FingerprintEntry.Problem.count(60)) {
      try FingerprintEntry(Array(Self.digits.dropLast())).fingerprint()
    }
    #expect(throws: FingerprintEntry.Problem.count(68)) { try FingerprintEntry(Self.digits + ["0000"]).fingerprint() }
    #expect(throws: FingerprintEntry.Problem.count(0)) { try FingerprintEntry([]).fingerprint() }
    #expect(throws: FingerprintEntry.Problem.notADigit("g", group: 3)) {
      try FingerprintEntry(["0000", "1111", "00g0"])
    }
    #expect(throws: FingerprintEntry.Problem.notADigit("０", group: 1)) { try FingerprintEntry(["０000"]) }
    #expect(try FingerprintEntry(["12 34", "5"]).lacking == 59)
    #expect("\(FingerprintEntry.Problem.count(60))".contains("there are 60 digits"))
  }

  @Test func `the groups that differ are named`() throws {
    let (found, other) = (try #require(Fingerprint(Self.whole)), Self.digits.dropLast() + ["ffff"])
    let mistyped = try FingerprintEntry(other).fingerprint()
    #expect(found.differences(from: mistyped) == [.init(number: 16, found: "000f", wanted: "ffff")])
    #expect(found.comparison(with: mistyped) == ["group 16 differs: it is 000f, and you gave ffff"])
    #expect(found.differences(from: found).isEmpty)
    let foreign = try #require(Fingerprint(String(repeating: "ab", count: 32)))
    #expect(found.comparison(with: foreign).first?.contains("16 of its 16 groups differ") == true)
    #expect(found.comparison(with: foreign).dropFirst().joined(separator: " ") == Self.whole)
  }

  @Test(
    arguments: [
      (["/media/stick"] + digits, nil, "/media/stick", 16), (digits + ["/media/stick"], nil, "/media/stick", 16),
      (["/media/stick"], whole, "/media/stick", 1), (["stick"] + digits.dropFirst(), digits[0], "stick", 16),
      (digits.dropFirst() + ["/media/stick"], digits[0], "/media/stick", 16), (["abcd"] + digits, nil, "abcd", 16),
      (["/media/stick", "0000", "00g1"], nil, "/media/stick", 2),
      (["00g1", "0000", "/media/stick"], nil, "/media/stick", 2),
      (["/media/stick"], nil, "/media/stick", 0), (["1.root.json", whole], nil, "1.root.json", 1), ([], nil, "", 0),
    ] as [([String], String?, String, Int)]
  )
  func `the path is distinguished from the groups around it`(
    _ words: [String],
    _ option: String?,
    _ path: String,
    _ count: Int
  ) {
    let split = FingerprintEntry.split(words, after: option)
    #expect(split.path == path && split.digits.count == count)
    if count == 16 { #expect(split.digits == Self.digits) }
  }
}
