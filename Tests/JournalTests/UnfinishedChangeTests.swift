import FileSystem
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import Journal

/// What began and has no end.
@Suite struct UnfinishedChangeTests {
  let fixture = JournalFixture()

  @discardableResult
  private func begin(_ event: JournalEvent = .import) throws -> Int {
    try fixture.journal.begin(event, text: "An import begins.", at: 1_795_470_000, by: fixture.alice).number
  }

  @discardableResult
  private func end(_ number: Int, _ outcome: JournalOutcome = .ok, _ event: JournalEvent = .import) throws -> Int {
    try fixture.journal.append(
      event,
      outcome: outcome,
      text: "It ended.",
      facts: [JournalFacts.begun: .integer(Int64(number))],
      at: 1_795_470_000,
      by: fixture.alice
    ).number
  }

  @Test func `a journal without beginnings has nothing unfinished`() throws {
    #expect(try fixture.journal.unfinished().isEmpty)
    try fixture.fill(3)
    #expect(try fixture.journal.unfinished().isEmpty)
    #expect(try fixture.journal.verify().position?.number == 3)
  }

  @Test(arguments: JournalOutcome.allCases) func `any outcome ends what began`(_ outcome: JournalOutcome) throws {
    let number = try begin()
    #expect(try fixture.journal.unfinished().map(\.entry.number) == [number])
    try end(number, outcome)
    #expect(try fixture.journal.unfinished().isEmpty)
    #expect(try fixture.journal.verify().position?.number == 2)
  }

  @Test func `of several changes at a time only those without an end of their own are unfinished`() throws {
    let numbers = [try begin(), try begin(.keys), try begin()]
    try end(numbers[1], .ok, .keys)
    #expect(try fixture.journal.unfinished().map(\.entry.number) == [numbers[0], numbers[2]])
    #expect(try fixture.journal.unfinished().map(\.event) == ["import", "import"])
    try end(numbers[2])
    let left = try fixture.journal.unfinished()
    #expect(left.map(\.entry.number) == [numbers[0]])
    // A later one of its kind ended well.
    #expect(left.first?.isFollowed == true)
    #expect(try fixture.journal.unfinished(amongLast: 2).isEmpty)
  }

  @Test func `a change of this process is under way, one of a process that was killed is not`() async throws {
    try begin()
    let path = fixture.path.string
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      let who = Operator(user: "bob", host: "gate")
      _ = try Journal(file: FilePath(path)).begin(.keys, text: "Keys change.", at: 0, by: who)
      kill(getpid(), SIGKILL)
    }
    let found = try fixture.journal.unfinished()
    #expect(found.map(\.event) == ["import", "keys"])
    #expect(found.map(\.isRunning) == [true, false])
    #expect(found.map(\.isFollowed) == [false, false])
  }

  @Test func `the number of a dead process that another one has got does not make a change run`() throws {
    let mine = try #require(ProcessMark.current)
    #expect(mine.isRunning)
    #expect(!ProcessMark(process: mine.process, started: mine.started - 1, boot: mine.boot).isRunning)
    #expect(!ProcessMark(process: mine.process, started: mine.started, boot: "another start").isRunning)
    #expect(!ProcessMark(process: -1, started: 0, boot: mine.boot).isRunning)
  }

  @Test func `of very many only the newest are kept in memory`() throws {
    var search = UnfinishedSearch()
    let one = try fixture.entry(try begin())
    for number in 1...(UnfinishedSearch.most + 5) { search.add(one.numbered(number)) }
    #expect(search.found.map(\.entry.number) == Array(6...(UnfinishedSearch.most + 5)))
  }

  @Test(arguments: [0o644, 0o666, 0o640, 0o664] as [mode_t])
  func `a journal that others could lock is its owner's from the next entry on`(_ mode: mode_t) throws {
    try fixture.append("Imported.")
    #expect(try Files.status(fixture.path)?.permissions == 0o600)
    try #require(chmod(fixture.path.string, mode) == 0)
    try fixture.append("Imported.")
    #expect(try Files.status(fixture.path)?.permissions == 0o600)
  }
}

extension JournalFixture {
  fileprivate func entry(_ number: Int) throws -> JournalEntry {
    try #require(try entries().first { $0.number == number })
  }
}

extension JournalEntry {
  fileprivate func numbered(_ number: Int) -> JournalEntry {
    JournalEntry(
      event: event,
      outcome: outcome,
      text: text,
      facts: facts,
      number: number,
      time: time,
      user: user,
      host: host,
      previous: previous
    )
  }
}
