import MirrorTypes

extension Journal {
  /// Checks the whole chain, with a few entries in memory at a time.
  ///
  /// Finds every change of any line but the last, and lines that were removed, added or moved before it. What only a
  /// noted position finds: a changed text in the last line, lines cut off at the end, a journal that is gone (no file is
  /// an empty journal), and a journal whose digests were all computed anew.
  ///
  /// - Parameter noted: positions that must be in the journal, in any order, as sheets of evidence quote them.
  /// - Returns: the last position, to be noted in its turn, and whether a killed append has left a torn end, which is no
  ///   break.
  /// - Throws: ``JournalError``: the first break, or the lowest noted position that is not there.
  package func verify(containing noted: [JournalPosition] = []) throws(JournalError) -> JournalCheck {
    let waiting = noted.sorted { $0.number < $1.number }
    guard let opened = try JournalFile(reading: file) else {
      if let first = waiting.first { throw .lacks(file, noted: first, last: nil) }
      return JournalCheck(position: nil, tornBytes: 0)
    }
    let end = try end(of: opened)
    var lines = JournalLines(of: opened, in: 0..<end.size)
    let last = try follow(&lines, passing: waiting)
    if let reason = end.tornReason {
      throw .broken(file, line: (last?.number ?? 0) + 1, offset: end.size, reason)
    }
    return JournalCheck(position: last, tornBytes: end.torn.count)
  }

  /// Follows the chain to its end, and returns that.
  private func follow(
    _ lines: inout JournalLines,
    passing noted: [JournalPosition]
  ) throws(JournalError) -> JournalPosition? {
    var waiting = noted[...]
    var last: JournalPosition?
    while let line = try lines.next() {
      let expected = (last?.number ?? 0) + 1
      guard line.entry.number == expected else {
        throw lines.broken(.number(expected: expected, found: line.entry.number))
      }
      guard line.entry.previous == last?.digest ?? .zero else { throw lines.broken(.previous) }
      let position = JournalPosition(number: expected, digest: .sha256(of: line.bytes))
      while let next = waiting.first, next.number <= expected {
        guard next == position else { throw .differs(file, noted: next, found: position) }
        waiting.removeFirst()
      }
      last = position
    }
    if let first = waiting.first { throw .lacks(file, noted: first, last: last) }
    return last
  }
}
