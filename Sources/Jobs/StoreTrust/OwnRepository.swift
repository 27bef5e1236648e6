import BundleFormat
import Catalogue
import ContentStore
import FileSystem
import Glibc
import JobCore
import MirrorTypes
import SystemPackage
import Trust

/// The TUF repository that a store signs itself: its metadata as the web store serves it and bundles carry it.
///
/// Files of metadata carry their versions in their names and never change; `timestamp.json` alone does, in one step,
/// when all that it leads to is there.
package struct OwnRepository: InContext {
  package let context: JobContext
  private let root: RootMetadata
  private let keys: OnlineKeys
  private let now: UTCTime

  /// How many old versions of each file stay, for readers that are on their way.
  private static let keptVersions = 3

  /// The root's fingerprint.
  package let fingerprint: Fingerprint
  /// Where the metadata lies.
  package var metadataFolder: FilePath { folders.metadata }
  /// The key that signs the newest state, and labels.
  package var timestampKey: SigningKey { keys[.timestamp] }

  /// Opens the repository of a store; `nil` if the store has no keys.
  ///
  /// - Throws: an error when a key is missing, or there is no root that enough people have signed.
  package init?(_ context: JobContext) throws {
    self.context = context
    now = context.clock.now
    let folders = context.folders
    guard try OnlineKeys.arePresent(in: folders) else { return nil }
    // A new root may have been put in force by a run that did not come to its end.
    _ = try PendingRoot(folders).publish()
    keys = try OnlineKeys(in: folders)
    let path = folders.metadata.appending("root.json")
    let metadata = folders.metadata
    guard let bytes = try FileCache(metadata).load("root.json") else {
      throw JobError(
        .tooFewSignatures,
        "\(path): there is no root yet that enough keys have signed",
        remedy: "Have the others sign \(folders.metadata.appending(PendingRoot.name)) with 'kscmirror keys sign'."
      )
    }
    do throws(TrustError) {
      let trusted = try TrustedMetadata(trustedRoot: bytes, now: .epoch)
      (root, fingerprint) = (trusted.root, trusted.rootFingerprint)
    } catch {
      throw JobError(error, at: metadata.string)
    }
    try refuseForeignKeys()
  }

  /// What was signed last.
  private func state() throws -> RepositoryState {
    RepositoryState(
      in: folders.metadata,
      root: root,
      seen: try NumbersSeen(of: folders.root).metadata,
      now: now
    )
  }

  /// A key that the root does not list signs in vain.
  private func refuseForeignKeys() throws {
    for (role, top) in [(OnlineKeys.Role.targets, TopRole.targets), (.snapshot, .snapshot), (.timestamp, .timestamp)] {
      guard root.keys(of: top).keyIDs.contains(keys[role].id) else {
        throw JobError(
          .keyUnusable,
          "\(folders.key(role.rawValue)): the root does not list this key",
          remedy: "Put the right key back, or make a new one with 'kscmirror keys rotate \(role.rawValue)'."
        )
      }
    }
  }
}

// MARK: - Signing

extension OwnRepository {
  /// The volumes of a bundle, and what else is signed of it.
  package struct VolumesDraft {
    package var volumes: [Volume]
    package var facts: BundleFacts
    /// Packages of this program that ride along.
    package var programs: [CarriedProgram]

    package init(volumes: [Volume], facts: BundleFacts, programs: [CarriedProgram] = []) {
      self.volumes = volumes
      self.facts = facts
      self.programs = programs
    }
  }

  /// A file of metadata that was signed or is still good.
  package struct File {
    package let name: String
    package let bytes: [UInt8]
  }

