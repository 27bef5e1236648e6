import Catalogue
import ContentStore
import FileSystem
import Glibc
import JobCore
import Journal
import MirrorConfiguration
import MirrorTypes
import SystemPackage
import UpdateIndex

/// Takes the files of an update tree that is here already into the store, so that the next sync need not fetch them.
///
/// Nothing is published, and nothing is trusted: the next sync compares the vendor's digest of each with what the server's
/// indexes say, as it does with what it has fetched, and fetches what differs, and whatever no digest proves.
package struct AdoptJob: Sendable, InContext {
  /// What a person chooses for one run.
  package struct Options: Sendable {
    /// The source whose files they are; `nil`: the only one of kind `kaspersky`.
    package var source: String?
    /// Whether nothing is taken, but told.
    package var dryRun: Bool

    /// A choice.
    package init(source: String? = nil, dryRun: Bool = false) {
      self.source = source
      self.dryRun = dryRun
    }
  }

  package let context: JobContext
  private let named: FilePath
  private let options: Options

  /// The most bytes of a file: as much as a sync takes.
  private static let maximumFileBytes: Int64 = 8 << 30
  /// How many files are taken before they are made durable.
  private static let batch = 1000

  /// A job that takes the files below a folder.
  package init(_ context: JobContext, from folder: FilePath, options: Options = Options()) {
    self.context = context
    named = folder
    self.options = options
  }

  /// Takes them.
  ///
  /// - Throws: an error; what was taken until then stays, and the next run goes on.
  package func run() throws -> AdoptReport {
    let source = try chosenSource()
    let place = try folderToAdopt()
    reporter.report(.phase("looking at \(named)"))
    let scan = try scan(place)
    let names = try AdoptedNames(place, Set(scan.files.keys))
    if options.dryRun {
      let known =
        try Files.status(StoreMap(folder)[.catalogue]) != nil ? try knownFiles(try opened(.reading), source) : []
      return report(Chosen(scan, names, known), scan, source)
    }
    try audit.refuseIfBusy()
    let store = try opened(.writing)
    reporter.reportRepairs(of: store)
    let selection = Chosen(scan, names, try knownFiles(store, source))
    var report = report(selection, scan, source)
    guard !selection.files.isEmpty else { return report }
    try refuseWithoutRoom(selection)
    // The journal is read elsewhere, and later.
    let whole = try Files.resolvingLinks(named)
    let facts: [String: JournalValue] = ["folder": .string("\(whole)"), "source": .string(source)]
    let beginning = AuditNote(.adoption, "the adoption of files of \(whole)", facts)
    try audit.noting(beginning) { _ in
      (report.newObjects, report.newBytes) = try take(selection, from: place, into: store, source)
      let text = "\(Words.count(selection.files.count, "file")) of \(whole) were taken in for source \(source)"
      return AuditNote(.adoption, text, facts.merging(["files": .integer(Int64(selection.files.count))]) { $1 })
    }
    return report
  }

  // MARK: - What is meant

  private func chosenSource() throws -> String {
    let trees = configuration.sources.filter { if case .kaspersky = $0.kind { true } else { false } }.map(\.name)
    let remedy = "Name one with --source: \(trees.joined(separator: ", "))."
    if let name = options.source {
      if trees.contains(where: { $0.hasSameBytes(as: name) }) { return name }
      let nearest = NearestName.of(name, among: trees).map { "; did you mean '\($0)'?" } ?? ""
      throw JobError(
        .usage,
        "there is no source '\(name)' of kind kaspersky in the configuration\(nearest)",
        remedy: remedy
      )
    }
    guard let only = trees.first else {
      throw JobError(
        .configuration,
        "the configuration has no source of kind kaspersky, for which files could be adopted",
        remedy: "Add a [[source]]; 'kscmirror config from-kuu' makes one of the Update Utility's configuration."
      )
    }
    guard trees.count == 1 else {
      throw JobError(.usage, "the configuration has \(trees.count) sources of kind kaspersky", remedy: remedy)
    }
    return only
  }

  private func folderToAdopt() throws -> Place {
    guard let opened = try OpenFolder.ifFolder(named) else { throw JobError(.usage, "\(named) is not a folder") }
    guard try opened.place.appending(PrimaryIndexes.folder).status()?.kind == .folder else {
      let inner = try ["Updates", "updates"].first { name in
        try opened.place.appending(name).appending(PrimaryIndexes.folder).status()?.kind == .folder
      }
      throw JobError(
        .notThere,
        "\(named): there is no update tree here: it has no folder '\(PrimaryIndexes.folder)'",
        remedy:
          "Name the folder that holds 'index', 'bases' and 'updates'\(inner.map { ": \(named.appending($0))" } ?? "")."
      )
    }
    return opened.place
  }

  private func scan(_ place: Place) throws -> TreeScan {
    do throws(FileError) {
      return try TreeScan(place)
    } catch {
      guard error.reason.rawValue == EOVERFLOW else { throw error }
      throw JobError(
        .usage,
        "\(named) has more than \(Words.count(TreeScan.mostNames)) names: no update tree has as many",
        remedy: "Name the folder that holds 'index', 'bases' and 'updates', and nothing else."
      )
    }
  }

  private func opened(_ access: StoreAccess) throws -> ContentStore {
    try ContentStore.open(folder, access: access, create: access == .writing)
  }

  /// The paths whose files are here already.
  private func knownFiles(_ store: ContentStore, _ source: String) throws -> Set<TreePath> {
    var known = Set<TreePath>()
    try store.forEachKnownFile(of: source) { path, file in
      if let object = file.object, try store.contains(object) { known.insert(path) }
    }
    return known
  }

  /// What is taken of a folder.
  private struct Chosen {
    /// Each file as the folder has it, the path under which it is remembered, and its size.
    private(set) var files: [(found: TreePath, path: TreePath, size: Int64)] = []
    private(set) var known = 0
    private(set) var tooLarge = 0

    init(_ scan: TreeScan, _ names: AdoptedNames, _ known: Set<TreePath>) {
      for (found, status) in scan.files where !found.is(ExportedTree.mark) {
        let path = names[found]
        if known.contains(path) {
          self.known += 1
        } else if status.size > AdoptJob.maximumFileBytes {
          tooLarge += 1
        } else {
          files.append((found, path, status.size))
        }
      }
      files.sort { $0.found < $1.found }
    }

    var bytes: Int64 { files.totalBytes { $0.size } }
  }

  private func refuseWithoutRoom(_ selection: Chosen) throws {
    let free = try FreeSpace(at: folder).bytes
    guard selection.bytes > free else { return }
    throw JobError(
      .noSpace,
      "\(folder): \(Words.exactBytes(selection.bytes)) are to be taken, and \(free) are free",
      remedy:
        "Make room, and run it again. If \(named) is on the same disk, it may be enough to remove it afterwards only."
    )
  }

  // MARK: - Taking

  private func take(
    _ selection: Chosen,
    from place: Place,
    into store: ContentStore,
    _ source: String
  ) throws -> (objects: Int, bytes: Int64) {
    reporter.report(.phase("taking \(Words.count(selection.files.count, "file")) of \(named)"))
    let state = try store.sourceState(source)
    // Later than the last sealed sync, which thereby does not vouch for it.
    let now = max(clock.now, state?.finished?.adding(seconds: 1) ?? .epoch)
    var (news, hashes): ([TreePath: KnownFile], [ObjectDigest: Digest256]) = ([:], [:])
    var (objects, bytes, done): (Int, Int64, Int64) = (0, 0, 0)
    func save() throws {
      try store.commitObjects()
      try store.remember(news, state: state, of: source)
      try store.remember(vendorHashes: hashes)
      (news, hashes) = ([:], [:])
    }
    for (number, file) in selection.files.enumerated() {
      let taken = try AdoptedFile(place.pushing(file.found.string), name: file.path.name, into: store)
      if taken.object.isNew {
        objects += 1
        bytes.addBytes(taken.object.size)
      }
      hashes[taken.object.digest] = taken.contentHash
      news[file.path] = KnownFile(
        object: taken.object.digest,
        size: taken.object.size,
        fetched: now,
        checked: taken.digest
      )
      done.addBytes(taken.object.size)
      reporter.report(
        .progress(
          JobProgress(
            bytes: done,
            totalBytes: max(done, selection.bytes),
            files: number + 1,
            totalFiles: selection.files.count
          )
        )
      )
      if news.count >= Self.batch { try save() }
    }
    try save()
    return (objects, bytes)
  }

  private func report(_ selection: Chosen, _ scan: TreeScan, _ source: String) -> AdoptReport {
    if selection.tooLarge > 0 {
      reporter.warning(
        "too-large",
        "\(named): \(Words.count(selection.tooLarge, "file")) of more than \(Words.bytes(Self.maximumFileBytes)) ignored"
      )
    }
    if let first = scan.others.first {
      let more = Words.more(than: 1, of: scan.others.count)
      reporter.warning(
        "not-adopted",
        "\(named): links, devices and names that cannot be paths are ignored: \(ShownText.quoted(first.name))\(more)"
      )
    }
    return AdoptReport(
      folder: named.string,
      source: source,
      files: selection.files.count,
      bytes: selection.bytes,
      known: selection.known,
      ignored: scan.others.count + selection.tooLarge,
      dryRun: options.dryRun
    )
  }
}

/// What was adopted, or would be.
package struct AdoptReport: Sendable, Encodable {
  /// The folder.
  package let folder: String
  /// The source whose files they are.
  package let source: String
  /// How many files were taken.
  package let files: Int
  /// Their bytes.
  package let bytes: Int64
  /// How many were known already.
  package let known: Int
  /// How many names were ignored.
  package let ignored: Int
  /// How many objects the store did not have.
  package internal(set) var newObjects = 0
  /// Their bytes.
  package internal(set) var newBytes: Int64 = 0
  /// Whether this was a dry run: nothing was done.
  package let dryRun: Bool
}
