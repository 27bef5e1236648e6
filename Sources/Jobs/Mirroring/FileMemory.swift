import Catalogue
import ContentStore
import JobCore
import MirrorTypes
import SyncRules
import Transfer

/// What is known of a source's files: most of it lies in the store; here is only what is under way.
final class FileMemory {
  let source: String
  private let store: ContentStore
  /// What the last sealed sync left; the state does not change until this sync is sealed.
  private let state: SourceState?
  private let clock: WallClock
  private var open: [TreePath: KnownFile] = [:]
  private var settled: [TreePath: KnownFile] = [:]

  /// Opens the memory of a source.
  init(of source: String, in store: ContentStore, _ clock: WallClock) throws {
    self.source = source
    self.store = store
    self.clock = clock
    state = try store.sourceState(source)
  }

  /// Whether the store knows anything.
  func knowsAny() throws -> Bool { try store.knowsFiles(of: source) }

  /// Goes through what the store knows. What is under way is not in it.
  func forEachSaved(_ body: (TreePath, KnownFile) throws -> Void) throws {
    try store.forEachKnownFile(of: source, body)
  }

  /// Goes through those that the store knows to be absent.
  func forEachAbsent(_ body: (TreePath, KnownFile) throws -> Void) throws {
    try store.forEachKnownFile(of: source, absentOnly: true, body)
  }

  /// What is known of a file that is under way: from when it is taken up until it is settled.
  subscript(path: TreePath) -> KnownFile? {
    get { open[path] }
    set { open[path] = newValue }
  }

  /// The time of what happens in this run: later than the last sealed sync, also by a clock that was
  /// set back, and in the very second of that one.
  var now: UTCTime { max(clock.now, (state?.finished ?? .epoch).adding(seconds: 1)) }

  /// What has come in this run, so that it is distinguished from what the last sealed sync knew.
  func fresh(_ file: KnownFile) -> KnownFile {
    var file = file
    file.fetched = now
    return file
  }

  /// What is known of a file is final, and can be saved.
  func settle(_ path: TreePath) {
    if let file = open.removeValue(forKey: path) { settled[path] = file }
  }

  /// How many files there are to save.
  var newsCount: Int { settled.count }

  /// Something to be saved, on any thread.
  struct Batch: Sendable {
    fileprivate let store: ContentStore
    fileprivate let source: String
    fileprivate let state: SourceState?
    fileprivate let files: [TreePath: KnownFile]

    /// Makes all new objects durable, and remembers where they came from.
    func save() throws {
      try store.commitObjects()
      if !files.isEmpty { try store.remember(files, state: state, of: source) }
    }
  }

  /// Takes out what has to be saved.
  func takeNews() -> Batch {
    defer { settled = [:] }
    return Batch(store: store, source: source, state: state, files: settled)
  }

  /// Saves everything that is settled.
  func save() throws { try takeNews().save() }

  /// Saves everything, settled or not: for the end of a run that fails.
  func saveAll() throws {
    // What was not checked yet is saved as such.
    settled.merge(open) { $1 }
    open = [:]
    try save()
  }
}

extension KnownFile {
  /// A file that has just come.
  init(_ object: FinishedObject, _ response: TransferResponse, fingerprint: UInt64? = nil, at time: UTCTime) {
    self.init(
      object: object.digest,
      size: object.size,
      etag: response.validators.etag,
      lastModified: response.validators.lastModified,
      fingerprint: fingerprint,
      server: response.server,
      fetched: time
    )
  }

  /// A file that the servers do not have, and that may well be absent: a difference file.
  static func absent(fingerprint: UInt64, at time: UTCTime) -> KnownFile {
    KnownFile(object: nil, size: 0, fingerprint: fingerprint, isAbsent: true, fetched: time)
  }

  /// What to ask with whether it is still the same.
  var validators: Validators { Validators(etag: etag, lastModified: lastModified) }
}
