import Catalogue
import ContentStore
import FileSystem
import JobCore
import MirrorConfiguration
import MirrorTypes
import StoreTrust
import SyncRules
import SystemPackage
import Transfer
import Trust
import VendorChecks

/// Syncs one source of kind `tuf`: all files that another kscmirror's web store lists, each verified against signed
/// metadata, and then by the vendor's own signatures.
struct RepositorySync: SourceSync {
  let name: String
  let repository: RepositorySource
  let fetcher: Fetcher
  /// Where what is trusted of the repository is kept.
  let trust: FilePath
  let vendor: VendorSettings
  let reporter: any JobReporter

  private var store: ContentStore { fetcher.store }

  /// How many files are asked for at once.
  private static let window = 64

  /// Syncs the source.
  ///
  /// - Throws: an error; what was fetched stays in the store for the next run.
  func run() async throws -> SourceOutcome {
    reporter.report(.phase("\(name): verifying metadata"))
    let (trusted, targets) = try await refreshedTargets()
    let consistent = trusted.root.consistentSnapshot
    let snapshot = try SignedSnapshot(targets, at: repository.url)
    let known = try store.knownFiles(of: name)
    if try isUnchanged(snapshot, targets, known) { return try unchanged(snapshot) }
    let counter = FetchCounter()
    let fetched = try await fetchAll(targets.targets, known, consistent, counter)
    var files: [SnapshotFile] = []
    var odd = DeviceNames()
    for target in targets.targets {
      var file = try SnapshotFile(target, origin: repository.url, fetched: snapshot.created)
      odd.look(at: file.path)
      file.source = name
      file.fetched = fetched[file.path]?.fetched ?? known[file.path]?.fetched ?? snapshot.created
      files.append(file)
    }
    odd.report(of: "source \(name)", to: reporter)
    let report = try await verifyVendor(files)
    var outcome = try outcome(snapshot, files, known, report, counter)
    let hop = try Hop(trusted, snapshot, FileCache(trust), at: repository.url)
    outcome.notes.components = Self.dates(of: snapshot)
    outcome.notes.hops = hop.followed(by: snapshot)
    return outcome
  }

  private func refreshedTargets() async throws -> (TrustedMetadata, TargetsMetadata) {
    let cache = FileCache(trust)
    do throws(TrustError) {
      try trustConfiguredRoot(cache)
      var client = try MetadataClient(
        cache: cache,
        source: MetadataServer("\(repository.url)/metadata", client: fetcher.client),
        now: fetcher.clock.now
      )
      try await client.refresh()
      guard let targets = client.trusted.targets else { throw .missing(file: "targets.json") }
      return (client.trusted, targets)
    } catch {
      let failure = JobError(error, at: "\(repository.url)/metadata")
      throw JobError(
        failure.status,
        "source \(name): \(failure.message)",
        remedy: "Look at that web store. To trust another root, name it in the configuration and remove \(trust)."
      )
    }
  }

  /// The first time, the root of the configuration is trusted; later, what has followed from it.
  private func trustConfiguredRoot(_ cache: FileCache) throws(TrustError) {
    do {
      guard try cache.load("root.json") == nil else { return }
      let bytes = try Files.read(repository.root, atMost: MetadataLimits().root)
      _ = try TrustedMetadata(trustedRoot: bytes, now: .epoch)
      try cache.save("root.json", bytes)
    } catch {
      throw error as? TrustError ?? .cache(file: "root.json", error)
    }
  }

  // MARK: - Files

  /// Whether the repository still has what the last snapshot took from it.
  private func isUnchanged(
    _ snapshot: SignedSnapshot,
    _ targets: TargetsMetadata,
    _ known: [TreePath: KnownFile]
  ) throws -> Bool {
    guard let state = try store.sourceState(name), state.configuration == repository.url,
      state.notes == snapshot.treeDigest.hex, known.count == targets.targets.count
    else { return false }
    return try known.values.allSatisfy { try $0.object.map(store.contains) ?? false }
  }

  private func fetchAll(
    _ targets: [TargetFile],
    _ known: [TreePath: KnownFile],
    _ consistent: Bool,
    _ counter: FetchCounter
  ) async throws -> [TreePath: KnownFile] {
    reporter.report(.phase("\(name): fetching"))
    var wanted: [(TreePath, TargetFile)] = []
    var fetched: [TreePath: KnownFile] = [:]
    for target in targets {
      let file = try SnapshotFile(target, origin: repository.url, fetched: .epoch)
      if known[file.path]?.object == file.object, try store.contains(file.object) {
        counter.countUnchanged()
      } else if try store.contains(file.object) {
        fetched[file.path] = KnownFile(object: file.object, size: file.size, fetched: fetcher.clock.now)
        counter.countUnchanged()
      } else {
        wanted.append((file.path, target))
      }
    }
    var pace = CommitPace()
    var waitingForCommit = 0
    try await concurrently(wanted, atMost: Self.window) { path, target in
      (path, try await fetch(target, consistent))
    } take: { path, file in
      fetched[path] = file
      counter.count(file.size)
      waitingForCommit += 1
      if pace.isDue(waitingForCommit) {
        pace.begin()
        try store.commitObjects()
        pace.end()
        waitingForCommit = 0
      }
      let received = fetcher.client.statistics.bytesReceived
      reporter.report(.progress(counter.progress(received, totalFiles: targets.count)))
    }
    try store.commitObjects()
    return fetched
  }

