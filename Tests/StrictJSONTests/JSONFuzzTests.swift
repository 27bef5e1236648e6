import Foundation
import StrictJSON
import TestSupport
import Testing

/// Changes JSON at random, the same way in every run. `KSCMIRROR_FUZZ` says how many inputs are tried, if not 4,000.
@Suite struct JSONFuzzTests {
  private static let inputs = ProcessInfo.processInfo.environment["KSCMIRROR_FUZZ"].flatMap { Int($0) } ?? 4000

  private static let pieces = [
    "{", "}", "[", "]", ",", ":", "\"", "\\", "\n", " ", "\\u0000", "\\ud83d\\ude00", "\\ud800", "0", "-", "1e9", ".5",
    "null", "true", "99999999999999999999", "\"a\":1,", "e\u{301}", "\u{E9}", "\u{FEFF}", "\u{0}",
  ].map { Array($0.utf8) }

  private static let original = Array(
    #"{"a":[1,-2.50,{"b":null},"x\u00e9\ud83d\ude00é😀"],"é":{"c":true,"d":9223372036854775808},"z":[[],{},""]}"#.utf8
  )

  private func mutated(_ random: inout SeededGenerator) -> [UInt8] {
    var bytes = Self.original
    for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
      let start = Int.random(in: 0..<bytes.count, using: &random)
      let end = min(bytes.count, start + Int.random(in: 1...12, using: &random))
      switch Int.random(in: 0..<5, using: &random) {
      case 0: bytes[start] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 1: bytes[start] = UInt8.random(in: .min ... .max, using: &random)
      case 2: bytes.removeSubrange(start..<end)
      case 3: bytes.insert(contentsOf: bytes[start..<end], at: Int.random(in: 0...bytes.count, using: &random))
      default: bytes.insert(contentsOf: Self.pieces.randomElement(using: &random) ?? [], at: start)
      }
    }
    return bytes
  }

  @Test func `what is read of changed bytes obeys the limits, is valid for others, and reads back the same`() throws {
    let limits = JSONLimits(bytes: 150, depth: 4, values: 20, text: 24, digits: 24, numbers: .any)
    var random = SeededGenerator(0x150F)
    var believed = 0
    for _ in 0..<Self.inputs {
      let bytes = mutated(&random)
      guard let value = try? JSONValue(parsing: bytes, within: limits) else { continue }
      believed += 1
      #expect(bytes.count <= limits.bytes && count(value) <= limits.values && depth(value) <= limits.depth)
      for form in [JSONForm.plain, .visible] {
        let read = try JSONValue(parsing: value.bytes(form), within: JSONLimits(numbers: .any, names: .byBytes))
        #expect(read == value && read.canonical == value.canonical)
      }
      // A reader with less strictness takes all that this one takes.
      _ = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
    }
    #expect(believed > Self.inputs / 50 && believed < Self.inputs / 2)
  }

  @Test func `a stricter format reads nothing that a laxer one refuses, and means the same by it`() throws {
    let lax = JSONLimits(numbers: .any, names: .byBytes)
    var random = SeededGenerator(0x150E)
    var read = 0
    for _ in 0..<Self.inputs {
      let bytes = mutated(&random)
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

  private func count(_ value: JSONValue) -> Int {
    1 + (value.array ?? value.object?.members.map(\.value) ?? []).reduce(0) { $0 + count($1) }
  }

  private func depth(_ value: JSONValue) -> Int {
    guard let inner = value.array ?? value.object?.members.map(\.value) else { return 0 }
    return 1 + (inner.map(depth).max() ?? 0)
  }
}
