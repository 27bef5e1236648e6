import ContentStore
import MirrorTypes
import Transfer
import UpdateIndex

/// Decides which files have to be asked for: what is known to be good costs no request (design, section 5).
struct FetchDecider {
  let store: ContentStore
  /// The indexes as an earlier complete walk had them; empty when there is none, or when all is to be asked for again.
  private(set) var walked: [String: TreeMemory.Index]
  /// Until when files that had come belong to that walk, in seconds since 1970.
  private var walkedUntil: Int64
  /// Whether every file is to be asked for.
  let recheck: Bool

  /// The most bytes of an index: the vendor's largest has 0.8 MB.
  let maximumIndexBytes = 64 << 20
  /// The most bytes of a file of an update tree: the vendor's largest ones are installers of some hundred MB.
  let maximumFileBytes: Int64 = 8 << 30

  init(store: ContentStore, memory: TreeMemory?, recheck: Bool) {
    self.store = store
    self.recheck = recheck
    walked = memory?.indexes ?? [:]
    walkedUntil = memory?.sealed ?? 0
  }

  /// Goes on from a walk of this run that is complete.
  mutating func take(_ indexes: [String: TreeMemory.Index]) {
    walked = indexes
    walkedUntil = .max
  }

  /// Whether a file has to be asked for.
  ///
  /// - Parameters:
  ///   - file: what the indexes say of it now.
  ///   - known: what is known of it from before.
  ///   - indexNow: the object of the index that names it.
  func needsRequest(_ file: IndexWalk.NamedFile, known: KnownFile?, indexNow: ObjectDigest?) throws -> Bool {
    guard !recheck, let known else { return true }
    guard let object = known.object else {
      return known.isDue(at: WallClock.seconds) || !isIndexUnchanged(file.namedBy, indexNow)
    }
    guard try store.contains(object) else { return true }
    if let digest = file.dskm2, known.checked != nil { return known.checked != digest }
    if file.carriesDigest && known.fingerprint == file.fingerprint { return false }
    // What a run that was never sealed has fetched belongs to indexes that we no longer have.
    return known.fetched > walkedUntil || !isIndexUnchanged(file.namedBy, indexNow)
  }

  /// The condition to ask for a file with: only if its object is still here.
  func validators(for known: KnownFile) -> Validators? {
    guard let object = known.object, (try? store.contains(object)) == true else { return nil }
    return known.validators.isEmpty ? nil : known.validators
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
    bytes += size
  }

  func countUnchanged() { unchanged += 1 }

  func countChecked() { checked += 1 }

  /// How far the sync is, with the bytes that have come so far, unfinished files included.
  func progress(_ received: Int64, totalFiles: Int) -> JobProgress {
    JobProgress(bytes: received, files: min(files + unchanged, totalFiles), totalFiles: totalFiles)
  }
}
