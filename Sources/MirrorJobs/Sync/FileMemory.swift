import ContentStore
import MirrorTypes
import Transfer

/// What is known of a source's files from earlier syncs, kept up to date in memory and in the store while new ones come.
final class FileMemory {
  let source: String
  private let store: ContentStore
  /// What the last sealed sync left; it goes on to be true of that sync while this one runs.
  private let state: SourceState?
  private var files: [TreePath: KnownFile]
  private var news: Set<TreePath> = []

  /// Reads what the store knows.
  init(of source: String, in store: ContentStore) throws(JobError) {
    self.source = source
    self.store = store
    state = try translatingErrors { try store.sourceState(source) }
    files = try translatingErrors { try store.knownFiles(of: source) }
  }

  var isEmpty: Bool { files.isEmpty }

  /// What is known of a file; what is set is kept for the next runs by ``save()``.
  subscript(path: TreePath) -> KnownFile? {
    get { files[path] }
    set {
      files[path] = newValue
      news.insert(path)
    }
  }

  /// Paths of which something is known, though `isNamed` denies them.
  func strays(_ isNamed: (TreePath) -> Bool) -> Set<TreePath> { Set(files.keys.filter { !isNamed($0) }) }

  /// Whether there is something to save.
  var hasNews: Bool { !news.isEmpty }

  /// Something to be saved, on any thread.
  struct Batch: Sendable {
    fileprivate let store: ContentStore
    fileprivate let source: String
    fileprivate let state: SourceState?
    fileprivate let files: [TreePath: KnownFile]

    /// Makes all new objects durable, and remembers where they came from.
    func save() throws(JobError) {
      try translatingErrors {
        try store.commitObjects()
        if !files.isEmpty { try store.remember(files, state: state, of: source) }
      }
    }
  }

  /// Takes out what has to be saved.
  func takeNews() -> Batch {
    var batch: [TreePath: KnownFile] = [:]
    for path in news { batch[path] = files[path] }
    news = []
    return Batch(store: store, source: source, state: state, files: batch)
  }

  /// Saves everything.
  func save() throws(JobError) { try takeNews().save() }
}

extension KnownFile {
  /// A file that has just come.
  init(_ object: FinishedObject, _ response: TransferResponse, fingerprint: UInt64? = nil) {
    self.init(
      object: object.digest,
      size: object.size,
      etag: response.validators.etag,
      lastModified: response.validators.lastModified,
      fingerprint: fingerprint,
      server: response.server,
      fetched: WallClock.seconds
    )
  }

  /// A file that the servers do not have.
  static func absent(fingerprint: UInt64) -> KnownFile {
    KnownFile(object: nil, size: 0, fingerprint: fingerprint, isAbsent: true, fetched: WallClock.seconds)
  }

  /// What to ask with whether it is still the same.
  var validators: Validators { Validators(etag: etag, lastModified: lastModified) }
}