  /// Signs a snapshot where it is not signed yet, and what has to follow from that.
  ///
  /// - Parameters:
  ///   - snapshot: the snapshot.
  ///   - files: streams its files.
  ///   - volumes: the volumes of a bundle that is being made; `nil` leaves those of the last one.
  /// - Returns: whether anything was signed.
  @discardableResult
  package func sign(
    _ snapshot: Snapshot,
    _ files: ((SnapshotFile) throws -> Void) throws -> Void,
    volumes: VolumesDraft? = nil
  ) throws -> Bool {
    let lock = try StoreLock.metadata.take(in: folders.root)
    defer { withExtendedLifetime(lock) {} }
    let state = try state()
    // What snapshot metadata has listed once, it lists for ever: clients refuse one that lacks it.
    let hasProgram = volumes?.programs.isEmpty == false || state.hasHad(SignedPrograms.role)
    let marks = SigningMarks(
      snapshot,
      targetsKey: keys[.targets].id,
      volumesKey: keys[.volumes].id,
      delegatesProgram: hasProgram
    )
    var writer = Draft(folder: folders.metadata, facts: state.files)
    if !marks.holds(state) || state.isOld(state.targetsExpiry, of: configuration.trust.targets) {
      let version = state.next("targets")
      try writer.add(targets: "targets", try targets(snapshot, files, hasProgram, version: version), version: version)
    }
    if volumes != nil || !marks.holdsVolumes(state) || state.isOld(state.volumesExpiry, of: configuration.trust.targets)
    {
      let version = state.next("volumes")
      try writer.add(targets: "volumes", try self.volumes(volumes, snapshot, version: version), version: version)
    }
    if hasProgram,
      volumes != nil || !marks.holdsProgram(state) || state.isOld(state.programExpiry, of: configuration.trust.targets)
    {
      let version = state.next(SignedPrograms.role)
      let bytes = try programs(volumes?.programs ?? [], version: version)
      try writer.add(targets: SignedPrograms.role, bytes, version: version)
    }
    if writer.isEmpty, !state.isOld(state.timestampExpiry, of: configuration.trust.timestamp), state.isWhole {
      return false
    }
    let snapshotFacts = try addSnapshot(to: &writer, marks, state)
    try addTimestamp(to: &writer, snapshotFacts, version: state.next("timestamp"))
    try writer.commit()
    try removeOldVersions()
    return true
  }

  /// Signs a snapshot of a store where it is not signed yet.
  package func publish(_ snapshot: Snapshot, of store: ContentStore) throws {
    try sign(snapshot, { take in try store.forEachFile(in: snapshot.number) { try take($0) } })
  }

  /// Version and expiry of the newest state.
  package func timestampHeader() throws -> MetadataHeader {
    let state = try state()
    return MetadataHeader(version: state.lastTimestamp, expires: state.timestampExpiry)
  }

  /// Whether a state ceases to be good so soon that it should be signed again.
  package func isOld(_ header: MetadataHeader) -> Bool {
    header.expires.seconds(since: now) < configuration.trust.timestamp / 2
  }

  private func header(_ version: Int, _ lifetime: Int64) -> MetadataHeader {
    MetadataHeader(version: version, expires: now.adding(seconds: lifetime))
  }

  private func targets(
    _ snapshot: Snapshot,
    _ files: ((SnapshotFile) throws -> Void) throws -> Void,
    _ hasProgram: Bool,
    version: Int
  ) throws -> [UInt8] {
    let key = MetadataMaker.RoleDraft(keys[.volumes])
    var delegations = [MetadataMaker.DelegationDraft(name: BundleFacts.role, paths: ["volumes/*"], keys: key)]
    if hasProgram { delegations.append(.init(name: SignedPrograms.role, paths: SignedPrograms.paths, keys: key)) }
    var listed: [TargetFile] = []
    listed.reserveCapacity(snapshot.fileCount)
    try files { listed.append(TargetFile($0)) }
    var metadata = try MetadataMaker.targets(
      header(version, configuration.trust.targets),
      listed,
      delegations: delegations,
      extensions: [SignedSnapshot.field: .object(SignedSnapshot(snapshot).object)]
    )
    try metadata.sign(with: keys[.targets])
    return metadata.serialized
  }

  private func volumes(_ draft: VolumesDraft?, _ snapshot: Snapshot, version: Int) throws -> [UInt8] {
    var metadata = try MetadataMaker.targets(
      header(version, configuration.trust.targets),
      (draft?.volumes ?? []).map(TargetFile.init),
      extensions: [
        SignedSnapshot.field: .object((draft?.facts ?? BundleFacts(site: nil, snapshot: snapshot.number)).object)
      ]
    )
    try metadata.sign(with: keys[.volumes])
    return metadata.serialized
  }

