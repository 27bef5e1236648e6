import Crypto
import SystemPackage
import TestSupport
import Testing

@testable import Journal

@Suite struct JournalTornEndTests {
  let fixture = JournalFixture()

  /// A repair, and a chain that is whole.
  private func expectRepair(of torn: [UInt8], behind kept: [JournalPosition]) throws {
    let position = try fixture.append("Imported again.")
    #expect(position.number == kept.count + 2)
    #expect(try fixture.journal.verify(containing: kept + [position]).tornBytes == 0)
    let repair = try fixture.entries()[kept.count]
    let hex = SHA256.hash(data: torn).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    #expect(repair.event == .repair && repair.user == "alice")
    #expect(repair.facts == ["bytes": .integer(Int64(torn.count)), "sha256": .string(hex)])
  }

  @Test(arguments: [0, 1, 2])
  func `an end torn at any length is no break, is not read, and is repaired`(_ kept: Int) throws {
    let positions = Array(try fixture.fill(kept + 1).prefix(kept))
    let lines = try fixture.lines()
    let (whole, last) = (Array(lines.prefix(kept).joined()), lines[kept])
    for length in 1..<last.count {
      let torn = Array(last.prefix(length))
      try fixture.write(whole + torn)
      #expect(try fixture.journal.verify() == JournalCheck(position: positions.last, tornBytes: length))
      #expect(try fixture.entries().map(\.position) == positions)
      #expect(try fixture.journal.last(1).map(\.position) == positions.suffix(1))
      try expectRepair(of: torn, behind: positions)
    }
  }

  @Test func `zeros that a power cut leaves at the end are repaired`() throws {
    let positions = try fixture.fill(2)
    let whole = try fixture.bytes()
    for torn in ["", "{\"ev", "{\"event\":\"import\",\"fa"].map({ Array($0.utf8) + [UInt8](repeating: 0, count: 4000) })
    {
      try fixture.write(whole + torn)
      #expect(try fixture.journal.verify().tornBytes == torn.count)
      try expectRepair(of: torn, behind: positions)
    }
  }

  @Test func `a torn entry of the greatest length is repaired`() throws {
    let positions = try fixture.fill(1)
    let torn = JournalLine.beginning + [UInt8](repeating: 0x61, count: JournalLine.longest)
    try fixture.write(try fixture.bytes() + torn)
    try expectRepair(of: torn, behind: positions)
  }

  @Test(arguments: ["notes of mine", "{\"name\":", String(repeating: "x", count: 300_000)])
  func `an end that no append can have left is not removed`(_ end: String) throws {
    try fixture.fill(1)
    let bytes = try fixture.bytes() + Array(end.utf8)
    for bytes in [bytes, Array(end.utf8)] {
      try fixture.write(bytes)
      #expect(throws: JournalError.self) { try fixture.journal.verify() }
      #expect(throws: JournalError.self) { try fixture.append("Imported.") }
      #expect(try fixture.bytes() == bytes)
    }
  }
}
