import TestSupport
import Testing

@testable import Trust

@Suite struct PathPatternTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let pattern: String
    let matching: [String]
    let others: [String]
    var testDescription: String { pattern }

    init(_ pattern: String, _ matching: [String], not others: [String]) {
      self.pattern = pattern
      self.matching = matching
      self.others = others
    }
  }

  static let cases = [
    // The examples of the specification, section 4.5.
    Case(
      "targets/*.tgz",
      ["targets/foo.tgz", "targets/bar.tgz", "targets/.tgz"],
      not: ["targets/foo.txt", "foo.tgz"]
    ),
    Case(
      "foo-version-?.tgz",
      ["foo-version-2.tgz", "foo-version-a.tgz", "foo-version-é.tgz"],
      not: ["foo-version-alpha.tgz", "foo-version-.tgz", "foo-version-//.tgz"]
    ),
    Case("*.tgz", ["foo.tgz", "bar.tgz", ".tgz"], not: ["targets/foo.tgz", "foo.txt", "foo.tgz/"]),
    Case("foo.tgz", ["foo.tgz"], not: ["targets/foo.tgz", "foo.txt", "Foo.tgz", "foo.tg", "foo.tgzz"]),
    // A star never takes a slash, however many stand together.
    Case("*", ["", "a", ".a", "**"], not: ["a/b", "/", "/a"]),
    Case("**", ["", "a"], not: ["a/b"]),
    Case("*/*", ["a/b", "/", "a/", "/b"], not: ["a", "a/b/c"]),
    Case("a/**/b", ["a/x/b", "a//b"], not: ["a/b", "a/x/y/b"]),
    Case("a*", ["a", "ab"], not: ["a/", "a/b", "ba"]),
    Case("*a*b*", ["ab", "xaxbx", "aab", "abab"], not: ["ba", "a", "b"]),
    Case("?", ["a", "é", "😀", "\n"], not: ["", "ab", "/", "e\u{301}"]),
    Case("/a", ["/a"], not: ["a", "//a"]),
    Case("", [""], not: ["a", "/"]),
    // Sets.
    Case("[ab]", ["a", "b"], not: ["c", "ab", "", "[ab]"]),
    Case("[a-c]x", ["ax", "bx", "cx"], not: ["dx", "-x"]),
    Case("[!a-c]", ["d", "-", "!"], not: ["a", "b", "/", ""]),
    Case("[]]", ["]"], not: ["[", "[]]"]),
    Case("[]a]", ["]", "a"], not: ["[", "[]a]"]),
    Case("[!]a]", ["b", "["], not: ["]", "a"]),
    Case("[a-]", ["a", "-"], not: ["b"]),
    Case("[-a]", ["a", "-"], not: ["b"]),
    Case("[!]", ["[!]"], not: ["a", "!"]),
    Case("[*]", ["*"], not: ["a", ""]),
    Case("[?]", ["?"], not: ["a"]),
    Case("[[]", ["["], not: ["[[]"]),
    Case("[", ["["], not: ["a", ""]),
    Case("[a", ["[a"], not: ["a"]),
    Case("a]", ["a]"], not: ["a"]),
    Case("[a/b]", ["[a/b]"], not: ["a", "b", "/"]),
    Case("*[0-9].xml", ["u1.xml", "12.xml"], not: ["u.xml", "1x.xml"]),
    // Nothing else is special, and case matters.
    Case("a.b+(c)|\\d^$", ["a.b+(c)|\\d^$"], not: ["aXb+(c)|\\d^$"]),
    Case("\\*", ["\\a", "\\"], not: ["*"]),
    Case("A.md", ["A.md"], not: ["a.md", "A.MD"]),
    // Texts are compared by their code points.
    Case("\u{E9}", ["\u{E9}"], not: ["e\u{301}"]),
    Case("e*", ["e\u{301}"], not: ["\u{E9}"]),
  ]

  @Test(arguments: cases)
  func `takes these paths and no others`(_ example: Case) {
    let pattern = PathPattern(example.pattern)
    for path in example.matching { #expect(pattern.matches(path), "\(path)") }
    for path in example.others { #expect(!pattern.matches(path), "\(path)") }
  }

  // MARK: - A reference

  /// The same by plain recursion.
  private func reference(_ pattern: ArraySlice<Character>, _ path: ArraySlice<Character>) -> Bool {
    guard let first = pattern.first else { return path.isEmpty }
    let rest = pattern.dropFirst()
    if first == "*" {
      if reference(rest, path) { return true }
      guard let next = path.first, next != "/" else { return false }
      return reference(pattern, path.dropFirst())
    }
    guard let next = path.first else { return false }
    if first == "[", next != "/" {
      var members = rest
      let isNegated = members.first == "!"
      if isNegated { members = members.dropFirst() }
      // The first one is a member even if it is a bracket that closes.
      let part = members.prefix { $0 != "/" }
      if let end = part.dropFirst().firstIndex(of: "]") {
        var set: [ClosedRange<Character>] = []
        var listed = Array(members[..<end])
        while let low = listed.first {
          if listed.count >= 3, listed[1] == "-" {
            if low <= listed[2] { set.append(low...listed[2]) }
            listed.removeFirst(3)
          } else {
            set.append(low...low)
            listed.removeFirst()
          }
        }
        return set.contains { $0.contains(next) } != isNegated && reference(pattern[(end + 1)...], path.dropFirst())
      }
    }
    let fits = first == "?" ? next != "/" : first == next
    return fits && reference(rest, path.dropFirst())
  }

  @Test func `random patterns take what plain recursion takes`() {
    let (signs, letters) = (Array("ab/*?[]!-*a"), Array("ab/]-[!*"))
    var (tried, taken) = (0, 0)
    for round in Fuzz.rounds("patterns of paths", 60_000) {
      var random = round.random
      tried += 1
      let pattern = (0..<Int.random(in: 0...9, using: &random)).map { _ in signs.randomElement(using: &random) ?? "a" }
      let path = (0..<Int.random(in: 0...7, using: &random)).map { _ in letters.randomElement(using: &random) ?? "a" }
      let isTaken = PathPattern(String(pattern)).matches(String(path))
      if isTaken { taken += 1 }
      #expect(isTaken == reference(pattern[...], path[...]), "\(String(pattern)) \(String(path))")
    }
    #expect(taken > tried / 60)
  }

  // MARK: - Hostile patterns: a naive search would not come to an end

  @Test func `many stars come to an end`() {
    let many = String(repeating: "*a", count: 2_000)
    #expect(!PathPattern(many + "*b").matches(String(repeating: "a", count: 4_000)))
    #expect(PathPattern(many + "*").matches(String(repeating: "a", count: 4_000)))
    #expect(PathPattern(String(repeating: "*", count: 100_000)).matches("a"))
  }

  @Test func `many brackets come to an end`() {
    let open = String(repeating: "[", count: 3_000)
    #expect(!PathPattern("*" + open + "a").matches(String(repeating: "[", count: 6_000)))
    #expect(PathPattern("*" + open).matches(String(repeating: "[", count: 3_000)))
    #expect(!PathPattern("*" + open + "]b").matches(String(repeating: "[", count: 3_000)))
    #expect(!PathPattern(String(repeating: "*[!b]", count: 1_000) + "b").matches(String(repeating: "a", count: 2_000)))
  }
}
