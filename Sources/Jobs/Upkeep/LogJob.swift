import JobCore
import Journal
import MirrorTypes
import SystemPackage
import Trust

/// Shows a store's journal.
package struct LogJob: Sendable {
  private let journal: Journal
  private let count: Int?

  /// A job on the journal of the context's store.
  ///
  /// - Parameter count: how many of the last entries are shown; `nil`: all.
  package init(_ context: JobContext, last count: Int?) {
    journal = Journal(file: context.folders.journal)
    self.count = count
  }

  /// Reads the entries, and checks the chain.
  package func run() throws -> LogReport {
    let check = try journal.verify()
    return LogReport(
      entries: try journal.last(count ?? .max),
      unfinished: try journal.unfinished().map(UnfinishedFacts.init),
      position: check.position?.description
    )
  }
}

/// The entries of a journal.
package struct LogReport: Sendable, Encodable {
  /// The entries, oldest first.
  let entries: [JournalEntry]
  /// The changes that began and have no outcome, oldest first, whether or not their entries are among those.
  let unfinished: [UnfinishedFacts]
  /// Number and digest of the last one: what to note elsewhere.
  package let position: String?

  /// The entries as people read them.
  package var lines: [String] {
    let unfinished = Dictionary(unfinished.map { ($0.number, $0) }) { first, _ in first }
    return entries.map { entry in
      let isBeginning = entry.event == .begins
      let what = isBeginning ? entry.event.rawValue : "\(entry.event.rawValue) \(entry.outcome.rawValue)"
      let missing = unfinished[entry.number].map { " (\($0.why))" } ?? ""
      return "\(entry.number)  \(entry.time.text)  \(entry.user)  \(what): \(entry.text)\(missing)"
    }
  }
}

/// A change that began and has no outcome in the journal.
package struct UnfinishedFacts: Sendable, Encodable {
  /// The number of the entry that reports its beginning.
  package let number: Int
  /// When it began.
  package let time: UTCTime
  /// What it is about, as one word: `import`, `keys`…
  package let event: String
  /// What began.
  package let text: String
  /// Whether its run is still at work.
  package let isRunning: Bool
  /// Whether a later change of its kind ended well.
  package let isFollowed: Bool

  init(_ change: UnfinishedChange) {
    number = change.entry.number
    time = change.entry.time
    event = change.event
    text = change.entry.text
    isRunning = change.isRunning
    isFollowed = change.isFollowed
  }

  /// Why it has no outcome.
  var why: String { isRunning ? "still at work" : "no outcome: the run was cut short, or could not write it" }

  /// What somebody should know of it.
  var sentence: String { "entry \(number) of the journal, \(time.text): \(text); \(why)" }

  /// Those of the newest entries that somebody should look at: nobody is at work on them, and no later run has done the
  /// same.
  static func worthALook(in journal: Journal) throws(JournalError) -> [UnfinishedFacts] {
    try journal.unfinished(amongLast: 5_000).map(UnfinishedFacts.init).filter { !$0.isRunning && !$0.isFollowed }
  }
}
