import Catalogue
import ContentStore
import JobCore
import MirrorTypes
import SyncRules
import Transfer
import UpdateIndex

/// Decides which files have to be asked for: what is known to be good costs no request (DESIGN.md, section 5).
struct FetchDecider {
  let store: ContentStore
  /// The indexes of the last sealed sync; empty when there is none, or when all is to be asked for again.
  private let walked: [String: TreeMemory.Index]
  /// Files that came after this time do not belong to that sync.
  private let walkedUntil: UTCTime
  /// The files that were answered in this run before the newest change of a primary index.
  private var outdated: Set<TreePath> = []
  /// The files that were answered in this run since then.
  private var current: Set<TreePath> = []
  /// Whether every file is to be asked for.
  let recheck: Bool
  private let clock: WallClock

  /// The most bytes of an index: the vendor's largest has 0.8 MB.
  let maximumIndexBytes = 64 << 20
  /// The most bytes of a file of an update tree: the vendor's largest ones are installers of some hundred MB.
  let maximumFileBytes: Int64 = 8 << 30

  init(store: ContentStore, memory: TreeMemory?, recheck: Bool, clock: WallClock) {
    self.store = store
    self.recheck = recheck
    self.clock = clock
    walked = memory?.indexes ?? [:]
    walkedUntil = memory?.sealed ?? .epoch
  }

  /// The primary indexes have changed: what was answered before may be of the state before.
  mutating func distrust(_ answered: Set<TreePath>) {
    outdated.formUnion(current)
    outdated.formUnion(answered)
    current = []
  }

  /// Another walk follows though the primary indexes are the same: what was answered stays true.
  mutating func trust(_ answered: Set<TreePath>) {
    current.formUnion(answered)
    outdated.subtract(answered)
  }

  /// Whether an answer about a file is from before the newest change of a primary index.
  func isOutdated(_ path: TreePath) -> Bool { outdated.contains(path) }

  /// Whether a file has to be asked for.
  ///
  /// - Parameters:
  ///   - file: what the indexes say of it now.
  ///   - known: what is known of it from before.
  ///   - indexNow: the object of the index that names it.
  func needsRequest(_ file: IndexWalk.NamedFile, known: KnownFile?, indexNow: ObjectDigest?) throws -> Bool {
    guard !recheck, let known else { return true }
    let saysTheSame = known.fingerprint == file.fingerprint
    if current.contains(file.path) && saysTheSame { return false }
    guard let object = known.object else {
      return known.isDue(at: clock.now) || outdated.contains(file.path)
        || !isIndexUnchanged(file.namedBy, indexNow)
    }
    guard try store.contains(object) else { return true }
    if let digest = file.dskm2 {
      if let checked = known.checked { return checked != digest }
      // Its content is compared with the digest before anything is sealed.
      if saysTheSame { return false }
    }
    // No digest proves the rest. What a run that was never sealed has fetched, or this one before the primary indexes
    // changed, belongs to indexes that we no longer have.
    if outdated.contains(file.path) || known.fetched > walkedUntil { return true }
    return !(file.carriesDigest && saysTheSame) && !isIndexUnchanged(file.namedBy, indexNow)
  }

  /// The condition to ask for a file with: only if its object is still here, and by its tag alone. A file is asked for
  /// because its index has changed; a server that goes by the date would call a new one that is dated back unchanged.
  func validators(for known: KnownFile) -> Validators? {
    guard let object = known.object, (try? store.contains(object)) == true else { return nil }
    return known.validators.tagAlone
  }

  private func isIndexUnchanged(_ index: TreePath, _ now: ObjectDigest?) -> Bool {
    guard let before = walked[index.string]?.object, let now else { return false }
    return before == now
  }
}

/// Counts what a sync does.
final class FetchCounter {
  private(set) var files = 0
  private(set) var bytes: Int64 = 0
  private(set) var checked = 0
  private var unchanged = 0

  /// Counts a file that came.
  func count(_ size: Int64) {
    files += 1
    bytes.addBytes(size)
  }

  func countUnchanged() { unchanged += 1 }

  func countChecked() { checked += 1 }

  /// How far the sync is, with the bytes that have come so far, unfinished files included.
  func progress(_ received: Int64, totalFiles: Int) -> JobProgress {
    JobProgress(bytes: received, files: min(files + unchanged, totalFiles), totalFiles: totalFiles)
  }
}
