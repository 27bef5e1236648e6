import BundleFormat
import ContentStore
import Failures
import FileSystem
import JobCore
import MirrorTypes
import StoreTrust
import SystemPackage
import Trust

/// Tells what bundles lie somewhere, without unpacking them.
package struct InspectJob: Sendable, InContext {
  package let context: JobContext
  private let path: FilePath

  /// A job on a folder with bundles, or on something in one. The root that the context's store trusts decides whether
  /// they can be trusted; the store need not be there.
  package init(_ context: JobContext, path: FilePath) {
    self.context = context
    self.path = path
  }

  /// Looks at metadata, labels, names and sizes only.
  ///
  /// - Throws: an error when there is no bundle, or none that can be read.
  package func run() async throws -> InspectReport {
    let readers = try BundleReader.find(at: path)
    guard !readers.isEmpty else { throw JobError(.notABundle, "\(path): there is no bundle here") }
    var bundles: [InspectReport.BundleFacts] = []
    var failures: [JobError] = []
    for reader in readers {
      // One that cannot be read keeps nobody from seeing the others.
      do { bundles.append(try await inspect(reader)) } catch { failures.append(JobError(error)) }
    }
    guard let first = failures.first else { return InspectReport(bundles: bundles, status: nil) }
    for failure in bundles.isEmpty ? failures.dropFirst() : failures[...] {
      reporter.error("bundle-unreadable", failure.description)
    }
    if bundles.isEmpty { throw first }
    return InspectReport(bundles: bundles, status: first.status)
  }

  private func inspect(_ reader: BundleReader) async throws -> InspectReport.BundleFacts {
    let folders = StoreFolders(folder)
    let store = try? ContentStore.open(folder, access: .reading)
    var problem: String?
    var isTrusted = false
    for trusted in [folders.trust, folders.metadata] {
      let cache = FileCache(trusted, keeping: StoreFolders.keptMetadata)
      guard (try? cache.load("root.json")) ?? nil != nil else { continue }
      do {
        // What is older than what was trusted before can still be looked at.
        let bundle = try await VerifiedBundle.open(reader, store: store, cache: PendingCache(rootOnly: cache), clock)
        try bundle.checkLabel()
        isTrusted = true
        return try InspectReport.BundleFacts(bundle, store: folder, isTrusted: true, problem: nil)
      } catch {
        problem = JobError(error).message
      }
    }
    let claimed = try await VerifiedBundle.open(
      reader,
      store: store,
      cache: PendingCache(claimed: reader),
      clock,
      expiry: .tolerated
    )
    return try InspectReport.BundleFacts(
      claimed,
      store: folder,
      isTrusted: isTrusted,
      problem: problem ?? "no root is trusted here, so this is only what the bundle claims"
    )
  }
}

extension PendingCache {
  /// Only the root that another cache has.
  fileprivate init(rootOnly cache: FileCache) throws {
    self.init(FileCache(cache.folder.appending(".nothing"), keeping: []), keepsRoot: false)
    let root = try cache.load("root.json")
    if let root { try save("root.json", root) }
  }

  /// The first root that a bundle brings itself: good for looking, not for trusting.
  fileprivate init(claimed reader: BundleReader) throws {
    self.init(FileCache("/nonexistent", keeping: []), keepsRoot: false)
    let isThere = try reader.metadata.status()?.kind == .folder
    let names = isThere ? try reader.metadata.entries().map(\.name) : []
    let roots = names.compactMap(RepositoryState.parts).filter { $0.role == "root" }.map(\.version)
    guard let first = roots.min() else {
      throw JobError(.damagedBundle, "\(reader.metadata): there is no root metadata")
    }
    let root = try MetadataFolder(reader.metadata).metadata(named: "\(first).root.json", atMost: MetadataLimits().root)
    if let root { try save("root.json", root) }
  }
}

/// What bundles lie somewhere.
package struct InspectReport: Sendable, Encodable {
  /// The bundles, oldest snapshot first.
  package let bundles: [BundleFacts]
  /// How a command ends that has met what is there.
  package let status: ExitStatus

  private enum CodingKeys: String, CodingKey { case bundles }

  /// - Parameter failure: the status of the first bundle that could not be read, if there was one.
  fileprivate init(bundles: [BundleFacts], status failure: ExitStatus?) {
    self.bundles = bundles
    status = failure ?? (bundles.allSatisfy(\.isComplete) ? .success : .incompleteBundle)
  }

  /// One bundle.
  package struct BundleFacts: Sendable, Encodable {
    /// The bundle's folder.
    package let bundle: String
    /// Whether its signatures lead to the root that is trusted in the store, and its label is whole.
    package let isTrusted: Bool
    /// Why it is not trusted.
    package let problem: String?
    /// The site that it is for, if for one.
    package let site: String?
    /// The snapshot.
    package let snapshot: Int
    /// `full`, or against what it is incremental.
    package let kind: String
    /// When the snapshot was sealed.
    package let created: UTCTime
    /// The date of its databases, by their indexes; `nil` where it is not known.
    package let indexDate: UTCTime?
    /// The version of the metadata: what `--accept-expired` wants.
    package let version: Int
    /// When it expires.
    package let expires: UTCTime
    /// The fingerprint of its root, in groups.
    package let root: String
    /// The program that made it.
    package let generator: String
    /// How many files the snapshot has.
    package let files: Int
    /// The bytes of the snapshot's files.
    package let contentBytes: Int64
    /// The names of the packages of this program that it carries.
    package let programs: [String]
    /// The volumes.
    package let volumes: [Volume]
    /// Whether all volumes are there, or in the store, or can be rebuilt.
    package let isComplete: Bool

    init(_ verified: VerifiedBundle, store: FilePath, isTrusted: Bool, problem: String?) throws {
      bundle = "\(verified.reader.folder)"
      self.isTrusted = isTrusted
      self.problem = problem
      site = verified.facts.site
      snapshot = verified.snapshot.number
      kind = verified.facts.kind
      created = verified.snapshot.created
      indexDate = SnapshotAge(verified.snapshot.notes).date
      version = verified.header.version
      expires = verified.header.expires
      root = verified.trusted.rootFingerprint.description
      generator = verified.snapshot.generator
      files = verified.snapshot.fileCount
      contentBytes = verified.snapshot.totalBytes
      programs = verified.programs.map(\.package.name)
      let list = verified.volumes + verified.parity
      let both = ((try? verified.withIncoming(of: store)) ?? verified).reader
      let (medium, all) = (try verified.reader.states(of: list), try both.states(of: list))
      volumes = zip(medium, all).map(Volume.init)
      let needed = verified.volumes.count
      isComplete =
        all.prefix(needed).allSatisfy { $0.state == .present } || all.count { $0.state == .present } >= needed
    }
  }

  /// One volume of a bundle.
  package struct Volume: Sendable, Encodable {
    /// Its file's name: as it lies on the medium, or should.
    package let name: String
    /// Its bytes, as the metadata says.
    package let bytes: Int64
    /// Whether it is there.
    package let state: State

    init(medium: BundleReader.VolumeState, all: BundleReader.VolumeState) {
      name = medium.file.text
      bytes = medium.volume.size
      state =
        switch (medium.state, all.state) {
        case (.present, _): .present
        case (_, .present): .kept
        case (_, .missing): .missing
        case (_, .wrongSize): .wrongSize
        case (_, .partly): .partly
        }
    }

    /// Whether a volume is there, by name and size.
    package enum State: String, Sendable, Encodable {
      case present
      case missing
      case wrongSize = "of the wrong size"
      case partly = "there in part"
      case kept = "kept in the store"
    }
  }
}
