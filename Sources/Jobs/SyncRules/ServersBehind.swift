import JobCore
import MirrorTypes

/// Servers of a pool whose primary indexes are older than those of the last snapshot, and what follows from it.
package struct ServersBehind {
  /// An index that is older.
  package struct Index: Hashable, Sendable {
    /// The server that has it.
    package let server: String
    package let path: String
    /// The date in it.
    package let date: UTCTime
    /// The date of the one that is here.
    package let here: UTCTime

    package init(server: String, path: String, date: UTCTime, here: UTCTime) {
      self.server = server
      self.path = path
      self.date = date
      self.here = here
    }
  }

  private var indexes: [Index] = []

  package init() {}

  /// By how many seconds all servers that answer may be behind without an alarm: the one that was ahead comes back. What
  /// is here gets no newer meanwhile, which its age shows.
  package static let patience: Int64 = 3 * 86_400

  package var isEmpty: Bool { indexes.isEmpty }

  /// Takes what one round of questions has shown.
  package mutating func add(_ more: [Index]) { indexes += more }

  /// Whether all are behind by so little that it is right to wait.
  package var mayWait: Bool { indexes.allSatisfy { $0.here.seconds(since: $0.date) <= Self.patience } }

  /// That some were skipped, and another one was asked.
  package func passedOver(source: String) -> String {
    "source \(source): skipped, since older than what is here: \(list); another server is asked in this run"
  }

  /// That nothing was taken.
  package func waiting(source: String) -> String {
    "source \(source): all servers that answer are a little behind what is here: \(list); what is here stays, and they are asked again in the next run"
  }

  /// That all are behind by too much.
  package func error(source: String) -> JobError {
    JobError(
      .olderIndex,
      "source \(source): all servers that answer have older primary indexes than are here: \(list)",
      remedy:
        "An attacker may be replaying old databases. If the vendor has taken an update back, pass --allow-older; else look at the servers of the source, or wait for one that is up to date."
    )
  }

  private var list: String {
    var seen: Set<String> = []
    let first = indexes.filter { seen.insert($0.server).inserted }
    return Words.list(first.map { "\($0.server) (\($0.path) of \($0.date.text), here \($0.here.text))" }, atMost: 3)
  }
}