  private func fetch(_ target: TargetFile, _ consistent: Bool) async throws -> KnownFile {
    let address = "\(repository.url)/targets/\(TargetAddress.path(of: target, consistent: consistent))"
    let answer = try await fetcher.ask(
      .url(address),
      validators: nil,
      maximumBytes: target.length,
      expectedBytes: target.length,
      isProven: true
    )
    guard case .fetched(let object, let response) = answer else {
      throw JobError(
        .notOnServer,
        "source \(name): \(address) is not there (404), though the signed list has it",
        remedy: "The web store may be in the middle of an update: run sync again later."
      )
    }
    guard object.digest == target.sha256 else {
      throw JobError(
        .objectMismatch,
        "source \(name): \(address) has the SHA-256 \(object.digest), not the one that was signed",
        remedy: "If this does not change, do not trust this server."
      )
    }
    return KnownFile(object, response, at: fetcher.clock.now)
  }

  // MARK: - Outcome

  /// The dates of the components, as the store there has signed them.
  private static func dates(of snapshot: SignedSnapshot) -> ComponentDates? {
    let all = SnapshotNotes(snapshot.notes)?.sources.values.compactMap(\.components) ?? []
    return all.isEmpty ? nil : all.reduce(into: ComponentDates()) { $0.add($1) }
  }

  private func verifyVendor(_ files: [SnapshotFile]) async throws -> VendorReport? {
    guard vendor.signatures != .off else { return nil }
    reporter.report(.phase("\(name): verifying the vendor's signatures"))
    var objects: [TreePath: ObjectDigest] = [:]
    for file in files { objects[file.path] = file.object }
    let tree = StoreTree(store: store, files: objects)
    let report = try await VendorVerification(tree: tree, settings: vendor, reporter: reporter).run()
    try report.judge(vendor.signatures, at: "source \(name)")
    try report.refuseLeftOut(vendor, after: store.snapshots(), allowsMissing: false, at: "source \(name)")
    return report
  }

  private func facts(_ snapshot: SignedSnapshot, _ counter: FetchCounter, checked: Int) -> SyncReport.SourceFacts {
    SyncReport.SourceFacts(
      name: name,
      files: snapshot.fileCount,
      bytes: snapshot.totalBytes,
      fetchedFiles: counter.files,
      fetchedBytes: counter.bytes,
      absent: 0,
      vendorChecked: checked,
      requests: fetcher.client.statistics.requests
    )
  }

  private func unchanged(_ snapshot: SignedSnapshot) throws -> SourceOutcome {
    let last = try store.newestWhole()
    let notes = last.flatMap { SnapshotNotes($0.notes) }?.sources[name] ?? SourceNotes(plan: repository.url)
    return SourceOutcome(source: name, files: nil, notes: notes, facts: facts(snapshot, FetchCounter(), checked: 0))
  }

  private func outcome(
    _ snapshot: SignedSnapshot,
    _ files: [SnapshotFile],
    _ known: [TreePath: KnownFile],
    _ report: VendorReport?,
    _ counter: FetchCounter
  ) throws -> SourceOutcome {
    let paths = Set(files.map(\.path))
    var notes = SourceNotes(plan: repository.url)
    notes.primaries = report?.primaries ?? [:]
    notes.vendor = report.map(VendorNotes.init)
    var remembered: [TreePath: KnownFile] = [:]
    for file in files {
      remembered[file.path] = KnownFile(
        object: file.object,
        size: file.size,
        server: repository.url,
        fetched: file.fetched
      )
    }
    let before = try store.sourceState(name)
    try store.remember(remembered, state: before, of: name)
    return SourceOutcome(
      source: name,
      files: try SourceFiles { for file in files { try $0(file) } },
      forgotten: Set(known.keys.filter { !paths.contains($0) }),
      state: SourceState(
        configuration: repository.url,
        finished: fetcher.clock.now,
        notes: snapshot.treeDigest.hex
      ),
      notes: notes,
      facts: facts(snapshot, counter, checked: report?.files ?? 0)
    )
  }
}
