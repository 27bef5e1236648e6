import MirrorTypes
import UpdateIndex

/// Holds each index against the date that its parent has of it, by which two states of a server are distinguished.
///
/// On the vendor's servers the two are equal for nearly all (2,254 of 2,259 of one generation on 2025-11-11), but not for
/// each: some indexes are always a minute or two off, and a parent may say a later date than an index ever gets. An older
/// index is therefore asked for once more, without a condition. One that stays older is an error only while what the
/// parent says is fresh: then the index has not come to this server yet.
package struct IndexDates {
  /// An index that is older than its parent says.
  package struct Older: Hashable, Comparable {
    /// The index.
    package let path: TreePath
    /// The index that names it.
    package let parent: TreePath
    /// The date that the parent has of it.
    package let told: IndexDate
    /// The date in its own root element.
    package let own: IndexDate

    package static func < (left: Self, right: Self) -> Bool { left.path < right.path }
  }

  /// The indexes that are older than their parents say, though they were asked for twice.
  package private(set) var older: Set<Older> = []
  /// The indexes that have an older date of one below them than that one has itself: they may have changed meanwhile.
  package private(set) var doubtful: Set<TreePath> = []
  private var askedAgain: Set<TreePath> = []

  package init() {}

  /// By how many seconds the dates of one publication may differ.
  package static let tolerance: Int64 = 5 * 60
  /// For how many seconds after the date that a parent says an index may be late.
  package static let settlingTime: Int64 = 3600

  /// Whether an index has to be asked for once more before it is taken.
  ///
  /// - Parameters:
  ///   - own: the date in its root element.
  ///   - facts: what its parent says; `nil` for a primary index.
  package mutating func mustAskAgain(_ own: IndexDate?, _ facts: IndexWalk.NamedFile?) -> Bool {
    guard let own, let facts, let told = facts.date, own != told else { return false }
    if own > told {
      doubtful.insert(facts.namedBy)
      return false
    }
    if askedAgain.insert(facts.path).inserted { return true }
    older.insert(Older(path: facts.path, parent: facts.namedBy, told: told, own: own))
    return false
  }

  /// The indexes that are older by more than dates of one publication may differ, sorted.
  package var lasting: [Older] {
    older.filter { $0.told.time.seconds(since: $0.own.time) > Self.tolerance }.sorted()
  }

  /// The indexes that have not come to the server yet, sorted.
  ///
  /// - Parameter now: the newest date of a primary index: the time of the tree, whatever the clocks say.
  package func late(now: IndexDate?) -> [Older] {
    guard let now else { return [] }
    return lasting.filter { now.time.seconds(since: $0.told.time) < Self.settlingTime }
  }
}
