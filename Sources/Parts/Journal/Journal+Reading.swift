import SystemPackage

extension Journal {
  /// Reads the entries from the oldest to the newest, with a few of them in memory at a time.
  ///
  /// What is appended meanwhile is not seen. Each line is an entry by itself; whether each follows the one before is
  /// what ``verify(containing:)`` looks at.
  ///
  /// - Parameter body: is called with each entry; what it throws ends the reading.
  /// - Throws: ``JournalError`` at the first line that is not an entry, or what `body` throws.
  package func forEach(_ body: (JournalEntry) throws -> Void) throws {
    guard let opened = try JournalFile(reading: file) else { return }
    let size = try end(of: opened).size
    var lines = JournalLines(of: opened, in: 0..<size)
    while let line = try lines.next() { try body(line.entry) }
  }

  /// The newest entries, the oldest of them first, without reading those before.
  ///
  /// - Parameter count: how many; fewer if the journal has fewer.
  /// - Throws: ``JournalError`` if one of them is not an entry.
  package func last(_ count: Int) throws(JournalError) -> [JournalEntry] {
    guard count > 0, let opened = try JournalFile(reading: file) else { return [] }
    let size = try end(of: opened).size
    let start = try beginning(ofLast: count, before: size, in: opened)
    var lines = JournalLines(of: opened, in: start..<size)
    var entries: [JournalEntry] = []
    while let line = try lines.next() { entries.append(line.entry) }
    return entries
  }

  /// How an open journal ends when no append is under way. The lines before that end never change any more, so that
  /// they can be read without a lock.
  func end(of opened: borrowing JournalFile) throws(JournalError) -> JournalEnd {
    try opened.lock(.shared, patience: patience)
    defer { opened.unlock() }
    return try JournalEnd(of: opened)
  }

  /// Where the last lines before `size` begin, in bytes.
  private func beginning(
    ofLast count: Int,
    before size: Int64,
    in opened: borrowing JournalFile
  ) throws(JournalError) -> Int64 {
    // The line feed of the last line is not between two lines.
    var (position, missing) = (size - 1, count)
    while position > 0 {
      let start = max(0, position - 65_536)
      let bytes = try opened.read(start..<position)
      for index in bytes.indices.reversed() where bytes[index] == .lineFeed {
        missing -= 1
        if missing == 0 { return start + Int64(index) + 1 }
      }
      position = start
    }
    return 0
  }
}
