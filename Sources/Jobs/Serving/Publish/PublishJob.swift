import ContentStore
import FileSystem
import JobCore
import Journal
import MirrorConfiguration
import MirrorTypes
import ObjectBucket
import Releases
import SystemPackage
import WebStore

/// Puts the current release into a bucket: objects that are not there yet, the manifest, and last the pointer.
package struct PublishJob: Sendable, InContext {
  /// What is done beside that.
  package struct Options: Sendable {
    /// Whether nothing is sent or removed, but told.
    package var dryRun = false
    /// Whether old releases are removed from the bucket.
    package var prunes = false
    /// How many objects are read back and compared, in percent; `nil`: none.
    package var verifies: Int?
    /// Where nginx's map of paths to keys is written.
    package var nginxMap: FilePath?

    /// The defaults.
    package init() {}
  }

  package let context: JobContext
  private let settings: PublishSettings
  private let options: Options
  private let layout: BucketLayout
  private let workers: BucketWorkers

  /// A job on the store and the bucket of a configuration.
  ///
  /// - Throws: an error where the configuration has no bucket, or there are no credentials.
  package init(_ context: JobContext, _ options: Options) throws {
    let configuration = context.configuration
    guard let settings = configuration.publish else {
      throw JobError(
        .configuration,
        "\(configuration.file): there is no [publish]",
        remedy: "Name the endpoint and the bucket there; see kscmirror.toml(5)."
      )
    }
    guard let layout = BucketLayout(prefix: settings.prefix) else {
      throw JobError(
        .configuration,
        "\(configuration.file): 'prefix' in [publish] has to be letters, digits, '-', '_' and '.', with '/' between"
      )
    }
    self.context = context
    self.settings = settings
    self.options = options
    self.layout = layout
    let credentials = try BucketCredentials.find(settings.credentialsFile)
    workers = try BucketWorkers(settings, credentials, context.transports)
  }

  /// Publishes.
  ///
  /// - Throws: an error; the bucket's pointer then leads where it led before, or to this release.
  package func run() async throws -> PublishReport {
    // Two at once could leave the older release as the current one, or remove what the other is about to name.
    let lock = options.dryRun ? nil : try StoreLock.publish.take(in: folder)
    defer { withExtendedLifetime(lock) {} }
    let store = try ContentStore.open(folder, access: .reading)
    let standing = try Standing(of: store)
    if let missing = standing.missing { reporter.warning("not-finished", UnfinishedPublication.text(missing)) }
    standing.warn(reporter)
    let manifest = try Self.manifest(store)
    let client = workers.first
    reporter.report(.phase("looking at what the bucket has"))
    let before = try await client.get(layout.pointer, atMost: ReleasePointer.maximumBytes)
    let held = try await client.list(layout.objects)
    let missing = manifest.objects.filter { held[layout.key(of: $0.key)] != $0.value }
    var report = PublishReport(manifest, missing, dryRun: options.dryRun)
    if !options.dryRun {
      let pointer = try self.pointer(to: manifest)
      report.switched = pointer.bytes != before
      if report.switched {
        try await publish(missing, manifest, pointer, store, report)
      } else {
        try await upload(missing, manifest, store)
      }
      try writeMap(manifest)
    }
    if options.prunes { try await prune(manifest, &report) }
    if let percent = options.verifies, !options.dryRun { report.verified = try await verify(manifest, percent) }
    return report
  }

  private static func manifest(_ store: ContentStore) throws -> ReleaseManifest {
    let release = try store.published()
    var entries: [ReleaseManifest.Entry] = []
    try store.forEachFile(in: release.number) { file in
      let type = MediaType.of(path: file.path.string)
      entries.append(.init(path: file.path, object: file.object, size: file.size, type: type))
    }
    entries.sort { $0.path.string.utf8.lexicographicallyPrecedes($1.path.string.utf8) }
    return ReleaseManifest(number: release.number, entries: entries)
  }

  // MARK: - The steps

  private func upload(
    _ missing: [ObjectDigest: Int64],
    _ manifest: ReleaseManifest,
    _ store: ContentStore
  ) async throws {
    guard !missing.isEmpty else { return }
    reporter.report(.phase("sending \(Words.count(missing.count, "object"))"))
    let types = Dictionary(manifest.entries.map { ($0.object, $0.type) }) { first, _ in first }
    let layout = layout
    try await workers.forEach(missing.sorted { $0.key.hex < $1.key.hex }, reporter) { client, object in
      try await client.put(
        .file(store.path(of: object.key), size: object.value),
        as: layout.key(of: object.key),
        digest: object.key,
        type: types[object.key] ?? "application/octet-stream",
        cacheControl: Self.forEver
      )
      return object.value
    }
    // What a store says that it took, it also has to have.
    let held = try await workers.first.list(layout.objects)
    for (object, size) in missing where held[layout.key(of: object)] != size {
      throw BucketError.wrongContent(
        key: layout.key(of: object),
        "the store took it, but does not list it as it was sent"
      )
    }
  }

  private func publish(
    _ missing: [ObjectDigest: Int64],
    _ manifest: ReleaseManifest,
    _ pointer: ReleasePointer,
    _ store: ContentStore,
    _ report: PublishReport
  ) async throws {
    let beginning = AuditNote.publish("the publication of release \(report.release) to \(place)", report, to: place)
    try await audit.noting(beginning) { _ in
      try await upload(missing, manifest, store)
      try await switchOver(to: manifest, pointer)
      return ((), .publish("release \(report.release) was published to \(place)", report, to: place))
    }
  }

  private func pointer(to manifest: ReleaseManifest) throws -> ReleasePointer {
    let bytes = manifest.bytes
    let digest = ObjectDigest.sha256(of: bytes)
    let key = layout.key(ofRelease: manifest.number, manifest: digest)
    return ReleasePointer(release: manifest.number, manifest: key, digest: digest, size: bytes.count)
  }

  /// Writes the manifest, then the pointer.
  private func switchOver(to manifest: ReleaseManifest, _ next: ReleasePointer) async throws {
    let client = workers.first
    let bytes = manifest.bytes
    let (key, digest) = (next.manifest, ObjectDigest.sha256(of: bytes))
    let pointer = next.bytes
    try await client.put(.bytes(bytes), as: key, digest: digest, type: "text/plain", cacheControl: Self.forEver)
    try await client.verify(key, digest, size: Int64(bytes.count))
    try await client.put(
      .bytes(pointer),
      as: layout.pointer,
      digest: ObjectDigest.sha256(of: pointer),
      type: "application/json",
      cacheControl: "no-cache"
    )
    guard try await client.get(layout.pointer, atMost: ReleasePointer.maximumBytes) == pointer else {
      throw BucketError.wrongContent(key: layout.pointer, "it is not what was just written there")
    }
  }

  /// The bucket and the prefix in it, for the journal.
  private var place: String { "\(settings.endpoint)/\(settings.bucket)/\(layout.prefix)" }

  private func writeMap(_ manifest: ReleaseManifest) throws {
    guard let file = options.nginxMap else { return }
    try Files.replace(file, with: try NginxMap.bytes(of: manifest, layout, WebBucketTransport.place(settings).base))
  }

  private func prune(_ manifest: ReleaseManifest, _ report: inout PublishReport) async throws {
    guard let plan = try await prunePlan(manifest) else { return }
    (report.prunedReleases, report.prunedObjects) = (plan.manifests.count, plan.objects.count)
    guard !options.dryRun, report.prunedReleases + report.prunedObjects > 0 else { return }
    reporter.report(.phase("removing what no release in the bucket needs"))
    let what = "\(Words.count(report.prunedReleases, "release")) and \(Words.count(report.prunedObjects, "object"))"
    let beginning = AuditNote(.prune, "the removal of \(what) from \(place)")
    try await audit.noting(beginning) { _ in
      try await workers.forEach(plan.objects + plan.manifests, reporter) { client, key in
        try await client.remove(key)
        return 0
      }
      return ((), AuditNote(.prune, "\(what) were removed from \(place)"))
    }
  }

  /// What can go; `nil` where nothing was published yet, in a dry run.
  private func prunePlan(_ manifest: ReleaseManifest) async throws -> PrunePlan? {
    let client = workers.first
    guard let bytes = try await client.get(layout.pointer, atMost: ReleasePointer.maximumBytes) else {
      guard options.dryRun else { throw BucketError.noObject(layout.pointer) }
      return nil
    }
    guard let pointer = ReleasePointer(reading: bytes, layout) else {
      throw BucketError.malformed(key: layout.pointer, "it is not a pointer of kscmirror's: nothing is removed")
    }
    let releases = try await client.list(layout.releases)
    // What is on its way into this release stays, whatever else is there.
    var named = Set(manifest.objects.keys)
    for (key, size) in releases { named.formUnion(try await objects(named: key, size)) }
    guard releases[pointer.manifest] != nil else { throw BucketError.noObject(pointer.manifest) }
    let keys = Array(releases.keys) + (try await client.list(layout.objects)).keys
    return PrunePlan(keys: keys, keeping: settings.keep, current: pointer.manifest, named: named, layout)
  }

  /// What a manifest in the bucket names. One that is not what its key says stops the pruning.
  private func objects(named key: String, _ size: Int64) async throws -> Dictionary<ObjectDigest, Int64>.Keys {
    guard let release = layout.release(at: key) else { return [ObjectDigest: Int64]().keys }
    guard size <= ReleaseManifest.maximumBytes, let bytes = try await workers.first.get(key, atMost: Int(size)),
      ObjectDigest.sha256(of: bytes) == release.manifest, let manifest = ReleaseManifest(reading: bytes)
    else { throw BucketError.wrongContent(key: key, "it is not the manifest that its name says: nothing is removed") }
    return manifest.objects.keys
  }

  private func verify(_ manifest: ReleaseManifest, _ percent: Int) async throws -> Int {
    reporter.report(.phase("reading the bucket's objects back"))
    var randomness = context.randomness
    let all = Array(manifest.objects).shuffled(using: &randomness)
    let chosen = Array(all.prefix((all.count * percent + 99) / 100))
    let layout = layout
    try await workers.forEach(chosen, reporter) { client, object in
      try await client.verify(layout.key(of: object.key), object.key, size: object.value)
      return object.value
    }
    return chosen.count
  }

  private static let forEver = "public, max-age=31536000, immutable"
}

/// What a publishing did, or would do.
package struct PublishReport: Sendable, Encodable {
  /// The release.
  package let release: Int
  /// How many files it has.
  package let files: Int
  /// How many objects were sent, or would be.
  package let objects: Int
  /// Their bytes.
  package let bytes: Int64
  /// Whether this was a dry run: nothing was done.
  package let dryRun: Bool
  /// Whether the bucket's pointer was moved.
  package internal(set) var switched = false
  /// How many releases were removed from the bucket.
  package internal(set) var prunedReleases = 0
  /// How many objects were removed from the bucket.
  package internal(set) var prunedObjects = 0
  /// How many objects were read back and found right.
  package internal(set) var verified = 0

  init(_ manifest: ReleaseManifest, _ missing: [ObjectDigest: Int64], dryRun: Bool) {
    release = manifest.number
    files = manifest.entries.count
    objects = missing.count
    bytes = missing.values.totalBytes { $0 }
    self.dryRun = dryRun
  }
}
