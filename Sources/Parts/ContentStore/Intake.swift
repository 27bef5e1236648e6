import Catalogue
import FileSystem
import MirrorTypes
import Synchronization
import SystemPackage

/// Objects on their way in: finished on transfer threads, named in the catalogue at the next commit.
///
/// It touches files and its own memory, never the catalogue, so that a transfer thread never waits for SQLite.
final class Intake: Sendable {
  private struct State {
    /// Finished, but not yet in the catalogue, with their sizes.
    var pending: [ObjectDigest: Int64] = [:]
    /// Those of them that took the place of a damaged file.
    var replaced: Set<ObjectDigest> = []
    /// Objects that the catalogue names but whose bytes are known to be damaged.
    var damaged: Set<ObjectDigest>
    /// Files that are being moved into `objects/` at this moment.
    var moving = 0
    /// Objects that are open for writing.
    var writers = 0
    /// Whether the marker that `objects/` holds more than the catalogue says is on the disk.
    var isMarked = false
    /// The keys under which unfinished files are open.
    var keys: Set<String> = []
    var temporaryCount = 0
  }

  private let layout: StoreLayout
  private let state: Mutex<State>

  init(layout: StoreLayout, damaged: Set<ObjectDigest>) {
    self.layout = layout
    state = Mutex(State(damaged: damaged))
  }

  // MARK: - Names

  /// A name in `partial/` that nothing else has.
  func temporaryPath() -> FilePath {
    let number = state.withLock { state in
      state.temporaryCount += 1
      return state.temporaryCount
    }
    return layout.partial.appending("new-\(number)")
  }

  /// Counts a writer in, and reserves its key; `false` if the key is in use.
  func open(key: String?) -> Bool {
    state.withLock { state in
      state.writers += 1
      guard let key else { return true }
      return state.keys.insert(key).inserted
    }
  }

  /// Counts a writer out, and frees its key.
  func close(key: String?) {
    state.withLock { state in
      state.writers -= 1
      if let key { state.keys.remove(key) }
    }
  }

  // MARK: - Moving in

  /// Moves a finished file to its place. A whole one that is there already is kept, and ours dropped.
  ///
  /// - Parameter write: makes the finished file and returns its path; not called if there is no need for it.
  func take(
    _ object: ObjectDigest,
    size: Int64,
    from write: () throws(FileError) -> FilePath
  ) throws(FileError) -> Bool {
    let place = layout.path(of: object)
    let isDamaged = state.withLock { $0.damaged.contains(object) }
    let existing = try Files.status(place)
    if let existing, existing.kind == .file, existing.size == size, !isDamaged {
      state.withLock { $0.pending[object] = size }
      return false
    }
    try beginMoving()
    do {
      try Files.rename(try write(), to: place)
    } catch {
      state.withLock { $0.moving -= 1 }
      throw error
    }
    state.withLock { state in
      state.moving -= 1
      state.pending[object] = size
      if existing != nil { state.replaced.insert(object) }
    }
    return true
  }

  /// Puts the marker on the disk before the first object that the catalogue does not know.
  private func beginMoving() throws(FileError) {
    try state.withLock { (state) throws(FileError) in
      if !state.isMarked {
        var marker = try OutputFile(layout.unsettled)
        try marker.close()
        try Files.syncFolder(layout.root)
        state.isMarked = true
      }
      state.moving += 1
    }
  }

  // MARK: - Committing

  /// Objects that a commit is about to name.
  struct Batch {
    var objects: [ObjectDigest: Int64]
    var replaced: Set<ObjectDigest>
  }

  /// Takes all that is pending.
  func drain() -> Batch {
    state.withLock { state in
      defer {
        state.pending = [:]
        state.replaced = []
      }
      return Batch(objects: state.pending, replaced: state.replaced)
    }
  }

  /// Puts a batch back that could not be committed.
  func restore(_ batch: Batch) {
    state.withLock { state in
      state.pending.merge(batch.objects) { old, _ in old }
      state.replaced.formUnion(batch.replaced)
    }
  }

  /// Notes that a batch is in the catalogue, and takes the marker away if nothing came meanwhile.
  func settle(_ batch: Batch) throws(FileError) {
    try state.withLock { (state) throws(FileError) in
      state.damaged.subtract(batch.replaced)
      guard state.isMarked, state.pending.isEmpty, state.moving == 0 else { return }
      try Files.remove(layout.unsettled)
      state.isMarked = false
    }
  }

  /// Whether an object waits for the next commit.
  func isPending(_ object: ObjectDigest) -> Bool { state.withLock { $0.pending[object] != nil } }

  /// Whether an object is known to be damaged.
  func isDamaged(_ object: ObjectDigest) -> Bool { state.withLock { $0.damaged.contains(object) } }

  /// Notes damaged objects: the next whole bytes replace them.
  func noteDamaged(_ objects: Set<ObjectDigest>) { state.withLock { $0.damaged.formUnion(objects) } }

  /// Whether objects are open for writing or wait for a commit.
  var isBusy: Bool { state.withLock { $0.writers > 0 || !$0.pending.isEmpty } }
}
