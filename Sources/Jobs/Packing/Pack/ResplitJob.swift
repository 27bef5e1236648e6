import BundleFormat
import FileSystem
import JobCore
import MirrorTypes
import SystemPackage

/// Cuts the volumes of a bundle into pieces, or joins them again, without the store and without keys.
package struct ResplitJob: Sendable, InContext {
  package let context: JobContext
  private let path: FilePath
  private let size: Int64
  private let output: FilePath

  /// The smallest piece that makes sense on any medium.
  package static let smallestPiece: Int64 = 1 << 20

  /// A job on the bundle at `path`.
  ///
  /// - Parameters:
  ///   - path: a folder with one bundle, or a bundle's own.
  ///   - size: the most bytes of a volume, or of a piece of one.
  ///   - output: the folder that gets the other bundle.
  package init(_ context: JobContext, path: FilePath, size: Int64, output: FilePath) {
    self.context = context
    self.path = path
    self.size = size
    self.output = output
  }

  /// Writes the bundle anew; the one that is read stays as it is.
  ///
  /// - Throws: an error; nothing of the new bundle is left then.
  package func run() throws -> ResplitReport {
    let bag = try BagFiles(try chosenBundle())
    let medium = try Medium.open(output, configuration.parcels.mount, store: nil)
    try medium.lock()
    let folder = medium.place
    let target = folder.appending(bag.reader.name)
    guard try target.status() == nil else {
      throw JobError(.cannotCreate, "\(target) is there already", remedy: "Name another folder with --output.")
    }
    let volumes = try volumes(of: bag)
    try bag.refuseOtherBytes(having: volumes.map { (VolumeFileName.joined($0.files), $0.size) })
    try refuseWithoutRoom(for: volumes.totalBytes { $0.size }, bag, in: folder)
    let unfinished = try UnfinishedFolder(bundle: bag.reader.name, in: folder)
    let partial = unfinished.place
    do {
      try bag.copyOthers(to: partial)
      let files = try copy(volumes, to: partial.pushing(BundleNames.volumes))
      try bag.publish(partial, in: folder)
      _ = try medium.finish()
      return ResplitReport(folder: "\(target)", bundle: bag.reader.name, files: files)
    } catch {
      unfinished.abandon()
      throw error
    }
  }

  private func chosenBundle() throws -> BundleReader {
    let bundles = try BundleReader.find(at: path)
    guard let bundle = bundles.first else { throw JobError(.notABundle, "\(path): there is no bundle here") }
    guard bundles.count == 1 else {
      throw JobError(
        .notABundle,
        "\(path): there are \(bundles.count) bundles here",
        remedy: "Name the folder of one of them."
      )
    }
    return bundle
  }

  private struct Source {
    let file: VolumeFileName
    let digest: ObjectDigest
    let files: [Place]
    let size: Int64
  }

  private func volumes(of bag: BagFiles) throws -> [Source] {
    var sources: [Source] = []
    for volume in bag.volumes {
      let files = try bag.files(of: volume.file)
      let size = try files.totalBytes { (try $0.status()?.size ?? 0) }
      sources.append(Source(file: volume.file, digest: volume.digest, files: files, size: size))
    }
    return sources
  }

  private func refuseWithoutRoom(for bytes: Int64, _ bag: BagFiles, in folder: Place) throws {
    let space = try folder.freeSpace()
    let needed = MediumBlocks(size: space.blockSize).least(bundle: bytes + bag.programBytes)
    guard needed > space.bytes else { return }
    throw JobError(
      .noSpace,
      "\(output): \(needed) bytes are needed, and \(space.bytes) are free",
      remedy: "Make room there, or name another folder; nothing was written."
    )
  }

  private func copy(_ volumes: [Source], to folder: Place) throws -> [ResplitReport.File] {
    reporter.report(.phase("copying"))
    let total = volumes.totalBytes { $0.size }
    var files: [ResplitReport.File] = []
    for volume in volumes {
      let done = files.totalBytes { $0.bytes }
      let pieces = try VolumePieces(volume.file, size: volume.size, largest: size)
        .write(from: volume.files, to: folder, expecting: volume.digest) {
          reporter.report(.progress(JobProgress(bytes: done + $0, totalBytes: total)))
        }
      files.append(contentsOf: pieces.map { ResplitReport.File(name: $0.name, bytes: $0.size) })
    }
    return files
  }
}

/// What a resplit wrote.
package struct ResplitReport: Sendable, Encodable {
  /// A volume, or a piece of one.
  package struct File: Sendable, Encodable {
    /// The file's name.
    package let name: String
    /// Its bytes.
    package let bytes: Int64
  }

  /// The folder of the new bundle.
  package let folder: String
  /// The bundle's name.
  package let bundle: String
  /// Its volumes and pieces.
  package let files: [File]
}
