import Bundle
import ContentStore
import Crypto
import FileSystem
import MirrorTypes
import SystemPackage

/// Verifies a bundle and publishes what it holds, all at once. The medium is only read.
///
/// 1. Find the bundle; see that all its parts are there and that it is not older than what is here.
/// 2. Read its listing; see that there is room for what is new.
/// 3. Read each volume once: its digest and every object's digest are checked while the objects go into the store.
/// 4. Only when all is verified: seal the snapshot, and publish it by one rename.
public struct ImportJob: Sendable {
  /// What a person chooses for one run.
  public struct Options: Sendable {
    /// The snapshot to import, if several bundles are there; `nil` is the newest.
    public var snapshot: Int?
    /// Whether a bundle that is older than what is here is imported.
    public var allowOlder: Bool
    /// Whether only to verify.
    public var dryRun: Bool

    /// A choice.
    public init(snapshot: Int? = nil, allowOlder: Bool = false, dryRun: Bool = false) {
      self.snapshot = snapshot
      self.allowOlder = allowOlder
      self.dryRun = dryRun
    }
  }

  private let folder: FilePath
  private let path: FilePath
  private let options: Options
  private let reporter: any JobReporter

  /// A job that imports the bundle at `path` (a folder, or a file of the bundle) into the store in the folder `store`.
  public init(store: FilePath, path: FilePath, options: Options = Options(), reporter: any JobReporter) {
    folder = store
    self.path = path
    self.options = options
    self.reporter = reporter
  }

  /// Imports the bundle.
  ///
  /// - Throws: ``JobError``; what is published stays as it was then.
  public func run() throws(JobError) -> ImportReport {
    let bundle = try chosenBundle()
    try refuseIncomplete(bundle)
    if options.dryRun { return try verifyOnly(bundle) }
    let store = try translatingErrors { try ContentStore.open(folder, access: .writing, create: true) }
    reporter.reportRepairs(of: store)
    let record = RunRecord(job: "import")
    do throws(JobError) {
      let report = try importing(bundle, into: store)
      let message = "snapshot \(report.snapshot) from \(bundle.manifestName)"
      try record.finish(in: store, outcome: .ok, message: message, snapshot: report.snapshot)
      return report
    } catch {
      try? record.finish(in: store, outcome: .failed, message: error.message, snapshot: nil)
      throw error
    }
  }

  private func importing(_ bundle: BundleReader, into store: ContentStore) throws(JobError) -> ImportReport {
    let manifest = bundle.manifest
    let isHere = try isHere(manifest, in: store)
    let objects = try objects(of: bundle) { try store.contains($0) }
    if !objects.missing.isEmpty {
      try refuseWithoutRoom(for: objects.missing, files: manifest.fileCount)
      try readVolumes(of: bundle, objects, into: store)
      try translatingErrors { try store.commitObjects() }
    }
    reporter.report(.phase("publishing snapshot \(manifest.snapshot)"))
    return try translatingErrors {
      if !isHere {
        _ = try store.seal(SnapshotHeader(importing: bundle)) { add in
          try bundle.forEachListed { file in try add(SnapshotFile(file, from: bundle)) }
        }
      }
      _ = try store.publish(manifest.snapshot)
      return ImportReport(
        manifest,
        outcome: isHere ? .same : .published,
        newObjects: objects.missing.count,
        newBytes: objects.missing.values.reduce(0, +)
      )
    }
  }
}

// MARK: - Before the first byte

extension ImportJob {
  private func chosenBundle() throws(JobError) -> BundleReader {
    let bundles = try translatingErrors { try BundleReader.find(at: path) }
    if let number = options.snapshot {
      guard let bundle = bundles.last(where: { $0.manifest.snapshot == number }) else {
        let found = bundles.map { "\($0.manifest.snapshot)" }.joined(separator: ", ")
        throw JobError(.notThere, "\(path): there is no bundle of snapshot \(number); there are: \(found)")
      }
      return bundle
    }
    guard let newest = bundles.last else {
      throw JobError(.notABundle, "\(path): there is no bundle here", remedy: "Name the folder that 'pack' wrote to.")
    }
    if bundles.count > 1 {
      reporter.information(
        "several-bundles",
        "\(path): \(bundles.count) bundles; taking the newest, snapshot \(newest.manifest.snapshot)"
      )
    }
    return newest
  }

  private func refuseIncomplete(_ bundle: BundleReader) throws(JobError) {
    let missing = try translatingErrors { try bundle.parts().filter { $0.state != .present } }
    guard let first = missing.first else { return }
    let names = missing.map(\.name).joined(separator: ", ")
    throw JobError(
      .incompleteBundle,
      "\(bundle.folder): \(missing.count == 1 ? "a part of the bundle is" : "parts of the bundle are") \(first.state.rawValue): \(names)",
      remedy: "Copy the whole bundle from the connected side again; nothing was changed here."
    )
  }

  /// Whether the very same snapshot is here already; an older one is refused.
  private func isHere(_ manifest: BundleManifest, in store: ContentStore) throws(JobError) -> Bool {
    let snapshots = try translatingErrors { try store.snapshots() }
    if let here = snapshots.first(where: { $0.number == manifest.snapshot }) {
      guard here.treeDigest == manifest.treeDigest else {
        throw JobError(
          .olderBundle,
          "snapshot \(manifest.snapshot) is here already, and holds something else: this bundle comes from another store",
          remedy: "Import it into a store of its own with --store."
        )
      }
      return true
    }
    if let newest = snapshots.last, newest.number > manifest.snapshot, !options.allowOlder {
      throw JobError(
        .olderBundle,
        "the bundle holds snapshot \(manifest.snapshot), which is older than snapshot \(newest.number) here",
        remedy: "Take a newer bundle; to go back on purpose, use 'kscmirror rollback' or import with --allow-older."
      )
    }
    return false
  }