  private func programs(_ programs: [CarriedProgram], version: Int) throws -> [UInt8] {
    var metadata = try MetadataMaker.targets(
      header(version, configuration.trust.targets),
      programs.map(SignedPrograms.target)
    )
    try metadata.sign(with: keys[.volumes])
    return metadata.serialized
  }

  private func addSnapshot(
    to writer: inout Draft,
    _ marks: SigningMarks,
    _ state: RepositoryState
  ) throws -> MetadataFileFacts {
    if writer.isEmpty, state.isWhole, !state.isOld(state.snapshotExpiry, of: configuration.trust.targets),
      let facts = state.snapshotFacts
    {
      return facts
    }
    let version = state.next("snapshot")
    var object = marks.object
    let roles = [
      ("targets", state.targetsExpiry), ("volumes", state.volumesExpiry), (SignedPrograms.role, state.programExpiry),
    ]
    for (role, expiry) in roles where writer.facts["\(role).json"] != nil {
      let isNew = writer.has(role)
      object["\(role)-expires"] = .string((isNew ? now.adding(seconds: configuration.trust.targets) : expiry).text)
    }
    var metadata = MetadataMaker.snapshot(
      header(version, configuration.trust.targets),
      files: writer.facts,
      extensions: [SignedSnapshot.field: .object(object)]
    )
    try metadata.sign(with: keys[.snapshot])
    let bytes = metadata.serialized
    try writer.add("snapshot", bytes, version: version)
    return MetadataFileFacts(version: version, of: bytes)
  }

  private func addTimestamp(to writer: inout Draft, _ snapshot: MetadataFileFacts, version: Int) throws {
    var metadata = MetadataMaker.timestamp(header(version, configuration.trust.timestamp), snapshot: snapshot)
    try metadata.sign(with: keys[.timestamp])
    writer.timestamp = metadata.serialized
  }
}

// MARK: - Files

extension OwnRepository {
  /// Files that were made and are not yet there.
  private struct Draft {
    let folder: FilePath
    /// The targets metadata that belongs to the state, by file name.
    private(set) var facts: [String: MetadataFileFacts]
    var timestamp: [UInt8]?
    private var made: Set<String> = []

    init(folder: FilePath, facts: [String: MetadataFileFacts]) {
      self.folder = folder
      self.facts = facts
    }

    var isEmpty: Bool { made.isEmpty }

    func has(_ role: String) -> Bool { made.contains(role) }

    /// Writes the metadata of a targets role.
    mutating func add(targets role: String, _ bytes: [UInt8], version: Int) throws {
      facts["\(role).json"] = MetadataFileFacts(version: version, of: bytes)
      try add(role, bytes, version: version)
    }

    mutating func add(_ role: String, _ bytes: [UInt8], version: Int) throws {
      made.insert(role)
      try Files.replace(folder.appending("\(version).\(role).json"), with: bytes)
    }

    /// Makes all of it the newest state, in one step.
    func commit() throws {
      guard let timestamp else { return }
      try Files.replace(folder.appending("timestamp.json"), with: timestamp)
    }
  }

  /// The files of the newest state, for a bundle: all roots, and what the timestamp leads to.
  package func files() throws -> [File] {
    let state = try state()
    var names = (1...root.header.version).map { "\($0).root.json" }
    names += state.files.map { "\($0.value.version).\($0.key)" }.sorted()
    if let snapshot = state.snapshotFacts { names.append("\(snapshot.version).snapshot.json") }
    names.append("timestamp.json")
    return try names.compactMap { name in
      // Roots from before this store's time are not there.
      try FileCache(folders.metadata).load(name).map { File(name: name, bytes: $0) }
    }
  }

  private func removeOldVersions() throws(FileError) {
    var versions: [String: [Int]] = [:]
    for entry in try Files.entries(of: folders.metadata) {
      guard let (version, role) = RepositoryState.parts(of: entry.name), role != "root" else { continue }
      versions[role, default: []].append(version)
    }
    for (role, numbers) in versions {
      for version in numbers.sorted().dropLast(Self.keptVersions) {
        try Files.remove(folders.metadata.appending("\(version).\(role).json"))
      }
    }
  }
}
