import Foundation
import StrictJSON
import TestSupport
import Testing

/// Changes JSON at random, the same way in every run: see `Fuzz`.
@Suite struct JSONFuzzTests {
  /// With pieces that matter to the format.
  private static let mutator = Mutator(
    [
      "{", "}", "[", "]", ",", ":", "\"", "\\", "\n", " ", "\\u0000", "\\ud83d\\ude00", "\\ud800", "0", "-", "1e9",
      ".5",
      "null", "true", "99999999999999999999", "\"a\":1,", "e\u{301}", "\u{E9}", "\u{FEFF}", "\u{0}",
    ],
    longest: 12
  )

  private static let original = Array(
    #"{"a":[1,-2.50,{"b":null},"x\u00e9\ud83d\ude00é😀"],"é":{"c":true,"d":9223372036854775808},"z":[[],{},""]}"#.utf8
  )

  @Test func `what is read of changed bytes obeys the limits, is valid for others, and reads back the same`() throws {
    let limits = JSONLimits(bytes: 150, depth: 4, values: 20, text: 24, digits: 24, numbers: .any)
    var (tried, believed) = (0, 0)
    for round in Fuzz.rounds("JSON", 4000) {
      var random = round.random
      tried += 1
      let bytes = Self.mutator.changed(Self.original, &random)
      guard let value = try? JSONValue(parsing: bytes, within: limits) else { continue }
      believed += 1
      #expect(bytes.count <= limits.bytes && count(value) <= limits.values && depth(value) <= limits.depth)
      for form in [JSONForm.plain, .visible] {
        let read = try JSONValue(parsing: value.bytes(form), within: JSONLimits(numbers: .any, names: .byBytes))
        #expect(read == value && read.canonical == value.canonical)
      }
      // A reader with less strictness takes all that this one takes, but for numbers that it has no room for.
      if fitsDouble(value) { _ = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed) }
    }
    #expect(believed > tried / 50 && believed < tried / 2)
  }

  @Test func `a stricter format reads nothing that a laxer one refuses, and means the same by it`() throws {
    let lax = JSONLimits(numbers: .any, names: .byBytes)
    var read = 0
    for round in Fuzz.rounds("JSON in strict formats", 4000) {
      var random = round.random
      let bytes = Self.mutator.changed(Self.original, &random)
      for strict in [
        JSONLimits(numbers: .decimal, names: .byBytes), JSONLimits(numbers: .any, names: .byCharacters),
        JSONLimits(depth: 2, numbers: .any), JSONLimits(values: 14, numbers: .any), JSONLimits(text: 8, numbers: .any),
      ] {
        guard let value = try? JSONValue(parsing: bytes, within: strict) else { continue }
        read += 1
        #expect(try JSONValue(parsing: bytes, within: lax) == value)
      }
    }
    #expect(read > 0)
  }

  private func fitsDouble(_ value: JSONValue) -> Bool {
    if let digits = value.digits { return Double(digits)?.isFinite == true }
    return (value.array ?? value.object?.members.map(\.value) ?? []).allSatisfy(fitsDouble)
  }

  private func count(_ value: JSONValue) -> Int {
    1 + (value.array ?? value.object?.members.map(\.value) ?? []).reduce(0) { $0 + count($1) }
  }

  private func depth(_ value: JSONValue) -> Int {
    guard let inner = value.array ?? value.object?.members.map(\.value) else { return 0 }
    return 1 + (inner.map(depth).max() ?? 0)
  }
}
