import SystemPackage
import TestSupport
import Testing

@testable import Journal

@Suite struct JournalTamperingTests {
  let fixture = JournalFixture()

  @Test func `each flipped byte is found`() throws {
    let positions = try fixture.fill(3)
    let whole = try fixture.bytes()
    let lastLine = whole.count - (try fixture.lines()[2].count)
    for index in whole.indices {
      for mask in [0x01, 0x20, 0x80] as [UInt8] {
        var bytes = whole
        bytes[index] ^= mask
        try fixture.write(bytes)
        // The chain alone finds each one before the last line. What nothing follows yet, a noted position finds.
        let noted = index < lastLine ? [] : [positions[2]]
        #expect(throws: JournalError.self) { try fixture.journal.verify(containing: noted) }
      }
    }
    try fixture.write(whole)
    #expect(try fixture.journal.verify(containing: positions).position == positions[2])
  }

  @Test func `a line that was changed is named by the one that follows`() throws {
    try fixture.fill(5)
    var lines = try fixture.lines()
    lines[2] = Array(String(decoding: lines[2], as: UTF8.self).replacing("alice", with: "mario").utf8)
    try fixture.write(lines.joined())
    let found = breakage(#expect(throws: JournalError.self) { try fixture.journal.verify() })
    #expect(found?.line == 4 && found?.reason == .previous)
  }

  @Test func `removed, swapped, doubled and inserted lines are found`() throws {
    try fixture.fill(6)
    let lines = try fixture.lines()
    for index in 0..<5 {
      var removed = lines
      removed.remove(at: index)
      var swapped = lines
      swapped.swapAt(index, index + 1)
      var doubled = lines
      doubled.insert(lines[index], at: index)
      var inserted = lines
      inserted.insert(Array("{}\n".utf8), at: index)
      for (line, changed) in [(index + 1, removed), (index + 1, swapped), (index + 2, doubled), (index + 1, inserted)] {
        try fixture.write(changed.joined())
        let found = breakage(#expect(throws: JournalError.self) { try fixture.journal.verify() })
        #expect(found?.line == line)
      }
    }
  }

  @Test func `a cut between two lines is seen by a noted position only`() throws {
    let positions = try fixture.fill(4)
    let lines = try fixture.lines()
    for kept in 0..<4 {
      try fixture.write(lines.prefix(kept).joined())
      let last = kept == 0 ? nil : positions[kept - 1]
      #expect(try fixture.journal.verify() == JournalCheck(position: last, tornBytes: 0))
      #expect(throws: JournalError.lacks(fixture.path, noted: positions[3], last: last)) {
        try fixture.journal.verify(containing: [positions[3]])
      }
      #expect(try fixture.journal.verify(containing: Array(positions.prefix(kept))).position == last)
    }
  }

  @Test func `a journal written anew is seen by a noted position only`() throws {
    let noted = try fixture.fill(3)
    let other = JournalFixture()
    try other.append("Imported something else.")
    let found = try other.fill(4)
    #expect(try other.journal.verify().position == found.last)
    let error = JournalError.differs(other.path, noted: noted[0], found: try other.entries()[0].position)
    #expect(throws: error) {
      try other.journal.verify(containing: [noted[2], noted[0]])
    }
  }

  @Test func `a removed journal is seen by a noted position`() throws {
    let position = JournalPosition(number: 1, digest: .zero)
    #expect(throws: JournalError.lacks(fixture.path, noted: position, last: nil)) {
      try fixture.journal.verify(containing: [position])
    }
  }

  @Test(arguments: [
    "", "{}", "null", "[[[[", "\u{FEFF}{}", "{\"event\":\"import\"}", "{\"event\":\"import\",", "not JSON",
    String(repeating: "[", count: 60_000), String(repeating: "x", count: 70_000),
    String(repeating: "x", count: 400_000),
  ])
  func `nothing is appended behind a line that is no entry`(_ line: String) throws {
    try fixture.fill(2)
    let bytes = try fixture.bytes() + Array("\(line)\n".utf8)
    try fixture.write(bytes)
    let refused = breakage(#expect(throws: JournalError.self) { try fixture.append("Imported.") })
    #expect(refused != nil)
    #expect(try fixture.bytes() == bytes)
    let found = breakage(#expect(throws: JournalError.self) { try fixture.journal.verify() })
    #expect(found?.line == 3)
  }

  @Test(arguments: [
    ("\"number\":2", "\"number\":2.0"), ("\"number\":2", "\"number\":0"), ("\"number\":2", "\"number\":-2"),
    ("\"number\":2", "\"number\":9223372036854775807"), ("\"number\":2", "\"number\": 2"),
    ("\"number\":2", "\"number\":2,\"number\":2"), ("\"number\":2", "\"more\":1,\"number\":2"),
    ("\"ok\"", "\"fine\""), ("\"import\"", "\"IMPORT\""), ("2026-11-23T21", "2026-11-23T25"),
    ("{\"snapshot\":2}", "{\"snapshot\":null}"), ("{\"snapshot\":2}", "{\"snapshot\":2.5}"),
    ("{\"snapshot\":2}", "{\"snapshot\":[2]}"), ("alice", "\\u0061lice"), ("alice", "ali\u{202E}ce"),
    ("}\n", "}\r\n"),
  ])
  func `a last line in another form is not continued`(_ old: String, _ new: String) throws {
    try fixture.fill(2)
    var lines = try fixture.lines()
    lines[1] = Array(String(decoding: lines[1], as: UTF8.self).replacing(old, with: new).utf8)
    #expect(try lines[1] != fixture.lines()[1])
    try fixture.write(lines.joined())
    #expect(breakage(#expect(throws: JournalError.self) { try fixture.append("Imported.") }) != nil)
    #expect(breakage(#expect(throws: JournalError.self) { try fixture.journal.verify() })?.line == 2)
  }

  @Test func `a malformed time is reported as such`() throws {
    try fixture.fill(1)
    let text = String(decoding: try fixture.bytes(), as: UTF8.self)
    try fixture.write(text.replacing("2026-11-23T21:40", with: "2026-13-23T21:40").utf8)
    #expect(breakage(#expect(throws: JournalError.self) { try fixture.journal.verify() })?.reason == .time)
  }

  @Test func `random damage is found and is no end of the program`() throws {
    let positions = try fixture.fill(4)
    let whole = try fixture.bytes()
    var generator = SeededGenerator(11)
    for _ in 0..<400 {
      var bytes = whole
      for _ in 0...Int.random(in: 0..<3, using: &generator) {
        let start = Int.random(in: 0..<bytes.count, using: &generator)
        let end = min(bytes.count, start + Int.random(in: 0..<40, using: &generator))
        let new = (0..<Int.random(in: 0..<40, using: &generator)).map { _ in
          UInt8.random(in: 0...255, using: &generator)
        }
        bytes.replaceSubrange(start..<end, with: new)
        if bytes.isEmpty { break }
      }
      guard bytes != whole else { continue }
      try fixture.write(bytes)
      #expect(throws: JournalError.self) { try fixture.journal.verify(containing: positions) }
      // Whatever comes of it: an error, or an entry that can be read.
      if (try? fixture.append("Imported.")) != nil { #expect(try fixture.journal.last(1).first?.text == "Imported.") }
    }
  }

  @Test func `the highest number is not passed`() throws {
    try fixture.fill(1)
    let text = String(decoding: try fixture.bytes(), as: UTF8.self)
    try fixture.write(text.replacing("\"number\":1", with: "\"number\":9007199254740991").utf8)
    #expect(throws: JournalError.self) { try fixture.append("Imported.") }
  }
}
