import Catalogue
import ContentStore
import MirrorTypes
import StoreTrust
import Trust

/// Which snapshot is published, and which one should be: the newest whole one, unless something holds it back.
package struct Standing: Sendable {
  /// The snapshot that is published; `nil`: none is.
  package let current: Int?
  /// The newest snapshot that may be published: selections that were made for a stick never are.
  package let newest: Int?
  /// What holds the newest one back; `nil` if nothing does.
  let held: HeldBack?

  /// The snapshot that should be published.
  var wanted: Int? { held.map { $0.instead ?? current } ?? newest }
  /// The snapshot that should be published and is not, as when a run came to its end too soon; `nil` when all is well.
  package var missing: Int? { wanted == current ? nil : wanted }

  package init(of store: ContentStore) throws(StoreError) {
    let snapshots = try store.snapshots()
    let newest = snapshots.last(where: \.isWhole)?.number
    self.newest = newest
    current = try store.current()?.number
    held = try store.heldBack().flatMap { held in
      // What is to be published instead may have been named by a run that ended before that was sealed.
      let isThere = held.instead.map { number in snapshots.contains { $0.number == number } } ?? true
      return isThere && (newest ?? 0) <= held.upTo && newest != held.instead ? held : nil
    }
  }
}

extension Snapshot {
  /// Whether a bundle brought it.
  var isImported: Bool { origin != .synced }
}

extension Standing {
  /// Why the newest snapshot is not the published one, for a report; `nil` when nothing holds it back.
  package var facts: HeldBackFacts? {
    guard let held, let newest else { return nil }
    return HeldBackFacts(held, newest: newest, current: current)
  }
}

/// Why the newest snapshot is not the one that is published.
package struct HeldBackFacts: Sendable, Encodable, Hashable {
  /// The newest snapshot, which is held back.
  package let snapshot: Int
  /// The snapshot that is published instead, if one is.
  package let published: Int?
  /// Since when.
  package let since: UTCTime
  /// Why: `rollback`, `older bundle` or `rehearsal`.
  package let cause: String

  init(_ held: HeldBack, newest: Int, current: Int?) {
    snapshot = newest
    published = held.instead ?? current
    since = held.since
    cause = held.cause.rawValue
  }

  /// It in a sentence.
  package var text: String {
    let instead = published.map { "snapshot \($0)" } ?? "nothing"
    let when = since.text
    switch HeldBack.Cause(rawValue: cause) {
    case .rehearsal:
      return "snapshot \(snapshot) waits since \(when) for a rehearsal that goes well; \(instead) is published"
    case .olderBundle:
      return "a bundle of an older snapshot was imported on \(when): \(instead) is published, not snapshot \(snapshot)"
    case .rollback, nil: return "a rollback of \(when) is in force: \(instead) is published, not snapshot \(snapshot)"
    }
  }

  /// How to end it.
  package var remedy: String {
    let again = cause == HeldBack.Cause.rehearsal.rawValue ? "import its bundle again, or " : ""
    return
      "To publish snapshot \(snapshot), \(again)run 'kscmirror rollback --undo'. A newer snapshot ends it by itself."
  }
}

/// A snapshot that was sealed and not published.
package enum UnfinishedPublication {
  /// It in a sentence.
  package static func text(_ snapshot: Int) -> String {
    "snapshot \(snapshot) should be published and is not: a run was cut short, and the next sync or import finishes it"
  }
}
