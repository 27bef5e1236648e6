import Catalogue
import ContentStore
import JobCore
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
  /// The snapshots that a person went back from.
  private let rolledBack: [RolledBack]

  /// The snapshot that should be published.
  package var wanted: Int? { held.map { $0.instead ?? current } ?? newest }
  /// The snapshot that should be published and is not, as when a run came to its end too soon; `nil` when all is well.
  package var missing: Int? { wanted == current ? nil : wanted }

  package init(of store: ContentStore) throws(StoreError) {
    let whole = try store.snapshots().filter(\.isWhole)
    let current = try store.current()?.number
    let rolledBack = try store.rolledBack()
    self.rolledBack = rolledBack
    self.current = current
    newest = whole.last?.number
    held =
      try Self.explicit(store, newest: newest) ?? Self.unwanted(among: whole, rolledBack, current: current)
  }

  /// What somebody has decided of the newest snapshot, if that is still in force.
  private static func explicit(_ store: ContentStore, newest: Int?) throws(StoreError) -> HeldBack? {
    guard let held = try store.heldBack() else { return nil }
    // What is to be published instead may have been named by a run that ended before that was sealed.
    if let instead = held.instead, try !store.snapshots().contains(where: { $0.number == instead }) { return nil }
    return (newest ?? 0) <= held.upTo && newest != held.instead ? held : nil
  }

  /// The newest snapshot has the very files of one that somebody went back from, be it under another number.
  private static func unwanted(among whole: [Snapshot], _ rolledBack: [RolledBack], current: Int?) -> HeldBack? {
    let since = Dictionary(rolledBack.map { ($0.tree, $0.since) }) { max($0, $1) }
    guard let newest = whole.last, let when = since[newest.treeDigest] else { return nil }
    return HeldBack(
      upTo: newest.number,
      instead: whole.last { since[$0.treeDigest] == nil }?.number ?? current,
      previous: nil,
      since: when,
      cause: .rollback
    )
  }

  /// The rollback that went back from a snapshot, or from another one with the same files; `nil` if none did.
  package func rollback(of number: Int, _ tree: ObjectDigest) -> RolledBack? {
    rolledBack.last { $0.snapshot == number && $0.tree == tree } ?? rolledBack.last { $0.tree == tree }
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

  /// Why a snapshot is not to be used unasked, since somebody went back from it; `nil` if nobody did.
  package func facts(of number: Int, _ tree: ObjectDigest) -> HeldBackFacts? {
    if let rollback = rollback(of: number, tree) { return HeldBackFacts(rollback, number, of: self) }
    guard let held, held.cause == .rollback, let instead = held.instead else { return nil }
    return instead < number && number <= held.upTo ? facts : nil
  }

  /// Warns, where something is done with what is published, that this is not the newest snapshot.
  package func warn(_ reporter: any JobReporter) {
    if let facts { reporter.warning("held-back", "\(facts.text). \(facts.remedy)") }
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
  /// The snapshot that somebody went back from, where that is another one with the same files.
  private let like: Int?
  /// Whether it is the newest one, so that a newer one ends it by itself.
  private let isNewest: Bool

  private enum CodingKeys: String, CodingKey { case snapshot, published, since, cause }

  init(_ held: HeldBack, newest: Int, current: Int?) {
    snapshot = newest
    published = held.instead ?? current
    since = held.since
    cause = held.cause.rawValue
    like = nil
    isNewest = true
  }

  fileprivate init(_ rollback: RolledBack, _ number: Int, of standing: Standing) {
    snapshot = number
    published = standing.current
    since = rollback.since
    cause = HeldBack.Cause.rollback.rawValue
    like = rollback.snapshot == number ? nil : rollback.snapshot
    isNewest = standing.newest == number
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
    case .rollback, nil:
      let same = like.map { ", which has the files of snapshot \($0)" } ?? ""
      return isNewest
        ? "a rollback of \(when) is in force: \(instead) is published, not snapshot \(snapshot)\(same)"
        : "snapshot \(snapshot)\(same) was rolled back on \(when): \(instead) is published"
    }
  }

  /// How to end it.
  package var remedy: String {
    guard isNewest else { return "To publish it all the same, run 'kscmirror rollback \(snapshot)'." }
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
