import Failures
import Journal
import SystemPackage

/// Writes into a store's journal what is done to it, refused, or decided about its keys.
///
/// Nothing is noted of a change but by ``noting(_:_:)``, which writes that it begins before anything is done, and how it
/// ended behind it. A journal that cannot be written, or that somebody keeps locked, thereby means that nothing is
/// changed; and what has no end in the journal was cut short.
package struct Audit {
  private let journal: Journal
  private let clock: WallClock
  private let refusals: RefusalMemory

  /// The journal of a context's store.
  package init(_ context: JobContext) {
    journal = Journal(file: context.folders.journal)
    clock = context.clock
    refusals = context.refusals
  }

  /// Waits until the journal can be written: for what has much to do before its change begins.
  package func refuseIfBusy() throws(JournalError) { try journal.refuseIfBusy() }

  // MARK: - Changes

  /// Makes a change.
  ///
  /// - Parameters:
  ///   - beginning: what begins.
  ///   - body: makes the change, and says how it ended. What it throws is noted, too.
  /// - Returns: what `body` returns, and where the entry about the end is.
  /// - Throws: what `body` throws; ``JournalError`` when the journal cannot be written: before the change, which is not
  ///   made then, or behind it, which ``UnnotedChange`` says.
  @discardableResult
  package func noting<Value>(
    _ beginning: AuditNote,
    _ body: (ChangeUnderWay) throws -> (Value, AuditNote)
  ) throws -> (value: Value, position: JournalPosition) {
    let change = try begin(beginning)
    let (value, ending): (Value, AuditNote)
    do { (value, ending) = try body(change) } catch { throw change.failed(error) }
    return (value, try change.end(ending))
  }

  /// The same for a change that waits for something.
  @discardableResult
  package func noting<Value>(
    _ beginning: AuditNote,
    isolation: isolated (any Actor)? = #isolation,
    _ body: (ChangeUnderWay) async throws -> (Value, AuditNote)
  ) async throws -> (value: Value, position: JournalPosition) {
    let change = try begin(beginning)
    let (value, ending): (Value, AuditNote)
    do { (value, ending) = try await body(change) } catch { throw change.failed(error) }
    return (value, try change.end(ending))
  }

  /// Makes a change that gives nothing back.
  @discardableResult
  package func noting(
    _ beginning: AuditNote,
    _ body: (ChangeUnderWay) throws -> AuditNote
  ) throws -> JournalPosition {
    try noting(beginning) { change in ((), try body(change)) }.position
  }

  private func begin(_ note: AuditNote) throws(JournalError) -> ChangeUnderWay {
    let position = try journal.begin(
      note.event,
      text: "\(note.text) begins",
      facts: note.facts,
      at: clock.now,
      by: .current
    )
    return ChangeUnderWay(
      beginning: note,
      number: position.number,
      journal: journal,
      clock: clock,
      refusals: refusals
    )
  }

  // MARK: - Refusals

  /// Notes that what a source sent was refused for what it was. Other failures are no refusals.
  package func noteRefusal(ofSource name: String, _ error: any Error, _ reporter: any JobReporter) {
    let failure = JobError(error)
    guard failure.status.isOfWhatCame else { return }
    noteRefusal("source \(name) was refused: \(failure.message)", ["source": .string(name)], failure, reporter)
  }

  /// Notes that something was refused, of which nothing was taken. That the journal cannot be written must not hide why.
  package func noteRefusal(
    _ text: String,
    _ facts: [String: JournalValue],
    _ error: JobError,
    _ reporter: any JobReporter
  ) {
    refusals.note()
    do throws(JournalError) {
      let status = JournalValue.integer(Int64(error.status.rawValue))
      _ = try journal.append(
        .refusal,
        outcome: .refused,
        text: text,
        facts: facts.merging(["status": status]) { $1 },
        at: clock.now,
        by: .current
      )
    } catch let failure {
      reporter.warning("journal", "\(JobError(failure))")
    }
  }
}

/// What an entry of the journal says: what it is about, a sentence for people, and facts for programs.
package struct AuditNote: Sendable {
  /// What it is about.
  package let event: JournalEvent
  /// The sentence. Of a beginning, what begins: "the import of bundle X".
  package let text: String
  /// The facts.
  package let facts: [String: JournalValue]
  /// Of a beginning: what is said to be refused if it fails, as "bundle X"; `nil`: nothing is, it just fails.
  package let refused: String?
  /// Which failures are refusals.
  private let isRefusal: @Sendable (ExitStatus) -> Bool

  /// A note.
  package init(
    _ event: JournalEvent,
    _ text: String,
    _ facts: [String: JournalValue] = [:],
    refused: String? = nil,
    if isRefusal: @escaping @Sendable (ExitStatus) -> Bool = { _ in true }
  ) {
    self.event = event
    self.text = text
    self.facts = facts
    self.refused = refused
    self.isRefusal = isRefusal
  }

  /// What is said to be refused by a failure; `nil`: nothing.
  fileprivate func refused(by failure: JobError) -> String? { isRefusal(failure.status) ? refused : nil }
}

/// A change that has begun, as the journal tells.
package struct ChangeUnderWay: Sendable {
  fileprivate let beginning: AuditNote
  fileprivate let number: Int
  fileprivate let journal: Journal
  fileprivate let clock: WallClock
  fileprivate let refusals: RefusalMemory

  /// Notes a part of the change that is worth an entry of its own.
  package func alsoNote(_ note: AuditNote) throws(JournalError) {
    _ = try journal.append(
      note.event,
      outcome: .ok,
      text: note.text,
      facts: note.facts,
      at: clock.now,
      by: .current
    )
  }

  fileprivate func end(_ note: AuditNote) throws(UnnotedChange) -> JournalPosition {
    do throws(JournalError) {
      return try append(note.event, .ok, note.text, note.facts)
    } catch {
      throw UnnotedChange(change: beginning.text, entry: number, cause: error)
    }
  }

  /// Notes that the change failed, and gives the error back. That the journal cannot be written must not hide why: the
  /// entry about the beginning has no end then, which shows by itself.
  fileprivate func failed(_ error: any Error) -> any Error {
    let failure = JobError(error)
    let facts = beginning.facts.merging(["status": .integer(Int64(failure.status.rawValue))]) { $1 }
    refusals.note()
    if let refused = beginning.refused(by: failure) {
      _ = try? append(.refusal, .refused, "\(refused) was refused: \(failure.message)", facts)
    } else {
      _ = try? append(beginning.event, .failed, "\(beginning.text) failed: \(failure.message)", facts)
    }
    return error
  }

  private func append(
    _ event: JournalEvent,
    _ outcome: JournalOutcome,
    _ text: String,
    _ facts: [String: JournalValue]
  ) throws(JournalError) -> JournalPosition {
    try journal.append(
      event,
      outcome: outcome,
      text: text,
      facts: facts.merging([JournalFacts.begun: .integer(Int64(number))]) { $1 },
      at: clock.now,
      by: .current
    )
  }
}

/// A change that was made, and whose end could not be written into the journal.
package struct UnnotedChange: Failure {
  let change: String
  let entry: Int
  let cause: JournalError

  /// What the journal's failure has.
  package var status: ExitStatus { cause.status }

  /// The failure in words.
  package var message: String {
    "\(change) was done, but the journal could not be continued, and its entry \(entry) has no end: \(cause.message)"
  }

  /// What to do next.
  package var remedy: String? { "Look with 'kscmirror status' at what is published. \(cause.remedy ?? "")" }
}
