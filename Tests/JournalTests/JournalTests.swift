import FileSystem
import Foundation
import MirrorTypes
import SystemPackage
import TestSupport
import Testing

@testable import Journal

@Suite struct JournalTests {
  let fixture = JournalFixture()

  @Test func `what is appended is read again, and the chain is whole`() throws {
    let first = try fixture.append("Imported snapshot 7.", facts: ["snapshot": 7, "full": true, "bundle": "ksc-7"])
    let second = try fixture.journal.append(
      .refusal,
      outcome: .refused,
      text: "Refused a bundle.",
      at: 1_795_470_060,
      by: Operator(user: "bob (sudo)", host: "gate")
    )
    let entries = try fixture.entries()
    #expect(entries.map(\.position) == [first, second])
    #expect(entries.map(\.number) == [1, 2])
    #expect(entries[0].facts == ["snapshot": 7, "full": true, "bundle": "ksc-7"])
    #expect(entries[0].previous == .zero && entries[1].previous == first.digest)
    #expect(entries[1].event == .refusal && entries[1].outcome == .refused && entries[1].user == "bob (sudo)")
    #expect(entries[1].time == 1_795_470_060)
    #expect(try fixture.journal.verify() == JournalCheck(position: second, tornBytes: 0))
  }

  @Test func `a line is JSON with sorted keys, and its digest is that of sha256sum`() throws {
    let position = try fixture.append("Imported a/b.", facts: ["b": 1, "a": "é"])
    let zeros = String(repeating: "0", count: 64)
    let line = """
      {"event":"import","facts":{"a":"é","b":1},"host":"gate","number":1,"outcome":"ok","previous":"\(zeros)",\
      "text":"Imported a/b.","time":"2026-11-23T21:40:00Z","user":"alice"}
      """
    #expect(String(decoding: try fixture.bytes(), as: UTF8.self) == line + "\n")
    let script = "head -n 1 '\(fixture.path)' | tr -d '\\n' | sha256sum"
    #expect(try Command.run("sh", ["-c", script]).hasPrefix(position.digest.hex))
    #expect(try Files.status(fixture.path)?.permissions == 0o600)
  }

  @Test func `a journal that does not exist is empty`() throws {
    #expect(try fixture.entries().isEmpty)
    #expect(try fixture.journal.last(3).isEmpty)
    #expect(try fixture.journal.verify() == JournalCheck(position: nil, tornBytes: 0))
    #expect(try Files.status(fixture.path) == nil)
  }

  @Test func `the newest entries are read from the end`() throws {
    try fixture.append(String(repeating: "long ", count: 3_000))
    try fixture.fill(30)
    let long = String(repeating: "very long ", count: 1_500)
    for _ in 1...9 { try fixture.append(long) }
    let all = try fixture.entries()
    for count in [0, 1, 2, 8, 9, 10, 39, 40, 41, .max] {
      #expect(try fixture.journal.last(count) == Array(all.suffix(count)))
    }
  }

  @Test func `an entry goes through any encoder and comes back`() throws {
    try fixture.append("Imported.", facts: ["a": "1", "b": 1, "c": true, "d": 0, "e": false])
    let entry = try #require(try fixture.entries().first)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .prettyPrinted
    #expect(try JSONDecoder().decode(JournalEntry.self, from: try encoder.encode(entry)) == entry)
  }

  @Test func `a position is written and read as text`() throws {
    let position = try fixture.append("Imported.")
    #expect(JournalPosition(position.description) == position)
    for text in ["", "1", ":", "1:", "0:\(position.digest)", "-1:\(position.digest)", "1:\(position.digest):", "x:y"] {
      #expect(JournalPosition(text) == nil)
    }
  }

  @Test func `a journal of a newer program with unknown events is continued`() throws {
    let event = try #require(JournalEvent(rawValue: "time-travel"))
    try fixture.journal.append(event, outcome: .failed, text: "Failed.", at: 0, by: fixture.alice)
    try fixture.append("Imported.")
    #expect(try fixture.entries().map(\.event) == [event, .import])
    for word in ["", "A", "a b", "a1", "é", String(repeating: "a", count: 33)] {
      #expect(JournalEvent(rawValue: word) == nil)
    }
  }

  @Test(arguments: [
    "2026-11-23T21:40:00", "2026-11-23 21:40:00Z", "2026-02-30T21:40:00Z", "2026-11-23T24:00:00Z",
    "+026-11-23T21:40:00Z",
    "2026-1-23T21:40:00Z", "1969-12-31T23:59:59Z", "2026-11-23T21:40:60Z", "2026-11-23T21:40:00Z ", "", "Z",
    "99999999999-11-23T21:40:00Z",
  ])
  func `what is no time is none`(_ text: String) throws {
    try fixture.append("Imported.")
    let line = String(decoding: try JSONEncoder().encode(try #require(try fixture.entries().first)), as: UTF8.self)
    let changed = line.replacing("\"2026-11-23T21:40:00Z\"", with: "\"\(text)\"")
    #expect(changed != line)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(JournalEntry.self, from: Data(changed.utf8)) }
  }

  @Test func `times keep their form in every year there is room for`() throws {
    let times: [(seconds: Int64, text: String)] = [
      (.min, "1970-01-01T00:00:00Z"), (0, "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"),
      (253_402_300_799, "9999-12-31T23:59:59Z"), (.max, "9999-12-31T23:59:59Z"),
    ]
    for time in times {
      try fixture.journal
        .append(.import, outcome: .ok, text: "Imported.", at: UTCTime(seconds: time.seconds), by: fixture.alice)
    }
    #expect(try fixture.entries().map(\.time.text) == times.map(\.text))
  }

  @Test func `somebody runs this, somewhere`() {
    #expect(!Operator.current.user.isEmpty)
    #expect(!Operator.current.host.isEmpty)
  }

  @Test func `who came by sudo is named with the account they became`() async {
    await #expect(processExitsWith: .success) {
      unsetenv("SUDO_USER")
      let account = Operator.current.user
      setenv("SUDO_USER", "alice", 1)
      precondition(Operator.current.user == (getuid() == 0 ? "alice (sudo)" : "alice (sudo to \(account))"))
    }
  }
}
