import ContentStore
import FileSystem
import JobCore
import MirrorTypes
import Synchronization
import SystemPackage
import WebStore

/// A store as the web server sees it: the current release, for some time what only the one before had, the signed
/// metadata, and objects by their digests.
final class StoreContent: WebContent, InContext {
  private struct State {
    var store: ContentStore?
    var current: ReleaseIndex?
    /// What is served, told by how `current` was made.
    var mark: CurrentRelease?
    /// The release before, and until when it is asked for what the current one does not have.
    var previous: (index: ReleaseIndex, until: UTCTime)?
  }

  let context: JobContext
  private let grace: Int64
  private let statusFacts: StatusFacts
  private let metadata: ServedMetadata
  private let state = Mutex(State())
  /// What went wrong last, so that it is reported once.
  private let lastProblem = Mutex("")

  /// The context's store, which need not hold anything yet.
  ///
  /// - Parameter grace: how long what only the previous release had is still answered, in seconds.
  init(_ context: JobContext, grace: Int64, facts: StatusFacts) throws {
    self.context = context
    self.grace = grace
    statusFacts = facts
    metadata = ServedMetadata(context.folders.metadata)
    try update()
  }

  // MARK: - Looking up

  func find(_ path: String) -> WebLookup {
    if path.hasBytePrefix(ServedMetadata.prefix) { return metadata.find(path) }
    if path.hasBytePrefix(TargetPath.prefix) { return target(path) }
    let (current, previous) = state.withLock { ($0.current, $0.previous) }
    guard let current else { return .nothing }
    let stillAsked = previous.flatMap { $0.until >= clock.now ? $0.index : nil }
    return ReleaseLookup(folder: folder, current: current, previous: stillAsked).find(path)
  }

  /// A file under its digest, as TUF's consistent snapshots want it.
  private func target(_ path: String) -> WebLookup {
    guard let digest = TargetPath.digest(path) else { return .nothing }
    let place = ReleaseLookup.place(of: digest, in: folder)
    return .onDisk {
      guard let status = try Files.status(place), status.kind == .file else { return nil }
      return WebFile(
        path: path,
        size: status.size,
        digest: digest,
        changed: status.modified,
        bytes: .at(place),
        freshness: .forever
      )
    }
  }

  // MARK: - Releases

  /// The release that is served; `nil` as long as there is none.
  var release: (number: Int, files: Int)? { state.withLock { $0.current.map { ($0.number, $0.count) } } }

  func refresh() throws {
    do {
      try update()
      lastProblem.withLock { $0 = "" }
    } catch {
      let failure = JobError(error)
      let isNew = lastProblem.withLock { last in
        defer { last = failure.message }
        return last != failure.message
      }
      if isNew {
        reporter.warning("not-refreshed", "the release that was served so far is still served: \(failure.message)")
      }
    }
  }

  /// Serves what `current` leads to, if that is not what is served already.
  private func update() throws {
    forgetPrevious()
    guard let store = try openedStore() else { return }
    guard let mark = try store.currentRelease() else { return }
    guard state.withLock({ $0.mark }) != mark else { return }
    let index = try Self.index(of: mark, store)
    let isFirst = state.withLock { $0.current == nil }
    let earlier = isFirst ? earlierRelease(before: mark, store) : nil
    let served = state.withLock { state in
      if let old = state.current, old.number != index.number {
        state.previous = (old, clock.now.adding(seconds: grace))
      }
      if state.current == nil { state.previous = earlier }
      state.current = index
      state.mark = mark
      return state.previous?.index.number
    }
    let from = served.map { ", after release \($0)" } ?? ""
    reporter.information("release", "serving release \(index.number), \(Words.count(index.count, "file"))\(from)")
  }

  /// Frees the release before, once its time is over.
  private func forgetPrevious() {
    state.withLock { state in
      if let previous = state.previous, previous.until < clock.now { state.previous = nil }
    }
  }

  /// The release before the one that is served first, if that became current within the time that clients may still ask
  /// for the other: a server that is started anew answers as the one before it did.
  private func earlierRelease(before mark: CurrentRelease, _ store: ContentStore) -> (ReleaseIndex, UTCTime)? {
    let now = clock.now
    // A clock that was set back wins no more time than a move just now.
    let until = min(mark.moved, now).adding(seconds: grace)
    guard grace > 0, until >= now else { return nil }
    do {
      guard let number = try store.previousRelease() else { return nil }
      return (try Self.index(of: number, moved: mark.moved, store), until)
    } catch {
      // It may be pruned at this moment; the current release is what matters.
      reporter.warning("previous-not-read", "the release before is not served any more: \(error)")
      return nil
    }
  }

  private func openedStore() throws -> ContentStore? {
    if let store = state.withLock({ $0.store }) { return store }
    let folder = folder
    do {
      let store = try ContentStore.open(folder, access: .reading)
      state.withLock { $0.store = store }
      return store
    } catch .notAStore {
      // Nothing has come yet.
      return nil
    } catch {
      throw error
    }
  }

  static func index(of release: CurrentRelease, _ store: ContentStore) throws -> ReleaseIndex {
    try index(of: release.number, moved: release.moved, store)
  }

  /// The index of a snapshot, which need not be current.
  static func index(of number: Int, moved: UTCTime, _ store: ContentStore) throws -> ReleaseIndex {
    var index = ReleaseIndex(number: number)
    try store.forEachServedFile(in: number, moved: moved) { file in
      index.append(file.path, digest: file.object, size: file.size, changed: file.changed)
    }
    index.finish()
    return index
  }

  // MARK: - Status

  func status() throws -> WebStatus {
    let (store, index) = state.withLock { ($0.store, $0.current) }
    return try statusFacts.status(store, index)
  }
}

/// Paths below `targets/`: `targets/folders/SHA256.name`.
enum TargetPath {
  static let prefix = "targets/"

  /// The digest in such a path; `nil` where there is none.
  static func digest(_ path: String) -> ObjectDigest? {
    guard let name = path.byteParts.last, let dot = name.firstIndex(of: "."), name.last != "." else {
      return nil
    }
    let hex = name[..<dot]
    guard hex.utf8.allSatisfy({ !(0x41...0x5A).contains($0) }) else { return nil }
    return ObjectDigest(hex: hex)
  }
}
