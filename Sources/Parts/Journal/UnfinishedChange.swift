import FileSystem

/// A change that began, and of whose end the journal does not tell: its process was killed or ended by a fault, the power
/// failed, or the journal could not be written any more.
package struct UnfinishedChange: Sendable, Hashable {
  /// The entry about the beginning.
  package let entry: JournalEntry
  /// Whether the process that makes the change is still at work.
  package let isRunning: Bool
  /// Whether a later change of the same kind ended well.
  package let isFollowed: Bool

  /// What the change is about, as one word.
  package var event: String { Self.event(of: entry) }

  static func event(of entry: JournalEntry) -> String {
    guard case .string(let word) = entry.facts[JournalFacts.event] else { return "change" }
    return word
  }
}

extension Journal {
  /// The changes that began and have no end in the journal, oldest first.
  ///
  /// - Parameter count: how many of the newest entries are looked at; `nil`: all.
  /// - Throws: ``JournalError`` if one of them is no entry.
  package func unfinished(amongLast count: Int? = nil) throws(JournalError) -> [UnfinishedChange] {
    var search = UnfinishedSearch()
    if let count {
      for entry in try last(count) { search.add(entry) }
    } else {
      do { try forEach { search.add($0) } } catch let error as JournalError { throw error } catch {
        // Nothing else is thrown there.
        throw .broken(file, line: nil, offset: 0, .noEntry(field: nil))
      }
    }
    return search.found
  }
}

/// Finds the beginnings that no later entry ends.
struct UnfinishedSearch {
  /// How many are kept at most: the newest ones.
  static let most = 1_000
  private var open: [Int: JournalEntry] = [:]
  private var ended: [String: Int] = [:]

  /// Takes the next entry of a journal.
  mutating func add(_ entry: JournalEntry) {
    if entry.event == .begins {
      open[entry.number] = entry
      if open.count > Self.most, let oldest = open.keys.min() { open[oldest] = nil }
    } else {
      if case .integer(let number) = entry.facts[JournalFacts.begun] { open[Int(number)] = nil }
      if entry.outcome == .ok { ended[entry.event.rawValue] = entry.number }
    }
  }

  /// What is open, oldest first.
  var found: [UnfinishedChange] {
    open.values.sorted { $0.number < $1.number }.map { entry in
      UnfinishedChange(
        entry: entry,
        isRunning: entry.process?.isRunning ?? false,
        isFollowed: ended[UnfinishedChange.event(of: entry), default: 0] > entry.number
      )
    }
  }
}

extension JournalEntry {
  /// The process that has begun a change, if the entry is about that.
  fileprivate var process: ProcessMark? {
    guard case .integer(let process) = facts[JournalFacts.process],
      case .integer(let started) = facts[JournalFacts.started], case .string(let boot) = facts[JournalFacts.boot]
    else { return nil }
    return ProcessMark(process: Int(process), started: started, boot: boot)
  }
}
