import MirrorTypes

/// New lines for the end of a journal, each bound to the one before.
struct JournalChain {
  /// The lines, each with its line feed.
  private(set) var lines: [UInt8] = []
  private var last: JournalPosition
  private let time: UTCTime
  private let who: Operator

  /// A chain that goes on behind an entry; `nil` for a new journal.
  init(behind entry: JournalEntry?, at time: UTCTime, by who: Operator) {
    last = entry?.position ?? JournalPosition(number: 0, digest: .zero)
    self.time = time
    self.who = who
  }

  /// Adds an entry, its texts cut to what a line may have, and returns where it is.
  @discardableResult
  mutating func add(
    _ event: JournalEvent,
    _ outcome: JournalOutcome,
    _ text: String,
    _ facts: [String: JournalValue]
  ) -> JournalPosition {
    let entry = JournalEntry(
      event: event,
      outcome: outcome,
      text: JournalBounds.cut(text, to: JournalBounds.text),
      facts: JournalBounds.cut(facts),
      number: last.number + 1,
      time: time,
      user: JournalBounds.cut(who.user, to: JournalBounds.who),
      host: JournalBounds.cut(who.host, to: JournalBounds.who),
      previous: last.digest
    )
    let line = JournalLine.bytes(of: entry)
    lines += line + [.lineFeed]
    last = JournalPosition(number: entry.number, digest: .sha256(of: line))
    return last
  }

  /// Adds an entry that tells what was removed from the end of the journal.
  mutating func addRepair(of torn: [UInt8]) {
    add(
      .repair,
      .ok,
      "Removed \(Words.exactBytes(torn.count)) of an entry that was not written to its end.",
      ["bytes": .integer(Int64(torn.count)), "sha256": .string(ObjectDigest.sha256(of: torn).hex)]
    )
  }
}