  /// The objects that the listing names.
  private func objects(
    of bundle: BundleReader,
    has: (ObjectDigest) throws -> Bool
  ) throws(JobError) -> BundleObjects {
    try translatingErrors {
      var objects = BundleObjects()
      try bundle.forEachListed { file in
        guard objects.sizes.updateValue(file.size, forKey: file.object) == nil else { return }
        if try !has(file.object) { objects.missing[file.object] = file.size }
      }
      return objects
    }
  }

  private func refuseWithoutRoom(for missing: [ObjectDigest: Int64], files: Int) throws(JobError) {
    let free = try translatingErrors { try FreeSpace(at: folder) }
    let block: Int64 = 4096
    let needed = missing.values.reduce(0) { $0 + ($1 + block - 1) / block * block }
    if needed > free.bytes {
      throw JobError(
        .noSpace,
        "\(folder): the new objects need \(needed) bytes, and \(free.bytes) are free",
        remedy: "Make room, for example with 'kscmirror prune', and import again; nothing was changed."
      )
    }
    if let inodes = free.inodes, Int64(missing.count) > inodes {
      throw JobError(
        .noSpace,
        "\(folder): \(missing.count) new files are needed, and the file system has \(inodes) inodes left",
        remedy: "Make room, and import again; nothing was changed."
      )
    }
  }
}

// MARK: - Volumes

extension ImportJob {
  /// Reads all volumes once, and takes the objects that are missing here into the store.
  private func readVolumes(
    of bundle: BundleReader,
    _ objects: BundleObjects,
    into store: ContentStore
  ) throws(JobError) {
    var missing = Set(objects.missing.keys)
    try readVolumes(of: bundle, objects) { object in
      guard missing.remove(object) != nil else { return nil }
      return StoreSink(try store.writer())
    }
    guard let object = missing.first else { return }
    throw JobError(
      .damagedBundle,
      "\(bundle.manifestName): object \(object) is named by the listing and lies in no volume",
      remedy: "Make the bundle again on the connected side; nothing was published here."
    )
  }

  /// Reads all volumes once, and writes nothing.
  private func verifyOnly(_ bundle: BundleReader) throws(JobError) -> ImportReport {
    let objects = try objects(of: bundle) { _ in false }
    var unseen = Set(objects.missing.keys)
    try readVolumes(of: bundle, objects) { object in
      unseen.remove(object)
      return DigestSink()
    }
    guard unseen.isEmpty else {
      throw JobError(.damagedBundle, "\(bundle.manifestName): \(unseen.count) objects lie in no volume")
    }
    return ImportReport(bundle.manifest, outcome: .verified)
  }

  private func readVolumes(
    of bundle: BundleReader,
    _ objects: BundleObjects,
    begin: (ObjectDigest) throws -> (any BundleObjectSink)?
  ) throws(JobError) {
    reporter.report(.phase("verifying \(bundle.manifestName)"))
    let total = bundle.manifest.volumes.reduce(0) { $0 + $1.size }
    try translatingErrors {
      try bundle.readVolumes(sizes: { objects.sizes[$0] }, begin: begin) {
        reporter.report(.progress(JobProgress(bytes: $0, totalBytes: total)))
      }
    }
  }
}

/// The objects that a bundle's listing names, each once.
private struct BundleObjects {
  /// All of them, with their sizes.
  var sizes: [ObjectDigest: Int64] = [:]
  /// Those that the store does not have.
  var missing: [ObjectDigest: Int64] = [:]
}

/// Takes an object into a store: the joint between Bundle and ContentStore.
private final class StoreSink: BundleObjectSink {
  private let writer: ObjectWriter

  init(_ writer: ObjectWriter) { self.writer = writer }

  func append(_ bytes: UnsafeRawBufferPointer) throws { try writer.append(bytes) }
  func finish() throws -> ObjectDigest { try writer.finish().digest }
}

/// Only computes an object's digest.
private final class DigestSink: BundleObjectSink {
  private var hash = SHA256()

  func append(_ bytes: UnsafeRawBufferPointer) { hash.update(bufferPointer: bytes) }

  func finish() throws -> ObjectDigest {
    guard let digest = ObjectDigest(bytes: hash.finalize()) else { throw JobError(.software, "SHA-256 failed") }
    return digest
  }
}

extension SnapshotHeader {
  /// The header of a bundle's snapshot: number, date and digest as on the connected side.
  fileprivate init(importing bundle: BundleReader) {
    self.init(
      number: bundle.manifest.snapshot,
      created: bundle.manifest.created,
      origin: .imported(bundle: bundle.manifestName),
      notes: bundle.manifest.notes,
      treeDigest: bundle.manifest.treeDigest
    )
  }
}

extension SnapshotFile {
  /// A file of a bundle, as the snapshot has it.
  fileprivate init(_ file: ListedFile, from bundle: BundleReader) {
    self.init(
      path: file.path,
      object: file.object,
      size: file.size,
      source: file.source,
      component: file.component,
      namedBy: file.namedBy.isEmpty ? nil : file.namedBy,
      origin: bundle.manifestName,
      fetched: bundle.manifest.created
    )
  }
}
