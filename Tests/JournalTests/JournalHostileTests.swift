import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Journal

@Suite struct JournalHostileTests {
  let fixture = JournalFixture()

  static let texts = [
    "", "\n", "a\r\nb\u{0}c", "\"},{\"event\":\"import\"", "\\", "\\n", "\u{1B}[2J\u{9B}31m\u{7F}", "\u{202E}gpj.exe",
    "\u{2028}\u{2029}\u{85}\u{FEFF}", "e\u{301}é", "👩‍👩‍👧‍👦\u{E0041}", "\u{FFFF}\u{10FFFF}\u{FFFD}", "</script>'$(reboot)`",
    String(repeating: "a\u{301}", count: 40),
  ]

  @Test(arguments: texts)
  func `any text stays in one line, shows no controls, and comes back`(_ text: String) throws {
    let position = try fixture.journal.append(
      .refusal,
      outcome: .refused,
      text: text,
      facts: ["value": .string(text), text: 1],
      at: 0,
      by: Operator(user: text, host: text)
    )
    let bytes = try fixture.bytes()
    #expect(bytes.count { $0 == .lineFeed } == 1)
    for scalar in String(decoding: bytes.dropLast(), as: UTF8.self).unicodeScalars {
      #expect(!["\u{202E}", "\u{2028}", "\u{2029}", "\u{FEFF}"].contains(scalar))
      #expect(scalar.properties.generalCategory != .control)
    }
    let entry = try #require(try fixture.entries().first)
    #expect(entry.position == position)
    for read in [entry.text, entry.user, entry.host] { #expect(Array(read.utf8) == Array(text.utf8)) }
    #expect(entry.facts == ["value": .string(text), text: 1])
    // Any other reader sees the same.
    let object = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
    #expect(object?["text"] as? String == text)
  }

  @Test(arguments: ["x", "\u{1}", "\"", "é", "€", "👍", "\u{E0041}"])
  func `endless texts and facts are cut so that the line fits`(_ unit: String) throws {
    let endless = String(repeating: unit, count: 100_000)
    var facts: [String: JournalValue] = [endless: 1]
    for number in 100..<300 { facts["\(number)" + String(repeating: unit, count: 10)] = .string(endless) }
    let who = Operator(user: endless, host: endless)
    for _ in 1...3 {
      try fixture.journal.append(.refusal, outcome: .failed, text: endless, facts: facts, at: 0, by: who)
    }
    #expect(try fixture.lines().allSatisfy { $0.count <= 65_536 })
    #expect(try fixture.journal.verify().position?.number == 3)
    let entry = try #require(try fixture.entries().first)
    #expect(entry.text.hasSuffix("…") && entry.user.hasSuffix("…") && entry.host.hasSuffix("…"))
    #expect(endless.unicodeScalars.starts(with: entry.text.unicodeScalars.dropLast()))
    #expect(entry.facts.count == 32)
    #expect(entry.facts["leftOut"] == 170)
  }

  @Test func `a text that just fits is not cut`() throws {
    let text = String(repeating: "x", count: JournalBounds.text)
    try fixture.append(text)
    try fixture.append(text + "x")
    let read = try fixture.entries().map(\.text)
    #expect(read == [text, String(repeating: "x", count: JournalBounds.text - 3) + "…"])
  }

  @Test func `facts are left out only when there are too many`() throws {
    let facts = Dictionary(uniqueKeysWithValues: (100..<132).map { ("\($0)", JournalValue.boolean(true)) })
    try fixture.append("Imported.", facts: facts)
    #expect(try fixture.entries().first?.facts == facts)
  }

  @Test func `random texts come back`() throws {
    var generator = SeededGenerator(7)
    var texts: [String] = []
    for _ in 0..<200 {
      var text = String.UnicodeScalarView()
      for _ in 0..<20 {
        let limit: UInt32 = [0x100, 0x3000, 0x11_0000].randomElement(using: &generator) ?? 0x80
        if let scalar = Unicode.Scalar(UInt32.random(in: 0..<limit, using: &generator)) { text.append(scalar) }
      }
      texts.append(String(text))
      try fixture.append(String(text))
    }
    #expect(try fixture.entries().map { Array($0.text.utf8) } == texts.map { Array($0.utf8) })
    #expect(try fixture.journal.verify().position?.number == 200)
  }
}
