import Foundation
import StrictJSON
import TestSupport
import Testing

/// The canonical form, and the strictness of the reader.
@Suite struct JSONValueTests {
  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  // MARK: - Vectors

  struct Vector: Sendable, CustomTestStringConvertible {
    let json: String
    let canonical: String
    var testDescription: String { json }

    init(_ json: String, _ canonical: String) {
      self.json = json
      self.canonical = canonical
    }
  }

  static let vectors = [
    Vector("null", "null"), Vector(" true\n", "true"), Vector("\tfalse\r", "false"),
    Vector("0", "0"), Vector("-0", "0"), Vector("-1", "-1"), Vector("10", "10"),
    Vector("9223372036854775807", "9223372036854775807"), Vector("-9223372036854775808", "-9223372036854775808"),
    Vector("[ ]", "[]"), Vector("{ }", "{}"), Vector("[ 1 , [ 2 ] , { } ]", "[1,[2],{}]"),
    Vector(#"{"b" : 1, "a" : 2}"#, #"{"a":2,"b":1}"#),
    // Names stand in the order of their bytes: capitals first, a shorter one before a longer one.
    Vector(#"{"a":1,"B":2,"_":3,"aa":4,"":5,"1":6}"#, #"{"":5,"1":6,"B":2,"_":3,"a":1,"aa":4}"#),
    // U+FF61 stands before U+10002, though UTF-16 has them the other way round.
    Vector(#"{"\ud800\udc02":1,"\uff61":2,"é":3,"z":4}"#, "{\"z\":4,\"é\":3,\"\u{FF61}\":2,\"\u{10002}\":1}"),
    // é as one code point and as two are two names, and stay as they are.
    Vector("{\"\u{E9}\":1,\"e\u{301}\":2}", "{\"e\u{301}\":2,\"\u{E9}\":1}"),
    // Only quotation marks and backslashes are escaped.
    Vector(#""\"\\\/""#, #""\"\\/""#),
    Vector(#""\b\f\n\r\t""#, "\"\u{8}\u{C}\n\r\t\""),
    Vector(#""\u0000\u001f\u007f\u0080""#, "\"\u{0}\u{1F}\u{7F}\u{80}\""),
    Vector(#""\u00e9\u20AC\ud83d\uDE00""#, "\"é€😀\""),
    Vector("\"\u{2028}\u{FEFF}\u{FFFF}\u{10FFFF}\"", "\"\u{2028}\u{FEFF}\u{FFFF}\u{10FFFF}\""),
    Vector(#"{"a\"b":"c\\d"}"#, #"{"a\"b":"c\\d"}"#),
    Vector(
      #"{"signed":{"version":1,"_type":"root"},"signatures":[]}"#,
      #"{"signatures":[],"signed":{"_type":"root","version":1}}"#
    ),
  ]

  @Test(arguments: vectors)
  func `a value has one canonical form`(_ vector: Vector) throws {
    let value = try JSONValue(parsing: Array(vector.json.utf8))
    #expect(Array(value.canonical) == Array(vector.canonical.utf8), "\(text(value.canonical))")
    // What is written comes back as the same value, and the canonical form of that is the same.
    #expect(try JSONValue(parsing: value.serialized).canonical == value.canonical)
  }

  @Test func `without control characters both forms are the same`() throws {
    let value = try JSONValue(parsing: Array(#"{"b":["é",1,null],"a":"\"\\\u007f"}"#.utf8))
    #expect(value.serialized == value.canonical)
  }

  @Test func `control characters are escaped in JSON and nowhere else`() throws {
    let value = JSONValue.object(["\n": "a\u{0}\u{1F}b"])
    #expect(text(value.serialized) == #"{"\u000a":"a\u0000\u001fb"}"#)
    #expect(value.canonical == Array("{\"\n\":\"a\u{0}\u{1F}b\"}".utf8))
  }

  // MARK: - Properties

  /// A value of at most `depth` levels.
  private func value(_ depth: Int, _ random: inout SeededGenerator) -> JSONValue {
    switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &random) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &random))
    case 2: return .integer(Int64.random(in: .min ... .max, using: &random))
    case 3: return .integer(Int64.random(in: -20...20, using: &random))
    case 4: return .string(string(&random))
    case 5: return .array((0..<Int.random(in: 0..<5, using: &random)).map { _ in value(depth - 1, &random) })
    default:
      var object = JSONObject()
      for _ in 0..<Int.random(in: 0..<6, using: &random) { object[string(&random)] = value(depth - 1, &random) }
      return .object(object)
    }
  }

  private func string(_ random: inout SeededGenerator) -> String {
    var text = String.UnicodeScalarView()
    let limits: [UInt32] = [0x20, 0x30, 0x80, 0x80, 0x800, 0x1_0000, 0x11_0000]
    for _ in 0..<Int.random(in: 0..<8, using: &random) {
      let limit = limits.randomElement(using: &random) ?? 0x80
      if let scalar = Unicode.Scalar(UInt32.random(in: 0..<limit, using: &random)) { text.append(scalar) }
    }
    return String(text)
  }

  @Test(arguments: 0..<4)
  func `what is written is read as the same value`(seed: Int) throws {
    var random = SeededGenerator(0x0150 + UInt64(seed))
    for _ in 0..<500 {
      let value = value(5, &random)
      let read = try JSONValue(parsing: value.serialized)
      #expect(read.canonical == value.canonical)
      #expect(read.serialized == value.serialized)
      #expect(read == value)
    }
  }

  @Test func `any other reader of JSON sees the same`() throws {
    var random = SeededGenerator(0xF00D)
    for _ in 0..<300 {
      let value = value(4, &random)
      let foreign = try JSONSerialization.jsonObject(with: Data(value.serialized), options: .fragmentsAllowed)
      let written = try JSONSerialization.data(
        withJSONObject: foreign,
        options: [.fragmentsAllowed, .prettyPrinted, .withoutEscapingSlashes]
      )
      // Foundation's dictionaries take é in one or two code points for one name: only its own view is compared.
      let again = try JSONSerialization.jsonObject(with: written, options: .fragmentsAllowed)
      #expect((again as? NSObject) == (foreign as? NSObject))
      if case .object(let object) = value {
        #expect((foreign as? [String: Any])?.count ?? 0 <= object.members.count)
      }
      if case .string(let string) = value { #expect((foreign as? String).map { Array($0.utf8) } == Array(string.utf8)) }
    }
  }

  @Test func `blanks and the order of names change nothing`() throws {
    var random = SeededGenerator(0xB1A)
    let blanks = ["", " ", "\n", "\t", "\r\n", "   "]
    func spaced(_ value: JSONValue, _ random: inout SeededGenerator) -> String {
      let blank = blanks.randomElement(using: &random) ?? ""
      switch value {
      case .array(let values):
        return blank + "[" + blank + values.map { spaced($0, &random) }.joined(separator: blank + ",") + blank + "]"
      case .object(let object):
        let members = object.members.shuffled(using: &random).map { member in
          blank + text(JSONValue.string(member.name).serialized) + blank + ":" + spaced(member.value, &random)
        }
        return "{" + members.joined(separator: blank + ",") + blank + "}" + blank
      default: return blank + text(value.serialized) + blank
      }
    }
    for _ in 0..<300 {
      let value = value(4, &random)
      let read = try JSONValue(parsing: Array(spaced(value, &random).utf8))
      #expect(read.canonical == value.canonical)
    }
  }

  @Test func `members are found, replaced and taken away by the bytes of their names`() {
    var object = JSONObject()
    object["\u{E9}"] = 1
    object["e\u{301}"] = 2
    object["a"] = 3
    #expect(object.members.map(\.value) == [3, 2, 1])
    #expect(object["\u{E9}"] == 1)
    #expect(object["e\u{301}"] == 2)
    object["a"] = nil
    object["none"] = nil
    object["\u{E9}"] = 4
    #expect(object.members.map(\.value) == [2, 4])
    #expect(JSONObject(unordered: [.init(name: "b", value: 1), .init(name: "b", value: 1)]) == nil)
  }

  // MARK: - Strictness

  static let refused: [(String, String)] = [
    ("nothing", ""), ("blanks only", " \n"), ("two values", "1 2"), ("something behind the end", "{}x"),
    ("a NUL behind the end", "{}\u{0}"), ("a byte order mark", "\u{FEFF}{}"), ("a NUL before the beginning", "\u{0}{}"),
    ("another blank", "\u{A0}1"), ("a vertical tab", "\u{B}1"), ("a comment", "/* */ 1"),
    ("a name twice", #"{"a":1,"a":2}"#), ("a name twice, once escaped", #"{"a":1,"b":0,"\u0061":2}"#),
    ("a name twice, deep inside", #"[{"x":{"a":1,"a":1}}]"#),
    ("no value", #"{"a":}"#), ("no colon", #"{"a" 1}"#), ("no name", "{1:1}"), ("a comma at the end", #"{"a":1,}"#),
    ("a comma at the end of a list", "[1,]"), ("a comma first", "[,1]"), ("no comma", "[1 2]"),
    ("an open list", "[1"), ("an open object", #"{"a":1"#), ("an open text", #""abc"#), ("an open escape", #""abc\"#),
    ("the wrong end", "[1}"), ("an end too many", "[1]]"),
    ("a leading zero", "01"), ("two zeros", "00"), ("a leading zero behind a minus", "-01"), ("a minus alone", "-"),
    ("a plus", "+1"), ("a fraction", "1.0"), ("a fraction of nothing", "1."), ("a fraction alone", ".5"),
    ("an exponent", "1e3"), ("a capital exponent", "1E3"), ("a zero with an exponent", "0e0"),
    ("a hexadecimal number", "0x10"), ("a number too large", "9223372036854775808"),
    ("a number too small", "-9223372036854775809"), ("a number far too large", String(repeating: "9", count: 400)),
    ("other digits", "\u{0661}"), ("not a number", "NaN"), ("infinity", "-Infinity"),
    ("a misspelt word", "nul"), ("a longer word", "nulll"), ("a capital", "True"), ("a word cut short", "tr"),
    ("single quotation marks", "'a'"), ("an unknown escape", #""\a""#), ("a capital U", #""\U0041""#),
    ("an escape too short", #""\u004""#), ("an escape that is none", #""\u00g0""#),
    ("an escape with a sign", #""\u+041""#),
    ("half a pair", #""\ud800""#), ("the other half of a pair", #""\udc00""#), ("halves swapped", #""\udc00\ud800""#),
    ("a half and a letter", #""\ud800a""#), ("a half and another escape", #""\ud800\n""#),
    ("a half and no half", #""\ud800\u0041""#), ("two first halves", #""\ud800\ud800""#),
  ]

  @Test(arguments: refused)
  func `is no JSON here`(_ what: String, _ json: String) {
    #expect(throws: JSONError.self, "\(what)") { try JSONValue(parsing: Array(json.utf8)) }
    // Nor is it in a list.
    #expect(throws: JSONError.self, "\(what)") { try JSONValue(parsing: Array("[0,\(json)\n,0]".utf8)) }
  }

  @Test func `control characters are refused in texts unless they are escaped`() throws {
    for byte in UInt8(0)..<0x20 {
      #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, byte, 0x22]) }
      #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, 0x5C, 0x6E, byte, 0x22]) }
      let escaped = "\"\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16) + "\""
      #expect(try JSONValue(parsing: Array(escaped.utf8)) == .string(String(Unicode.Scalar(byte))))
    }
    #expect(try JSONValue(parsing: [0x22, 0x7F, 0x22]) == "\u{7F}")
  }

  @Test(
    arguments: [
      [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF],
      [0xE2, 0x82], [0xE2, 0x28, 0xA1], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xED, 0xA0, 0x80, 0xED, 0xB0, 0x80],
      [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x9F, 0x98], [0xF4, 0x90, 0x80, 0x80],
      [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFE], [0xFF],
    ] as [[UInt8]]
  )
  func `overlong, truncated and other wrong UTF-8 is refused`(_ bytes: [UInt8]) {
    for prefix in ["\"", "\"é", "\"\\n", "{\""] {
      for suffix in ["\"", "a\"", "\":1}"] {
        #expect(throws: JSONError.self) { try JSONValue(parsing: Array(prefix.utf8) + bytes + Array(suffix.utf8)) }
      }
    }
    #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
  }

  @Test func `32 levels are read, and 33 are not`() throws {
    func lists(_ depth: Int) -> [UInt8] {
      Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
    }
    func objects(_ depth: Int) -> [UInt8] {
      Array((String(repeating: "{\"a\":", count: depth) + "1" + String(repeating: "}", count: depth)).utf8)
    }
    #expect(try JSONValue(parsing: lists(32)).canonical == lists(32))
    #expect(try JSONValue(parsing: objects(32)).canonical == objects(32))
    for depth in [33, 34, 1000, 50_000] {
      for bytes in [lists(depth), objects(depth), lists(depth).dropLast(depth)] {
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
        #expect(error?.problem == "it is nested too deeply")
      }
    }
  }

  @Test func `every beginning of a document is refused`() throws {
    let json = Array(#"{"a":[1,-2,"x\u00e9\ud83d\ude00é😀"],"b":{"c":null,"d":true,"e":false}}"#.utf8)
    _ = try JSONValue(parsing: json)
    for end in 0..<json.count {
      let error = #expect(throws: JSONError.self) { try JSONValue(parsing: json[..<end]) }
      #expect((0...end).contains(error?.offset ?? -1))
    }
  }

  @Test func `bytes are read from any collection`() throws {
    let json = Array("[1,\"é\"]".utf8)
    let value = try JSONValue(parsing: json)
    #expect(try JSONValue(parsing: ([0x5B] + json)[1...]) == value)
    #expect(try JSONValue(parsing: Data(json)) == value)
    #expect(
      try JSONValue(parsing: json.reversed().reversed() as ReversedCollection<ReversedCollection<[UInt8]>>) == value
    )
  }

  @Test func `an error says what is wrong and where`() {
    let error = #expect(throws: JSONError.self) { try JSONValue(parsing: Array("[1,\n2.5]".utf8)) }
    #expect(error?.offset == 5)
    #expect(error?.description == "a number is not whole, at byte 5")
  }
}
