import Bundle
import ContentStore
import FileSystem
import MirrorConfiguration
import SystemPackage

/// Writes a snapshot to a medium, as a full bundle.
public struct PackJob: Sendable {
  /// What a person chooses for one run.
  public struct Options: Sendable {
    /// The snapshot; `nil` is the newest.
    public var snapshot: Int?
    /// Whether another bundle of the same snapshot number is written over.
    public var overwrite: Bool
    /// Whether other bundles are removed from the folder when this one is whole.
    public var replace: Bool
    /// Whether to pack although the last sync ended with errors.
    public var evenAfterErrors: Bool
    /// Whether only to say what would be written.
    public var dryRun: Bool

    /// A choice.
    public init(
      snapshot: Int? = nil,
      overwrite: Bool = false,
      replace: Bool = false,
      evenAfterErrors: Bool = false,
      dryRun: Bool = false
    ) {
      self.snapshot = snapshot
      self.overwrite = overwrite
      self.replace = replace
      self.evenAfterErrors = evenAfterErrors
      self.dryRun = dryRun
    }
  }

  private let folder: FilePath
  private let settings: PackSettings
  private let options: Options
  private let reporter: any JobReporter

  /// A job on the store in the folder `store`.
  public init(store: FilePath, settings: PackSettings, options: Options = Options(), reporter: any JobReporter) {
    folder = store
    self.settings = settings
    self.options = options
    self.reporter = reporter
  }

  /// Writes the bundle. The store is only read.
  ///
  /// - Throws: ``JobError``; nothing of the bundle is left then.
  public func run() throws(JobError) -> PackReport {
    guard let output = settings.output else {
      throw JobError(
        .configuration,
        "no folder to write to",
        remedy: "Name one with --output, or set 'output' in [pack] of the configuration."
      )
    }
    return try translatingErrors {
      let store = try ContentStore.open(folder, access: .reading)
      let snapshot = try chosenSnapshot(of: store)
      if !options.evenAfterErrors { try refuseAfterErrors(store, snapshot) }
      guard try Files.status(Files.resolvingLinks(output))?.kind == .folder else {
        throw JobError(.cannotCreate, "\(output) is no folder", remedy: "Name a folder on the medium with --output.")
      }
      let freeBytes = try FreeSpace(at: output).bytes
      let writer = BundleWriter(description(of: snapshot), to: output, options: bundleOptions)
      let files = { (take: (ListedFile) throws -> Void) in
        try store.forEachFile(in: snapshot.number) { try take(ListedFile($0)) }
      }
      if options.dryRun { return PackReport(try writer.plan(files), of: snapshot, in: output, freeBytes: freeBytes) }
      reporter.report(.phase("packing snapshot \(snapshot.number)"))
      let written = try writer.write(files, objectPath: store.path(of:)) { [reporter] done in
        reporter.report(.progress(JobProgress(bytes: done, totalBytes: snapshot.totalBytes)))
      }
      return PackReport(written, in: output, freeBytes: freeBytes)
    }
  }

  private func chosenSnapshot(of store: ContentStore) throws -> Snapshot {
    if let number = options.snapshot { return try store.snapshot(number) }
    guard let newest = try store.snapshots().last else {
      throw JobError(
        .notThere,
        "\(folder): there is no snapshot in the store yet",
        remedy: "Run 'kscmirror sync' first."
      )
    }
    return newest
  }

  /// A bundle of a run that ended with errors lacks something; one made in spite of a later failure is older than its
  /// reader would think.
  private func refuseAfterErrors(_ store: ContentStore, _ snapshot: Snapshot) throws {
    let runs = try store.runs(last: ContentStore.rememberedRuns, job: "sync")
    let culprit =
      options.snapshot == nil
      ? runs.first.flatMap { $0.outcome == .ok ? nil : $0 }
      : runs.first { $0.snapshot == snapshot.number && $0.outcome != .ok }
    guard let culprit else { return }
    let said = culprit.message.split(separator: "\n").first ?? ""
    throw JobError(
      .lastSyncFailed,
      "the \(options.snapshot == nil ? "last sync" : "sync that made this snapshot") ended with errors: \(said)",
      remedy: "Run 'kscmirror sync' again, or pack with --even-after-errors."
    )
  }

  private func description(of snapshot: Snapshot) -> BundleDescription {
    BundleDescription(
      snapshot: snapshot.number,
      created: snapshot.created,
      notes: snapshot.notes,
      treeDigest: snapshot.treeDigest,
      fileCount: snapshot.fileCount,
      totalBytes: snapshot.totalBytes,
      generator: Program.generator
    )
  }

  private var bundleOptions: BundleOptions {
    BundleOptions(
      volumeSize: settings.volumeSize,
      compressionLevel: settings.compressionLevel,
      threads: settings.threads ?? Processors.count,
      overwrite: options.overwrite,
      replace: options.replace
    )
  }
}

extension ListedFile {
  /// A snapshot's file, as a bundle lists it.
  init(_ file: SnapshotFile) {
    self.init(
      path: file.path,
      object: file.object,
      size: file.size,
      source: file.source,
      component: file.component,
      namedBy: file.namedBy ?? ""
    )
  }
}
