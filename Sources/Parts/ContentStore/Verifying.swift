import Catalogue
import Dispatch
import FileSystem
import MirrorTypes
import Synchronization
import SystemPackage

extension ContentStore {
  /// Reads every object again, compares each release with its snapshot, and checks the catalogue. Changes nothing, so
  /// that it may run beside a writer.
  ///
  /// It blocks its thread until all is read. Damage is listed in the report, not thrown. Objects that are damaged come
  /// again after ``noteDamaged(_:)`` and a sync, or an import of a bundle that has them.
  ///
  /// - Parameters:
  ///   - concurrency: how many threads read and hash.
  ///   - progress: called from these threads with the number of bytes read since the last call.
  package func verify(
    concurrency: Int = 2,
    progress: @escaping @Sendable (Int64) -> Void = { _ in }
  ) throws(StoreError) -> VerifyReport {
    var report = VerifyReport()
    report.catalogueProblems = try catalogueProblems()
    let reading = ObjectReading(layout: layout, catalogue: catalogue, progress: progress)
    try reading.run(threads: max(1, concurrency))
    report.objects = reading.objects
    report.bytes = reading.bytes
    report.damaged = try withUses(reading.damaged)
    report.unlisted = try unlistedObjects()
    for release in try releases() {
      report.releases.append(release.number)
      var check = ReleaseCheck(store: self, number: release.number)
      do { try check.run() } catch { throw StoreError(catalogue: error, path: layout.catalogue) }
      report.releaseProblems += check.problems
      // Where the file system refused links, copies are what there has to be.
      guard check.copies > release.copiedFiles else { continue }
      report.copies += check.copies
      report.copiedBytes.addBytes(check.copiedBytes)
    }
    return report
  }

  /// SQLite's own checks, the digest of each snapshot, and where `current` leads.
  private func catalogueProblems() throws(StoreError) -> [String] {
    var problems = try catalogue.contradictions()
    for snapshot in try snapshots() {
      var listing = TreeListing()
      do {
        try forEachListed(in: snapshot.number) { object, size, path in listing.append(object, size, path) }
      } catch {
        throw StoreError(catalogue: error, path: layout.catalogue)
      }
      if listing.digest() != snapshot.treeDigest {
        problems.append("the listing of snapshot \(snapshot.number) does not have the digest that it was sealed with")
      }
    }
    let status = try withFiles { () throws(FileError) in try Files.status(layout.current) }
    if status != nil, try current() == nil { problems.append("\(layout.current) leads to no release") }
    return problems
  }

  private func withUses(_ damaged: [DamagedObject]) throws(StoreError) -> [DamagedObject] {
    var damaged = damaged
    for index in damaged.indices {
      let paths = try catalogue.paths(of: damaged[index].object)
      damaged[index].pathCount = paths.count
      do {
        damaged[index].paths = try paths.prefix(DamagedObject.pathLimit).map { try TreePath($0) }
      } catch {
        throw StoreError(catalogue: error, path: layout.catalogue)
      }
    }
    return damaged
  }

  private func unlistedObjects() throws(StoreError) -> Int {
    var count = 0
    for folder in StoreLayout.fanOut {
      let entries = try withFiles { () throws(FileError) in try Files.entries(of: layout.objects.appending(folder)) }
      if entries.isEmpty { continue }
      let listed = try catalogue.digests(inFolder: folder)
      count += entries.count { entry in ObjectDigest(hex: folder + entry.name).map { !listed.contains($0) } ?? true }
    }
    return count
  }
}

/// Reads all objects on several threads, which take them from the catalogue in turn.
private final class ObjectReading: Sendable {
  private struct State {
    var batch: ArraySlice<(object: ObjectDigest, size: Int64)> = []
    var lastID: Int64 = 0
    var isAtEnd = false
    var failure: StoreError?
    var objects = 0
    var bytes: Int64 = 0
    var damaged: [DamagedObject] = []
  }

  private let layout: StoreLayout
  private let catalogue: Catalogue
  private let progress: @Sendable (Int64) -> Void
  private let state = Mutex(State())

  init(layout: StoreLayout, catalogue: Catalogue, progress: @escaping @Sendable (Int64) -> Void) {
    self.layout = layout
    self.catalogue = catalogue
    self.progress = progress
  }

