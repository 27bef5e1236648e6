import BundleFormat
import Bundles
import ContentStore
import FileSystem
import JobCore
import MirrorTypes
import SystemPackage
import Trust

/// Takes a bundle from a stream into `incoming/stream/` of the store. Its metadata is verified before the first volume is
/// taken, so that nobody else's bundle fills the disk.
struct StreamSpool {
  private let store: FilePath
  private let lock: FileLock
  /// Where the bundle's folder is.
  let folder: Place

  /// Clears what a run has left that was killed.
  init(in store: FilePath) throws {
    self.store = store
    let folders = StoreFolders(store)
    folder = try folders.place(of: folders.incoming).appending("stream")
    lock = try StoreLock.streamIn.take(in: store)
    try clear()
    try folder.makeFolder()
  }

  /// Removes all of it.
  func clear() throws { try folder.removeTree() }

  /// Reads a stream to its end.
  ///
  /// - Parameters:
  ///   - descriptor: the open stream.
  ///   - name: what it is called in errors.
  ///   - verify: verifies the bundle's metadata, and gives all of its volumes.
  /// - Returns: the bundle.
  func take(
    _ descriptor: FileDescriptor,
    called name: FilePath,
    verify: (BundleReader) async throws -> [Volume]
  ) async throws -> BundleReader {
    let stream = BundleStreamReader(descriptor, called: name, into: folder)
    var sizes: [VolumeFileName: Int64]?
    var come = Set<String>()
    while let entry = try stream.next() {
      if let file = entry.volume {
        let expected: [VolumeFileName: Int64]
        if let sizes { expected = sizes } else { expected = try await volumes(of: try bundle(name), verify) }
        sizes = expected
        // Whichever of its names a volume has: it comes once.
        guard expected[file] == entry.size, come.insert(file.volume).inserted else {
          throw JobError(
            .damagedBundle,
            "\(name): volume \(file.text.debugDescription) is not one that was signed, not of its size, or comes twice"
          )
        }
      } else if sizes != nil {
        throw JobError(.damagedBundle, "\(name): \(entry.path.debugDescription) comes after the volumes")
      }
      try stream.save(entry)
    }
    let bundle = try bundle(name)
    if sizes == nil { _ = try await verify(bundle) }
    return bundle
  }

  private func bundle(_ name: FilePath) throws -> BundleReader {
    guard let bundle = try BundleReader.find(in: folder).first else {
      throw JobError(.notABundle, "\(name): there is no bundle in this stream")
    }
    return bundle
  }

  private func volumes(
    of bundle: BundleReader,
    _ verify: (BundleReader) async throws -> [Volume]
  ) async throws -> [VolumeFileName: Int64] {
    let volumes = try await verify(bundle)
    let needed = volumes.totalBytes { $0.size }
    let free = try folder.freeSpace().bytes
    guard needed <= free else {
      throw JobError(
        .noSpace,
        "\(folder): the stream's volumes have \(needed) bytes, and \(free) are free",
        remedy: "Make room, and send it again; nothing was changed."
      )
    }
    let sizes = volumes.flatMap { volume in volume.files.map { ($0, volume.size) } }
    return Dictionary(sizes) { first, _ in first }
  }
}

extension ImportJob {
  /// Imports a bundle from a stream, which the job's path names in messages.
  ///
  /// - Throws: an error; what is published stays as it was then, and nothing of the stream is left.
  package func run(stream: FileDescriptor) async throws -> ImportReport {
    guard try Files.status(folder)?.kind == .folder else {
      throw JobError(.notThere, "\(folder): there is no store here", remedy: "Run 'kscmirror trust add' first.")
    }
    let spool = try StreamSpool(in: folder)
    do {
      let bundle = try await spool.take(stream, called: path) { reader in try await volumes(of: reader) }
      let job = ImportJob(context, path: bundle.folder.shown, options: options, isSpooled: true)
      let report = try await job.run()
      try spool.clear()
      return report
    } catch {
      try? spool.clear()
      throw error
    }
  }

  /// Verifies a bundle's metadata, and gives all its volumes.
  private func volumes(of reader: BundleReader) async throws -> [Volume] {
    guard try Files.status(folders.trust.appending("root.json")) != nil else {
      throw nothingTrusted()
    }
    let store = try ContentStore.open(folder, access: .reading)
    do {
      let bundle = try await verified(reader, store)
      return bundle.volumes + bundle.parity
    } catch {
      audit.noteRefusal(of: reader, JobError(error), reporter)
      throw error
    }
  }
}
