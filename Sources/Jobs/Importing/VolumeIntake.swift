import BundleFormat
import Bundles
import Catalogue
import ContentStore
import Crypto
import JobCore
import MirrorTypes
import StoreTrust

/// The objects that a bundle's list of files names, each once.
struct BundleObjects {
  /// All of them, with their sizes.
  private(set) var sizes: [ObjectDigest: Int64] = [:]
  /// Those that the store does not have.
  private(set) var missing: [ObjectDigest: Int64] = [:]

  /// Takes them from the signed list; each path must be one that any file system takes, and differ from the others in
  /// more than case.
  ///
  /// - Parameter has: whether an object is here already.
  init(_ bundle: VerifiedBundle, has: (ObjectDigest) throws -> Bool) throws {
    var likes: [FoldedPath: (path: TreePath, object: ObjectDigest)] = [:]
    likes.reserveCapacity(bundle.targets.count)
    var bytes: Int64 = 0
    for target in bundle.targets {
      let file = try SnapshotFile(target, origin: bundle.reader.name, fetched: .epoch)
      // Of one content, they do no harm, and are sealed on the connected side too.
      if let other = likes.updateValue((file.path, file.object), forKey: file.path.folded), other.object != file.object
      {
        throw JobError(
          .damagedBundle,
          "\(bundle.reader.name): the signed list has two contents of paths that differ in case or in Unicode form only: '\(other.path.spelled)' and '\(file.path.spelled)'"
        )
      }
      bytes.addBytes(file.size)
      if let known = sizes.updateValue(file.size, forKey: file.object) {
        guard known == file.size else {
          throw JobError(
            .damagedBundle,
            "\(bundle.reader.name): the signed list has two sizes of object \(file.object)"
          )
        }
        continue
      }
      if try !has(file.object) { missing[file.object] = file.size }
    }
    guard bundle.targets.count == bundle.snapshot.fileCount, bytes == bundle.snapshot.totalBytes else {
      throw JobError(.damagedBundle, "\(bundle.reader.name): the signed list does not add up")
    }
  }
}

/// Reads the volumes of a bundle.
struct VolumeIntake {
  let bundle: VerifiedBundle
  let objects: BundleObjects
  let reporter: any JobReporter

  /// Reads all volumes once, and takes the objects that are missing into the store.
  func read(into store: ContentStore) throws {
    var missing = Set(objects.missing.keys)
    try readVolumes(patches(store) { missing.contains($0) }) { object in
      guard missing.remove(object) != nil else { return nil }
      return StoreSink(try store.writer())
    }
    try refuse(missing)
  }

  /// What the patches of an incremental bundle are applied to.
  private func patches(_ store: ContentStore?, isWanted: @escaping (ObjectDigest) -> Bool) -> PatchBases? {
    guard let base = bundle.facts.base, let store else { return nil }
    return PatchBases(
      file: { path in bundle.target(at: path).flatMap { target in target.sha256.map { ($0, target.length) } } },
      base: { path in try store.file(path, in: base.number).map { ($0.object, $0.size) } },
      objectPath: store.path(of:),
      isWanted: isWanted
    )
  }

  /// Reads all volumes once, and writes nothing.
  ///
  /// - Parameter store: has what an incremental bundle builds on.
  func verify(_ store: ContentStore?) throws {
    var unseen = Set(objects.missing.keys)
    try readVolumes(patches(store) { _ in true }) { object in
      unseen.remove(object)
      return DigestSink()
    }
    try refuse(unseen)
  }

  private func refuse(_ missing: Set<ObjectDigest>) throws {
    guard let object = missing.min() else { return }
    throw JobError(
      .damagedBundle,
      "\(bundle.reader.folder): object \(object) is named by the signed list and lies in no volume\(Words.moreAside(than: 1, of: missing.count))",
      remedy: bundle.facts.base == nil
        ? "Make the bundle again on the connected side; nothing was published here."
        : "A file that this store had before may be damaged: run 'kscmirror verify'. A full bundle, made with 'kscmirror pack --full', brings it again; nothing was published here."
    )
  }

  private func readVolumes(
    _ patches: PatchBases?,
    begin: @escaping (ObjectDigest) throws -> (any BundleObjectSink)?
  ) throws {
    reporter.report(.phase("verifying the volumes of \(bundle.reader.name)"))
    let total = bundle.volumes.totalBytes { $0.size }
    try bundle.reader.readVolumes(bundle.volumes, sizes: { objects.sizes[$0] }, patches: patches, begin: begin) {
      reporter.report(.progress(JobProgress(bytes: $0, totalBytes: total)))
    }
  }
}

/// Takes an object into a store: the joint between BundleFormat and ContentStore.
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
    let digest = ObjectDigest(hash.finalize())
    return digest
  }
}