  var objects: Int { state.withLock { $0.objects } }
  var bytes: Int64 { state.withLock { $0.bytes } }
  var damaged: [DamagedObject] { state.withLock { $0.damaged.sorted { $0.object < $1.object } } }

  func run(threads: Int) throws(StoreError) {
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      while let (object, size) = next() { check(object, size) }
    }
    if let failure = state.withLock({ $0.failure }) { throw failure }
  }

  private func next() -> (object: ObjectDigest, size: Int64)? {
    state.withLock { state in
      if state.batch.isEmpty, !state.isAtEnd, state.failure == nil { fetch(&state) }
      return state.failure == nil ? state.batch.popFirst() : nil
    }
  }

  private func fetch(_ state: inout State) {
    do {
      let rows = try catalogue.objects(after: state.lastID, atMost: 1000)
      state.lastID = rows.last?.number ?? state.lastID
      state.isAtEnd = rows.isEmpty
      state.batch = rows.map { ($0.object, $0.size) }[...]
    } catch {
      state.failure = error
    }
  }

  private func check(_ object: ObjectDigest, _ size: Int64) {
    var read: Int64 = 0
    let problem = problem(of: object, size) { count in
      read += count
      progress(count)
    }
    state.withLock { state in
      state.objects += 1
      state.bytes += read
      if let problem { state.damaged.append(DamagedObject(object: object, size: size, problem: problem)) }
    }
  }

  private func problem(
    of object: ObjectDigest,
    _ size: Int64,
    _ progress: (Int64) -> Void
  ) -> DamagedObject.Problem? {
    let path = layout.path(of: object)
    do {
      guard let status = try Files.status(path), status.kind == .file else { return .missing }
      guard status.size == size else { return .wrongSize(status.size) }
      let digest = try FileDigest.of(path, progress: progress).digest
      return digest == object ? nil : .wrongDigest(digest)
    } catch {
      return .unreadable(error.description)
    }
  }
}

/// Compares the tree of a release with its snapshot.
private struct ReleaseCheck {
  let store: ContentStore
  let number: Int
  private(set) var problems: [ReleaseProblem] = []
  /// How many of its files are no links to their objects, and whole, and their bytes.
  private(set) var copies = 0
  private(set) var copiedBytes: Int64 = 0
  private let root: FilePath

  init(store: ContentStore, number: Int) {
    self.store = store
    self.number = number
    root = store.layout.release(number)
  }

  mutating func run() throws {
    guard try Files.status(root)?.kind == .folder else { return report("", .missing) }
    var found = 0
    try store.forEachListed(in: number) { object, size, path in
      let place = root.pushing(FilePath(path))
      guard let status = try Files.status(place), status.kind == .file else { return report(path, .missing) }
      found += 1
      let original = try Files.status(store.layout.path(of: object))
      if let original, original.inode == status.inode, original.device == status.device { return }
      // A copy, where the file system refused a link.
      let digest = status.size == size ? try FileDigest.of(place).digest : nil
      guard digest == object else { return report(path, .damaged) }
      copies += 1
      copiedBytes.addBytes(size)
    }
    // Only if there is more than the snapshot names are names looked up.
    if try count(root) != found { try findExtra(root, below: "") }
  }

  private mutating func report(_ path: String, _ problem: ReleaseProblem.Problem) {
    problems.append(ReleaseProblem(release: number, path: path, problem: problem))
  }

  private func count(_ folder: FilePath) throws -> Int {
    var total = 0
    for entry in try Files.entries(of: folder) {
      total += try isFolder(entry, in: folder) ? count(folder.appending(entry.name)) : 1
    }
    return total
  }

  private mutating func findExtra(_ folder: FilePath, below prefix: String) throws {
    for entry in try Files.entries(of: folder) {
      let path = prefix + entry.name
      if try isFolder(entry, in: folder) {
        try findExtra(folder.appending(entry.name), below: path + "/")
      } else if try !isNamed(path) {
        report(path, .extra)
      }
    }
  }

  private func isFolder(_ entry: Files.Entry, in folder: FilePath) throws -> Bool {
    if let kind = entry.kind { return kind == .folder }
    return try Files.status(folder.appending(entry.name))?.kind == .folder
  }

  private func isNamed(_ path: String) throws -> Bool {
    guard let path = try? TreePath(path) else { return false }
    return try store.file(path, in: number) != nil
  }
}
