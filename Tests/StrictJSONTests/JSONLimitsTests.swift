import StrictJSON
import Testing

/// What a format may ask for beyond the strictness that all have.
@Suite struct JSONLimitsTests {
  private func read(_ text: String, _ limits: JSONLimits) throws(JSONError) -> JSONValue {
    try JSONValue(parsing: Array(text.utf8), within: limits)
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let limits: JSONLimits
    let fits: String
    let refused: String
    let problem: String
    var testDescription: String { "\(fits) and not \(refused)" }
  }

  @Test(arguments: [
    Case(limits: .init(bytes: 4), fits: "1234", refused: "12345", problem: "it has more than 4 bytes"),
    Case(limits: .init(bytes: 4), fits: "[1] ", refused: "[1]  ", problem: "it has more than 4 bytes"),
    Case(limits: .init(depth: 2), fits: "[{}]", refused: "[[[]]]", problem: "it is nested too deeply"),
    Case(limits: .init(depth: 0), fits: "1", refused: "{}", problem: "it is nested too deeply"),
    Case(limits: .init(values: 3), fits: "[1,2]", refused: "[1,2,3]", problem: "it has more than 3 values"),
    Case(limits: .init(values: 2), fits: #"{"a":1}"#, refused: #"{"a":[1]}"#, problem: "it has more than 2 values"),
    Case(limits: .init(text: 2), fits: #"["é"]"#, refused: #"["éa"]"#, problem: "a text has more than 2 bytes"),
    Case(
      limits: .init(text: 2),
      fits: #"{"\u00e9":1}"#,
      refused: #"{"\u20ac":1}"#,
      problem: "a text has more than 2 bytes"
    ),
    Case(limits: .init(digits: 3), fits: "-12", refused: "-123", problem: "a number has too many digits"),
    Case(
      limits: .init(digits: 5, numbers: .decimal),
      fits: "1.5e3",
      refused: "1.55e3",
      problem: "a number has too many digits"
    ),
    Case(limits: .init(), fits: "9223372036854775807", refused: "1.0", problem: "a number is not whole"),
    Case(limits: .init(), fits: "0", refused: "0e0", problem: "a number is not whole"),
    Case(
      limits: .init(numbers: .decimal),
      fits: "1e999",
      refused: "9223372036854775808",
      problem: "a number is too large"
    ),
    Case(limits: .init(numbers: .any), fits: "9223372036854775808", refused: "01", problem: "a number begins with 0"),
    Case(limits: .init(numbers: .any), fits: "-0.0E+00", refused: "1.", problem: "a number is malformed"),
    Case(limits: .init(numbers: .any), fits: "1E-1", refused: "1e", problem: "a number is malformed"),
    Case(
      limits: .init(names: .byCharacters),
      fits: #"{"é":1,"è":2}"#,
      refused: "{\"\u{E9}\":1,\"e\u{301}\":2}",
      problem: "an object has a name twice"
    ),
    Case(
      limits: .init(names: .byBytes),
      fits: "{\"\u{E9}\":1,\"e\u{301}\":2}",
      refused: "{\"\u{E9}\":1,\"\u{E9}\":2}",
      problem: "an object has a name twice"
    ),
  ])
  func `a format's limit is met exactly`(_ limit: Case) throws {
    _ = try read(limit.fits, limit.limits)
    let error = #expect(throws: JSONError.self) { try read(limit.refused, limit.limits) }
    #expect(error?.problem == limit.problem)
  }

  @Test func `a number keeps its digits, and a whole one is exact`() throws {
    let digits = ["-0.10", "1E+2", "123456789012345678901234567890", "0.1e-7", "9223372036854775808"]
    for text in digits {
      let value = try read(text, .init(numbers: .any))
      #expect(value.digits == text)
      #expect(value.integer == nil)
      #expect(value.serialized == Array(text.utf8))
    }
    for number in [Int64.min, -1, 0, 9_007_199_254_740_993, .max] {
      #expect(try read(String(number), .init(numbers: .any)).integer == number)
    }
  }

  @Test func `a fraction is written so that it is read back the same, and infinity is none`() throws {
    for number in [0.1, -1e300, 5e-324, 1 / 3, .greatestFiniteMagnitude] {
      let decimal = try #require(JSONDecimal(number))
      let read = try read(String(decoding: JSONValue.decimal(decimal).serialized, as: UTF8.self), .init(numbers: .any))
      #expect(read.digits.flatMap { Double($0) } == number)
    }
    #expect(JSONDecimal(Double.nan) == nil)
    #expect(JSONDecimal(-Float.infinity) == nil)
  }

  @Test func `members keep the order in which they were read beside that of their names`() throws {
    var object = try #require(try read(#"{"b":1,"a":2,"c":3}"#, .init()).object)
    #expect(object.members.map(\.name) == ["a", "b", "c"])
    #expect(object.inReadOrder.map(\.name) == ["b", "a", "c"])
    #expect(object.inReadOrder.map(\.value) == [1, 2, 3])
    #expect(object == ["a": 2, "b": 1, "c": 3])
    object["d"] = 4
    #expect(object.inReadOrder.map(\.name) == ["a", "b", "c", "d"])
  }

  @Test func `a form says which characters are escaped`() {
    let text = JSONValue.string("a\n\u{7F}\u{202E}é\u{E0041}\"\\")
    #expect(String(decoding: text.bytes(.canonical), as: UTF8.self) == "\"a\n\u{7F}\u{202E}é\u{E0041}\\\"\\\\\"")
    #expect(String(decoding: text.bytes(.plain), as: UTF8.self) == "\"a\\u000a\u{7F}\u{202E}é\u{E0041}\\\"\\\\\"")
    #expect(
      String(decoding: text.bytes(.visible), as: UTF8.self) == #""a\u000a\u007f\u202eé\udb40\udc41\"\\""#
    )
    let short = JSONForm(hasShortEscapes: true) { $0 == "\n" || $0 == "\u{1}" }
    #expect(String(decoding: JSONValue.string("\n\r\t\u{1}").bytes(short), as: UTF8.self) == #""\n\r\t\u0001""#)
  }
}
