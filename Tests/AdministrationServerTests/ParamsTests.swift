import AdministrationServer
import Foundation
import MirrorTypes
import StrictJSON
import TestSupport
import Testing

@Suite struct ParamsTests {
  /// One value of each type, with what the wire has for it.
  private static let wire: [(ParamsValue, String)] = [
    ("text \"é\" \u{1} \\ / 😀", #""text \"é\" \u0001 \\ / 😀""#),
    (5, "5"), (.int(.max), "9223372036854775807"), (.int(.min), "-9223372036854775808"),
    (true, "true"), (false, "false"), ([], "[]"), ([.null, 1, "a", [true]], #"[null,1,"a",[true]]"#),
    (.long(9_007_199_254_740_993), #"{"type":"long","value":9007199254740993}"#),
    (.float(1.1), #"{"type":"float","value":1.1}"#), (.double(0.1), #"{"type":"double","value":0.1}"#),
    (.double(-1e300), #"{"type":"double","value":-1e+300}"#),
    (.dateTime(UTCTime("2021-05-20T10:00:00Z")), #"{"type":"datetime","value":"2021-05-20T10:00:00Z"}"#),
    (.dateTime(nil), #"{"type":"datetime","value":""}"#),
    (.date(CalendarDate("2021-05-20")), #"{"type":"date","value":"2021-05-20"}"#),
    (.date(nil), #"{"type":"date","value":""}"#),
    (.binary([0, 255, 16]), #"{"type":"binary","value":"AP8Q"}"#), (.binary([]), #"{"type":"binary","value":""}"#),
    (["b": 1, "a": ["c": false]], #"{"type":"params","value":{"a":{"type":"params","value":{"c":false}},"b":1}}"#),
  ]

  @Test(arguments: 0..<19) func `each type is written as the vendor has it, and read back as the same`(
    _ index: Int
  ) throws {
    let (value, text) = Self.wire[index]
    #expect(String(decoding: try value.json(), as: UTF8.self) == text)
    #expect(try ParamsValue(json: Array(text.utf8)) == value)
    let container: Params = ["x": .array([value])]
    #expect(try Params(json: try container.json()) == container)
  }

  @Test func `what others write in other ways means the same`() throws {
    let pairs: [(String, ParamsValue)] = [
      (#" [ 1 , "\u00e9\ud83d\ude00\/\b\f\n\r\t" ] "#, [1, "é😀/\u{8}\u{C}\n\r\t"]),
      (#"{"value":"123","type":"long"}"#, .long(123)), (#"{"type":"double","value":5}"#, .double(5)),
      (#"{"type":"float","value":1.2000000476837158}"#, .float(1.2)),
      (#"{"type":"double","value":1E2}"#, .double(100)),
    ]
    for (text, value) in pairs { #expect(try ParamsValue(json: Array(text.utf8)) == value, "\(text)") }
  }

  @Test(arguments: [
    "", "{", "[1,]", "[1 2]", "{\"a\" 1}", "{\"a\":1,}", "tru", "nul", "01", "-", "1.", "1e", ".5", "+1", "NaN", "[1]x",
    "9223372036854775808", "1.5", "null", #"{"a":1}"#, #"{"type":"long"}"#, #"{"type":"long","value":1,"x":1}"#,
    #"{"type":"int","value":1}"#, #"{"type":"long","value":1.5}"#, #"{"type":"long","value":"x"}"#,
    #"{"type":"long","value":"+1"}"#, #"{"type":"long","value":true}"#, #"{"type":"double","value":1e999}"#,
    #"{"type":"float","value":1e39}"#, #"{"type":"double","value":"1"}"#,
    #"{"type":"datetime","value":"2021-05-20 10:00:00"}"#, #"{"type":"datetime","value":"2021-02-30T10:00:00Z"}"#,
    #"{"type":"date","value":"2021-13-01"}"#, #"{"type":"date","value":null}"#, #"{"type":"binary","value":"A"}"#,
    #"{"type":"binary","value":"A-_="}"#, #"{"type":"params","value":[]}"#, #"{"type":"params","value":{"a":null}}"#,
    #"{"type":"params","value":{"a":1,"a":2}}"#, #"{"type":"params","value":{"a":1,"\u0061":2}}"#, #"["\ud800"]"#,
    #"["\udc00\ud800"]"#, #"["\x"]"#, "[\"\u{1}\"]", #"["a]"#, #"["\u12"]"#,
  ])
  func `what is no value is refused`(_ text: String) {
    #expect(throws: ParamsError.self) {
      let value = try ParamsValue(json: Array(text.utf8))
      // A list may hold null, so that it alone is none only inside of a container.
      if value == .null { throw ParamsError("null") }
    }
  }

  @Test func `bytes that are not UTF-8 are refused`() {
    #expect(throws: ParamsError.self) { try ParamsValue(json: [0x22, 0xFF, 0x22]) }
    #expect(throws: ParamsError.self) { try ParamsValue(json: [0x22, 0xC0, 0x80, 0x22]) }
  }

  @Test func `depth, number and size have bounds`() {
    var limits = JSONLimits.openAPI
    limits.depth = 4
    limits.values = 10
    limits.bytes = 40
    for text in [
      "[[[[[1]]]]]", "[1,2,3,4,5,6,7,8,9,10]", "\"" + String(repeating: "a", count: 40) + "\"",
    ] {
      #expect(throws: ParamsError.self) { try ParamsValue(json: Array(text.utf8), limits: limits) }
    }
    #expect((try? ParamsValue(json: Array("[[[[1,2,3,4,5,6]]]]".utf8), limits: limits)) != nil)
    // The deepest nesting that a megabyte can have does not reach the stack's end.
    let deep = [UInt8](repeating: UInt8(ascii: "["), count: 1 << 20)
    #expect(throws: ParamsError.self) { try ParamsValue(json: deep) }
  }

  @Test func `infinity and NaN cannot be sent`() {
    for value in [ParamsValue.double(.nan), .double(.infinity), .float(-.infinity)] {
      #expect(throws: ParamsError.self) { try value.json() }
    }
  }

  @Test func `a value of another type than asked for is reported with its name`() throws {
    let params: Params = ["a": "1", "b": true, "c": ["d": 1], "e": [1]]
    #expect(throws: ParamsError("a text where a whole number belongs", at: "a")) { try params.integer("a") }
    #expect(throws: ParamsError("a truth value where a whole number belongs", at: "b")) { try params.integer("b") }
    #expect(throws: ParamsError("an int where params belong", at: "e")) { try params.paramsList("e") }
    #expect(try params.params("c")?.integer("d") == 1)
    #expect(try params.string("none") == nil)
  }

  @Test func `a mistake deep inside is reported with its place`() throws {
    let text = #"{"KeyData":{"type":"params","value":{"list":[1,{"type":"date","value":"x"}]}}}"#
    let error = #expect(throws: ParamsError.self) { try Params(json: Array(text.utf8)) }
    #expect(error?.description == "KeyData.list[1]: a date is malformed")
  }

  // MARK: - Any values

  private static func value(_ random: inout SeededGenerator, depth: Int) -> ParamsValue {
    let text = { (random: inout SeededGenerator) in
      String(
        String.UnicodeScalarView(
          (0..<Int.random(in: 0...8, using: &random)).map { _ in
            Unicode.Scalar(UInt32.random(in: 0...0x2FFF, using: &random)) ?? "?"
          }
        )
      )
    }
    switch Int.random(in: 0..<(depth > 0 ? 13 : 10), using: &random) {
    case 0: return .string(text(&random))
    case 1: return .int(Int64(truncatingIfNeeded: random.next()))
    case 2: return .bool(Bool.random(using: &random))
    case 3: return .long(Int64(truncatingIfNeeded: random.next()))
    case 4:
      let float = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
      return .float(float.isFinite ? float : 1)
    case 5:
      let double = Double(bitPattern: random.next())
      return .double(double.isFinite ? double : 1)
    case 6: return .dateTime(UTCTime(seconds: Int64.random(in: -62_167_219_200...253_402_300_799, using: &random)))
    case 7:
      return .date(
        CalendarDate("20\(Int.random(in: 10...99, using: &random))-0\(Int.random(in: 1...9, using: &random))-15")
      )
    case 8:
      return .binary(
        (0..<Int.random(in: 0...20, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      )
    case 9: return .dateTime(nil)
    case 10:
      return .array((0..<Int.random(in: 0...4, using: &random)).map { _ in value(&random, depth: depth - 1) } + [.null])
    default:
      var params = Params()
      for _ in 0..<Int.random(in: 0...4, using: &random) { params[text(&random)] = value(&random, depth: depth - 1) }
      return .params(params)
    }
  }

  @Test func `any value comes back as it went, and Foundation reads it, too`() throws {
    var random = SeededGenerator(31)
    for _ in 0..<3000 {
      let value = Self.value(&random, depth: 4)
      let bytes = try value.json()
      #expect(try ParamsValue(json: bytes) == value)
      #expect(try ParamsValue(json: bytes).json() == bytes)
      _ = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
    }
  }
}
