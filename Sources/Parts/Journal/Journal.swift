import FileSystem
import MirrorTypes
import SystemPackage

/// A journal of what was done to a store and by whom: a file of JSON lines that is only ever appended to.
///
/// Each line carries the SHA-256 of the line before, so that no entry can be changed, removed or put in between without
/// a break that ``verify(containing:)`` finds. A chain alone cannot show that its end was cut off or changed, or that
/// somebody has written all of it anew from some entry on: that is found by comparing with a ``JournalPosition`` that
/// was noted elsewhere.
///
/// A process that is killed while it appends leaves at most a torn end, a line without a line feed. Readers take no
/// notice of it; the next append removes it and writes an entry about that first.
package struct Journal: Sendable {
  /// Where the file is.
  package let file: FilePath
  /// How long to wait for another process's lock, in seconds.
  let patience: Int

  /// The journal in a file, which need not exist yet.
  package init(file: FilePath) { self.init(file: file, patience: 10) }

  /// The same, with a bound on how long to wait for another process's lock, in seconds.
  package init(file: FilePath, patience: Int) {
    self.file = file
    self.patience = patience
  }

  /// Writes an entry behind the last one, so that it is on the disk when this returns.
  ///
  /// Waits some seconds, blocking the thread, while another process appends. Any text is allowed: what JSON or a
  /// terminal would take for a control is escaped, a text that is too long ends with an ellipsis, and of very many facts
  /// only the first are kept, with their names in order and a count of those that were `leftOut`.
  ///
  /// - Parameters:
  ///   - event: what the entry is about.
  ///   - outcome: how that ended.
  ///   - text: one sentence for people; up to 16 KiB.
  ///   - facts: the same for programs: up to 32, with texts of up to 1,280 bytes and names of up to 128.
  ///   - time: now.
  ///   - who: who had it done, where.
  /// - Returns: where the entry is.
  /// - Throws: ``JournalError``; the journal is then as it was before, as far as the disk allows. It is not continued if
  ///   its last line is not an entry.
  @discardableResult
  package func append(
    _ event: JournalEvent,
    outcome: JournalOutcome,
    text: String,
    facts: [String: JournalValue] = [:],
    at time: UTCTime,
    by who: Operator
  ) throws(JournalError) -> JournalPosition {
    let opened = try JournalFile(appendingTo: file)
    try opened.lock(.exclusive, patience: patience)
    let end = try JournalEnd(of: opened)
    var chain = try JournalChain(behind: end.lastEntry(of: file), at: time, by: who)
    if !end.torn.isEmpty { chain.addRepair(of: end.torn) }
    let position = chain.add(event, outcome, text, facts)
    guard JournalEntry.numbers.contains(position.number) else {
      throw .broken(file, line: nil, offset: end.lastLine?.offset ?? 0, .noEntry(field: "number"))
    }
    try write(chain.lines, to: opened, behind: end)
    return position
  }

  /// Waits until nobody has the journal locked, so that what takes long need not begin in vain. One that is not there yet
  /// can be made.
  ///
  /// - Throws: ``JournalError`` when an entry could not be written now.
  package func refuseIfBusy() throws(JournalError) {
    guard let opened = try JournalFile(reading: file) else { return }
    try opened.lock(.exclusive, patience: patience)
  }

  /// Writes that a change begins, before anything of it is done.
  ///
  /// - Parameters:
  ///   - event: what the change is about.
  ///   - text: what begins, as one sentence for people.
  ///   - facts: the same for programs.
  ///   - time: now.
  ///   - who: who has it done, where.
  /// - Returns: where the entry is: the entry about the end is written with ``JournalFacts/begun`` and this number.
  /// - Throws: ``JournalError``; nothing may be changed then.
  package func begin(
    _ event: JournalEvent,
    text: String,
    facts: [String: JournalValue] = [:],
    at time: UTCTime,
    by who: Operator
  ) throws(JournalError) -> JournalPosition {
    var facts = facts
    facts[JournalFacts.event] = .string(event.rawValue)
    if let mark = ProcessMark.current {
      facts[JournalFacts.process] = .integer(Int64(mark.process))
      facts[JournalFacts.started] = .integer(mark.started)
      facts[JournalFacts.boot] = .string(mark.boot)
    }
    return try append(.begins, outcome: .ok, text: text, facts: facts, at: time, by: who)
  }

  private func write(_ lines: [UInt8], to opened: borrowing JournalFile, behind end: JournalEnd) throws(JournalError) {
    if !end.torn.isEmpty { try opened.truncate(to: end.size) }
    do {
      try opened.append(lines)
      try opened.sync()
      if end.size == 0 { try syncFolder() }
    } catch {
      // What was reported as failed should not be found later. If this fails too, the next append sees to it.
      try? opened.truncate(to: end.size)
      try? opened.append(end.torn)
      throw error
    }
  }

  private func syncFolder() throws(JournalError) {
    do {
      try Files.syncFolder(file.removingLastComponent())
    } catch {
      throw .file(error)
    }
  }
}
