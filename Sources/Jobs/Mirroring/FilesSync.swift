import Catalogue
import ContentStore
import JobCore
import MirrorConfiguration
import MirrorTypes
import StoreTrust
import SyncRules
import Transfer

/// Syncs one source of kind `files`: a list of single files with their addresses.
struct FilesSync: SourceSync {
  let name: String
  let files: [FileToFetch]
  let fetcher: Fetcher
  let recheck: Bool
  /// Whether a file is refused whose digest is not in the configuration: nothing of the vendor's proves one.
  let requiresProof: Bool
  let reporter: any JobReporter

  /// Below which folder of a release such files are published.
  static let folder = "packages"
  /// From how many bytes on a file is worth a commit of its own.
  private static let largeSize: Int64 = 1 << 20
  /// How many files are asked for at the same time.
  private static let window = 64

  /// Syncs the source.
  ///
  /// - Throws: an error for the first file that cannot be had.
  func run() async throws -> SourceOutcome {
    if requiresProof, let file = files.first(where: { $0.sha256 == nil }) {
      throw JobError(
        .notVerifiable,
        "source \(name): \(file.url) carries no signature of the vendor's that can be verified, and has no 'sha256' in the configuration",
        remedy: "vendor_signatures is \"required\": add the digest that the vendor tells, or set it to \"check\"."
      )
    }
    reporter.report(.phase("\(name): asking for \(Words.count(files.count, "file"))"))
    let memory = try FileMemory(of: name, in: fetcher.store, fetcher.clock)
    var known = try fetcher.store.knownFiles(of: name)
    let counter = FetchCounter()
    var listing: [SnapshotFile] = []
    do {
      try await fetchAll(&known, memory, counter)
    } catch {
      // What has come stays for the next run.
      try? memory.saveAll()
      throw error
    }
    try memory.saveAll()
    for file in files {
      let path = try published(file)
      guard let known = known[path], let object = known.object else { continue }
      listing.append(
        SnapshotFile(
          path: path,
          object: object,
          size: known.size,
          source: name,
          component: "",
          origin: file.url,
          fetched: known.fetched,
          modified: known.validators.lastModifiedTime
        )
      )
    }
    return try outcome(listing, known, counter)
  }

  /// Fetches what is not known to be good, all at once: the client lets through as many as it should.
  private func fetchAll(
    _ known: inout [TreePath: KnownFile],
    _ memory: FileMemory,
    _ counter: FetchCounter
  ) async throws {
    var requests: [Request] = []
    for file in files {
      let path = try published(file)
      let request = Request(file: file, path: path, held: known[path].flatMap { isHeld($0, for: file) ? $0 : nil })
      if request.held != nil && file.sha256 != nil && !recheck {
        counter.countUnchanged()
      } else {
        requests.append(request)
      }
    }
    var pace = CommitPace()
    try await concurrently(requests, atMost: Self.window) { [self] in
      ($0, try await fetch($0))
    } take: { request, new in
      if let new {
        counter.count(new.size)
        known[request.path] = new
        memory[request.path] = new
        memory.settle(request.path)
        // A large one is kept as soon as it is there.
        if new.size >= Self.largeSize || pace.isDue(memory.newsCount) {
          pace.begin()
          try memory.save()
          pace.end()
        }
      } else {
        counter.countUnchanged()
      }
      let received = fetcher.client.statistics.bytesReceived
      reporter.report(.progress(counter.progress(received, totalFiles: files.count)))
    }
  }

  /// One file that has to be asked for.
  private struct Request: Sendable {
    let file: FileToFetch
    let path: TreePath
    let held: KnownFile?
    /// The most bytes of a file whose size the configuration does not tell.
    static let maximumBytes: Int64 = 64 << 30
  }

  private func published(_ file: FileToFetch) throws -> TreePath {
    try TreePath(Self.folder).appending(file.path)
  }

  /// Asks for one file.
  ///
  /// - Returns: `nil` when it is what we hold.
  private func fetch(_ request: Request) async throws -> KnownFile? {
    let file = request.file
    let answer = try await fetcher.ask(
      .url(file.url),
      validators: request.held.flatMap {
        recheck ? $0.validators.tagAlone : $0.validators.isEmpty ? nil : $0.validators
      },
      maximumBytes: file.size ?? Request.maximumBytes,
      expectedBytes: file.size,
      isProven: file.sha256 != nil
    )
    switch answer {
    case .fetched(let object, let response):
      try check(object, against: file)
      return KnownFile(object, response, at: fetcher.clock.now)
    case .unchanged:
      return nil
    case .absent(let refusal):
      throw JobError(
        .notOnServer,
        "source \(name): \(file.url) is not there (\(refusal.map { "refused, \($0)" } ?? "404"))",
        remedy: "Correct or remove it in the configuration."
      )
    }
  }

  /// Whether what we know of a file is what the configuration asks for, and at hand.
  private func isHeld(_ known: KnownFile, for file: FileToFetch) -> Bool {
    guard let object = known.object, (try? fetcher.store.contains(object)) == true else { return false }
    return (file.sha256 ?? object) == object && (file.size ?? known.size) == known.size
  }

  private func check(_ object: FinishedObject, against file: FileToFetch) throws {
    guard let expected = file.sha256, expected != object.digest else { return }
    throw JobError(
      .wrongContent,
      "source \(name): \(file.url) has the SHA-256 \(object.digest), not \(expected) as the configuration says",
      remedy: "If the file was replaced on purpose, correct 'sha256'; else do not trust it."
    )
  }

  private func outcome(
    _ listing: [SnapshotFile],
    _ known: [TreePath: KnownFile],
    _ counter: FetchCounter
  ) throws -> SourceOutcome {
    let facts = SyncReport.SourceFacts(
      name: name,
      files: listing.count,
      bytes: listing.totalBytes { $0.size },
      fetchedFiles: counter.files,
      fetchedBytes: counter.bytes,
      absent: 0,
      vendorChecked: 0,
      requests: fetcher.client.statistics.requests
    )
    let paths = Set(listing.map(\.path))
    let plan = "files " + files.map(\.path.string).joined(separator: " ")
    return SourceOutcome(
      source: name,
      files: try SourceFiles { for file in listing { try $0(file) } },
      forgotten: Set(known.keys.filter { !paths.contains($0) }),
      state: SourceState(configuration: plan, finished: fetcher.clock.now),
      notes: SourceNotes(plan: plan),
      facts: facts
    )
  }
}
