import Catalogue
import ContentStore
import Crypto
import FileSystem
import JobCore
import MirrorTypes
import Mirroring
import ServerJobs
import UpdateIndex
import WebStore

/// Asks for a release that is not current yet as an updater would, through the web server's own code: the primary
/// indexes, the indexes that they name, the files that those name, each compared with its digest; and the packages.
package struct Rehearsal: InContext {
  package let context: JobContext
  package let store: ContentStore
  package let snapshot: Int

  package init(_ context: JobContext, store: ContentStore, snapshot: Int) {
    self.context = context
    self.store = store
    self.snapshot = snapshot
  }

  /// The most bytes of an index: the vendor's largest has 0.8 MB.
  private static let maximumIndexBytes = 64 << 20
  /// How many failures are reported one by one.
  private static let samples = 10

  /// Asks for everything.
  ///
  /// - Throws: an error with ``ExitStatus/rehearsalFailed`` when an answer is not what it has to be.
  package func run() throws -> RehearsalReport {
    reporter.report(.phase("rehearsing snapshot \(snapshot)"))
    let index = try StoreContent.index(of: snapshot, moved: clock.now, store)
    let client = LocalClient(RehearsedRelease(lookup: ReleaseLookup(folder: store.root, current: index), clock: clock))
    var visit = Visit(index: index, client: client)
    let named = try walk(&visit)
    for path in named { visit.fetch(path) }
    for package in index.paths(below: PackageFolder.prefix, atMost: .max) { visit.fetch(package.path) }
    guard visit.failures.isEmpty else { throw failure(visit) }
    return visit.report
  }

  /// Walks through the indexes; returns the files that they name.
  private func walk(_ visit: inout Visit) throws -> [String] {
    let prefix = StoreFolders.updates + "/"
    let primaries = try visit.index.paths(below: prefix, atMost: .max).compactMap { file in
      try file.path.removing(prefix: prefix).map { try TreePath($0) }.flatMap { PrimaryIndexes.contains($0) ? $0 : nil }
    }
    var walk = IndexWalk(primaries: primaries, selection: try Selection(patches: true))
    var queue = primaries
    var position = 0
    var named: [String] = []
    while position < queue.count {
      let path = queue[position]
      position += 1
      guard let bytes = visit.fetchIndex(prefix + path.string, atMost: Self.maximumIndexBytes) else { continue }
      do throws(IndexError) {
        let step = try walk.take(bytes, of: path)
        queue += step.indexes.map(\.path)
        named += step.files.map { prefix + $0.path.string }
      } catch {
        visit.fail(prefix + path.string, error.description)
      }
    }
    if primaries.isEmpty, visit.index.count(below: prefix) > 0 {
      visit.fail(prefix + "index/", "there is no primary index, so no updater finds anything")
    }
    return named
  }

  private func failure(_ visit: Visit) -> JobError {
    let shown = visit.failures.prefix(Self.samples).map { "\($0.path): \($0.reason)" }
    let more = visit.failures.count - shown.count
    let last = more > 0 ? "; and \(Words.count(more)) more" : ""
    return JobError(
      .rehearsalFailed,
      "snapshot \(snapshot) failed its rehearsal: \(shown.joined(separator: "; "))\(last)",
      remedy:
        "The release that was published before is still current. Run 'kscmirror verify', which reads every object; "
        + "import again what it finds damaged."
    )
  }
}

/// What a rehearsal has seen so far.
private struct Visit {
  let index: ReleaseIndex
  let client: LocalClient
  private(set) var report = RehearsalReport()
  private(set) var failures: [(path: String, reason: String)] = []
  private var seen: Set<String> = []

  init(index: ReleaseIndex, client: LocalClient) {
    self.index = index
    self.client = client
  }

  mutating func fail(_ path: String, _ reason: String) { failures.append((path, reason)) }

  /// Gets an index; `nil` where the release has none, or it failed.
  mutating func fetchIndex(_ path: String, atMost limit: Int) -> [UInt8]? {
    var bytes: [UInt8] = []
    let isThere = get(path) { piece in
      guard bytes.count + piece.count <= limit else { throw TooLarge() }
      bytes += piece
    }
    if isThere { report.indexes += 1 }
    return isThere ? bytes : nil
  }

  /// Gets a file.
  mutating func fetch(_ path: String) {
    if get(path, { _ in }) { report.files += 1 }
  }

  private struct TooLarge: Error, CustomStringConvertible {
    var description: String { "it is larger than any index" }
  }

  /// Gets a path once, and compares what comes with what the release has there.
  ///
  /// - Returns: whether there is such a file, and all of it is right.
  private mutating func get(_ path: String, _ body: (UnsafeRawBufferPointer) throws -> Void) -> Bool {
    guard seen.insert(path).inserted else { return false }
    let entry = index.entry(path) ?? index.entryIgnoringCase(path)?.entry
    var hasher = SHA256()
    do {
      let outcome = try client.get(path) { piece in
        hasher.update(bufferPointer: piece)
        try body(piece)
      }
      guard let entry else {
        // What was not chosen to be mirrored is named all the same, and has to be plainly absent.
        if outcome.status == 404 { report.notCarried += 1 } else { fail(path, "status \(outcome.status) for no file") }
        return false
      }
      let digest = hasher.finalize().withUnsafeBytes { Digest256(bytes: $0) }
      switch outcome.status {
      case 200 where digest != entry.digest: fail(path, "its content is not what its digest says")
      case 200 where outcome.tag != entry.digest.hex: fail(path, "its entity tag is not its digest")
      case 200:
        report.bytes += outcome.count
        return true
      default: fail(path, "status \(outcome.status)")
      }
    } catch {
      fail(path, "\(error)")
    }
    return false
  }
}

/// The one release that is rehearsed.
private struct RehearsedRelease: WebContent {
  let lookup: ReleaseLookup
  let clock: WallClock

  func find(_ path: String) -> WebLookup { lookup.find(path) }
  func refresh() {}
  func status() -> WebStatus {
    WebStatus(release: nil, components: [], lastRun: nil, packages: [], packageCount: 0, asOf: clock.now)
  }
}

/// What a rehearsal has asked for, all of it answered rightly.
package struct RehearsalReport: Sendable, Hashable, Encodable {
  /// Indexes that were walked through.
  package internal(set) var indexes = 0
  /// Files that came.
  package internal(set) var files = 0
  /// Their bytes, with those of the indexes.
  package internal(set) var bytes: Int64 = 0
  /// Files that are named and not part of the release, as what was not chosen to be mirrored.
  package internal(set) var notCarried = 0
}
