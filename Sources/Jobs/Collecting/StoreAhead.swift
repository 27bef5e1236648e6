import Catalogue
import ContentStore
import JobCore
import MirrorTypes
import Sites
import StoreTrust

/// Sees by a receipt whether its site has more from this store than the store knows of: then the store was put back from a
/// backup, and goes on behind the numbers that the site has seen.
struct StoreAhead: InContext {
  let context: JobContext

  /// What a store knows to have given.
  struct Given: Hashable {
    /// The greatest number of a snapshot.
    var snapshot: Int
    /// The version of the metadata.
    var metadata: Int
    /// The trees of the snapshots that are here, by number.
    var trees: [Int: ObjectDigest]
  }

  /// How a receipt stands to that.
  enum Finding: Hashable {
    /// All that the site has is known here.
    case known
    /// The site has more.
    case ahead(NumbersSeen)
    /// The site has other files under a number that was given here.
    case twice(Int)
    /// The site claims numbers so far from those that are known here that they are not believed.
    case incredible
  }

  /// How far a site may be ahead.
  static let furthest = 1_000_000

  /// Compares what a site has with what was given.
  static func compare(_ receipt: Receipt, with given: Given) -> Finding {
    let snapshot = receipt.held.map(\.snapshot).max() ?? 0
    let metadata = receipt.metadataVersion ?? 0
    if snapshot > given.snapshot || metadata > given.metadata {
      guard snapshot - given.snapshot <= furthest, metadata - given.metadata <= furthest else { return .incredible }
      return .ahead(NumbersSeen(snapshot: snapshot, metadata: metadata))
    }
    let other = receipt.held.first { held in given.trees[held.snapshot].map { $0 != held.tree } ?? false }
    return other.map { .twice($0.snapshot) } ?? .known
  }

  /// Looks at a receipt that was verified. The caller holds the lock of the receipts. That it cannot be done is no reason
  /// against the receipt.
  ///
  /// - Parameter roots: those of this store: what a site has from another one says nothing.
  func look(at receipt: Receipt, _ roots: OwnRoots) {
    do {
      try follow(receipt, roots)
    } catch {
      reporter.warning(
        "numbers",
        "whether site \(receipt.site) is ahead of this store could not be seen: \(JobError(error).message)"
      )
    }
  }

  private func follow(_ receipt: Receipt, _ roots: OwnRoots) throws {
    guard roots.have(receipt.root), let given = try given() else { return }
    let site = receipt.site
    switch Self.compare(receipt, with: given) {
    case .known: break
    case .ahead(let seen):
      let text =
        "site \(site) has snapshot \(seen.snapshot) and version \(seen.metadata) of the metadata of this store, which knows of snapshot \(given.snapshot) and version \(given.metadata) only"
      try audit.noting(.site("the numbering of this store continues after what site \(site) has", site)) { _ in
        try seen.raise(in: folder)
        return .site("\(text): its numbering continues after those", site)
      }
      reporter.warning(
        "store-restored",
        "\(text): it was put back from a backup, or a copy of it is in use elsewhere. Its numbering continues after those: no number is given twice. Look with 'kscmirror doctor' at what else the backup lacks"
      )
    case .twice(let number):
      reporter.warning(
        "store-restored",
        "site \(site) has other files as snapshot \(number) than this store, which was put back from a backup, or a copy of it is in use elsewhere. What is packed for the site gets a number of its own"
      )
    case .incredible:
      reporter.warning(
        "numbers",
        "site \(site) claims to have numbers that this store is a million away from: that is not believed. Find out what has happened to the site's store"
      )
    }
  }

  /// What this store knows to have given; `nil` without keys.
  private func given() throws -> Given? {
    guard let repository = try OwnRepository(context) else { return nil }
    let store = try ContentStore.open(folder, access: .reading)
    let seen = try NumbersSeen(of: folder)
    return Given(
      snapshot: try store.highestNumber(),
      metadata: max(try repository.timestampHeader().version, seen.metadata),
      trees: Dictionary(try store.snapshots().map { ($0.number, $0.treeDigest) }) { first, _ in first }
    )
  }
}
