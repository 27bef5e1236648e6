import JobCore
import Journal
import SystemPackage
import Trust

/// Shows a store's journal.
package struct LogJob: Sendable {
  private let journal: Journal
  private let count: Int?

  /// A job on the journal of the store in the folder `store`.
  ///
  /// - Parameter count: how many of the last entries are shown; `nil`: all.
  package init(store: FilePath, last count: Int?) {
    journal = Journal(file: StoreFolders(store).journal)
    self.count = count
  }

  /// Reads the entries, and checks the chain.
  package func run() throws -> LogReport {
    do throws(JournalError) {
      let check = try journal.verify()
      return LogReport(entries: try journal.last(count ?? .max), position: check.position?.description)
    } catch {
      throw error
    }
  }
}

/// The entries of a journal.
package struct LogReport: Sendable, Encodable {
  /// The entries, oldest first.
  let entries: [JournalEntry]
  /// Number and digest of the last one: what to note elsewhere.
  package let position: String?

  /// The entries as people read them.
  package var lines: [String] {
    entries.map {
      "\($0.number)  \(MetadataTime.text($0.time))  \($0.user)  \($0.event.rawValue) \($0.outcome.rawValue): \($0.text)"
    }
  }
}
