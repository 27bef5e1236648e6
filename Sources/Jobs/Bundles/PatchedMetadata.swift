import BundleFormat
import ContentStore
import FileSystem
import JobCore
import MirrorTypes
import StoreTrust
import Trust

/// The metadata of a bundle. The list of files of an incremental one is a patch against the list of the snapshot that it
/// builds on.
package struct PatchedMetadata: MetadataSource {
  /// What the name of a patched list ends in.
  package static let suffix = ".patch"

  /// The store in which the snapshot is looked for that an incremental bundle builds on; `nil`: nowhere.
  let store: ContentStore?
  let reader: BundleReader

  package func metadata(named name: String, atMost limit: Int) async throws -> [UInt8]? {
    let folder = MetadataFolder(reader.metadata)
    if let plain = try folder.metadata(named: name, atMost: limit) { return plain }
    guard name.hasSuffix(".targets.json"),
      let patch = try folder.metadata(named: name + Self.suffix, atMost: limit)
    else { return nil }
    let base = try BundleClaims(reader).base(in: store, of: reader)
    do throws(BundleError) {
      return try DocumentPatch.apply(patch, to: base, atMost: limit)
    } catch {
      throw TrustError.malformed(file: name + Self.suffix, MetadataProblem("\(error)"))
    }
  }
}

/// What a bundle says of itself, before anything of it is verified: good for choosing what to look at, and for saying
/// no, never for saying yes.
package struct BundleClaims {
  /// The site that it claims to be for, if for one.
  package let site: String?
  /// What it claims to build on.
  package let base: BundleFacts.Base?

  private static let mostBytes = 16 << 20

  /// Reads the newest list of volumes.
  ///
  /// - Throws: an error when there is none, or when it is not what kscmirror writes.
  package init(_ reader: BundleReader) throws {
    let names = try reader.metadata.entries().map(\.name)
    let newest = names.compactMap(RepositoryState.parts).filter { $0.role == "volumes" }.map(\.version).max()
    let name = "\(newest ?? 1).volumes.json"
    guard let bytes = try MetadataFolder(reader.metadata).metadata(named: name, atMost: Self.mostBytes) else {
      throw JobError(.damagedBundle, "\(reader.metadata): there is no list of volumes")
    }
    do {
      let facts = try BundleFacts(TargetsMetadata(SignedMetadata(parsing: bytes).signed), at: "\(reader.folder)")
      site = facts.site
      base = facts.base
    } catch let error as MetadataProblem {
      throw JobError(.damagedBundle, "\(reader.metadata.appending(name)): \(error)")
    }
  }

  /// The list of the files of the snapshot that the bundle builds on.
  ///
  /// - Throws: an error with ``ExitStatus/gap`` when it is not here.
  func base(in store: ContentStore?, of reader: BundleReader) throws -> [UInt8] {
    guard let base else {
      throw JobError(.damagedBundle, "\(reader.folder): its list of files is a patch, but it builds on no snapshot")
    }
    let snapshots = try store?.snapshots() ?? []
    guard let store, snapshots.contains(where: { $0.number == base.number && $0.treeDigest == base.treeDigest }) else {
      throw Gap(base: base, snapshots: snapshots.map(\.number)).error(for: reader)
    }
    return try BaseListing.bytes(of: base.number, in: store)
  }
}

/// A snapshot that an incremental bundle needs, and this store does not have.
package struct Gap {
  package let base: BundleFacts.Base
  package let snapshots: [Int]

  package init(base: BundleFacts.Base, snapshots: [Int]) {
    self.base = base
    self.snapshots = snapshots
  }

  /// The error, with what would help.
  package func error(for reader: BundleReader) -> JobError {
    let newest = snapshots.max()
    let here =
      snapshots.isEmpty
      ? "nothing was imported here yet"
      : "here \(snapshots.count == 1 ? "is" : "are") \(snapshots.suffix(5).map(String.init).joined(separator: ", "))"
    let name = BundleNames(snapshot: reader.snapshot, base: newest, site: reader.names.site).folder
    let help =
      newest.map {
        "Bring the bundles between, or have one made that fits with 'kscmirror pack --base \($0)' (it will be called \(name)); 'kscmirror pack --full' always fits."
      } ?? "Have a full bundle made with 'kscmirror pack --full'."
    return JobError(
      .gap,
      "\(reader.folder): this bundle builds on snapshot \(base.number)\(snapshots.contains(base.number) ? ", of which here is another one of the same number" : ""), which is not here: \(here)",
      remedy: "\(help) Nothing was changed here."
    )
  }
}
