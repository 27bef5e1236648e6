import BundleFormat
import Bundles
import FileSystem
import JobCore
import MirrorTypes
import SystemPackage

/// Writes one stick's share of a bundle.
struct StickWriting {
  let bag: BagFiles
  /// The folder of the stick.
  let output: Place
  let state: SpreadState
  let overwrite: Bool
  /// Whether what was written is read back and compared.
  let isReadBack: Bool
  let reporter: any JobReporter

  private var target: Place { output.appending(bag.reader.name) }

  /// Sees that the stick is there and was not written before.
  func prepare() throws {
    if state.mountPoint == output.shown.string, try !Self.isMountPoint(output) {
      throw JobError(
        .notThere,
        "\(output): no stick is mounted here, as there was before",
        remedy: "Put in the next stick, and mount it."
      )
    }
    guard try target.status() != nil else { return }
    try refuseUsed()
    try target.vanish()
  }

  /// A share whose stick was pulled too early is written again; all else that has the bundle's name stays unchanged.
  private func refuseUsed() throws {
    let folder = target.pushing(BundleNames.volumes)
    let names = (try? folder.entries().map(\.name)) ?? []
    let label = try? target.appending(BundleNames.manifest).read(atMost: 64 << 20)
    let isOurs = label == bag.others.first { $0.path == BundleNames.manifest }?.bytes
    if isOurs, let stick = names.compactMap(state.stick).first {
      throw JobError(
        .cannotCreate,
        "\(output): this is stick \(stick) of \(bag.reader.name), which is written already",
        remedy: "Put in another one."
      )
    }
    guard isOurs || overwrite else {
      throw JobError(
        .cannotCreate,
        "\(target): another bundle of this name is there",
        remedy: "Remove it, or use another stick."
      )
    }
  }

  /// Whether a folder is where another file system begins than that of the folder around it.
  static func isMountPoint(_ folder: Place) throws -> Bool {
    try folder.status()?.device != folder.statusOfFolderAround().device
  }

  /// What fits on the stick of what is left.
  func share(of rest: [SpreadRest], limit: Int64?) throws -> SpreadShare {
    let space = try output.freeSpace()
    let free = space.bytes
    let hints = Int64(state.deliveries.count + rest.count + 16) * 160
    let others = (
      bag.others.reduce(hints) { $0 + Int64($1.bytes.count) } + bag.programBytes, bag.others.count + bag.programs.count
    )
    let share = SpreadShare(of: rest, room: min(free, limit ?? free), blockSize: space.blockSize, others: others)
    guard share.files.isEmpty else { return share }
    throw JobError(
      .noSpace,
      "\(output): there is no room for the bundle's metadata and a piece of a volume; \(min(free, limit ?? free)) bytes are free",
      remedy: "Make room there, or use another stick."
    )
  }

  /// Writes the share, reads it back, and gives the folder its name.
  func write(_ share: SpreadShare, number: Int) throws {
    let unfinished = try UnfinishedFolder(bundle: bag.reader.name, in: output)
    let partial = unfinished.place
    do {
      try bag.copyOthers(to: partial)
      let folder = partial.pushing(BundleNames.volumes)
      reporter.report(.phase("writing stick \(number)"))
      var digests: [ObjectDigest] = []
      var done: Int64 = 0
      for file in share.files {
        let input = try JoinedInput([file.volume.place])
        try input.skip(file.offset)
        let digest = try VolumeCopy.copy(input, count: file.bytes, to: folder.appending(file.name)) {
          done += Int64($0.count)
          reporter.report(.progress(JobProgress(bytes: done, totalBytes: share.bytes)))
        }
        digests.append(digest)
      }
      try writeHints(share, number: number, to: partial)
      try partial.syncFileSystem()
      if isReadBack {
        reporter.report(.phase("reading stick \(number) back"))
        var read: Int64 = 0
        for (file, digest) in zip(share.files, digests) {
          try VolumeCopy.verify(folder.appending(file.name), has: digest) { count in
            read += Int64(count)
            reporter.report(.progress(JobProgress(bytes: read, totalBytes: share.bytes)))
          }
        }
        try readBackOthers(in: partial)
      }
      try bag.publish(partial, in: output)
      try output.syncFileSystem()
    } catch {
      unfinished.abandon()
      throw error
    }
  }

  /// Sees that the stick gives back the metadata and the tag files, too.
  private func readBackOthers(in partial: Place) throws {
    for file in bag.others {
      let digest = ObjectDigest.sha256(of: file.bytes)
      try VolumeCopy.verify(partial.pushing(file.path), has: digest)
    }
  }

  /// A hint for people, and for the import that has to say which stick is missing.
  private func writeHints(_ share: SpreadShare, number: Int, to partial: Place) throws {
    var hints = VolumeHints()
    for delivery in state.deliveries { hints.note(delivery.file, on: delivery.stick) }
    for file in share.files { hints.note(file.name, on: number) }
    var after = state
    after.deliveries += share.files.map { .init(file: $0.name, offset: $0.offset, bytes: $0.bytes, stick: number) }
    let left = after.remaining(of: bag.staged).map(\.volume.file.text)
    let text = """
      \(bag.reader.name) is spread over several sticks. This is stick \(number).
      What lies on which stick, as far as this one knows:

      \(hints.lines)
      \(left.isEmpty ? "This is the last stick." : "On later sticks, all or in part:\n\(left.map { "  \($0)\n" }.joined())")
      """
    var output = try OutputFile(partial.appending(BundleNames.hints))
    try output.write(Array((text + "\n").utf8))
    try output.sync()
    try output.close()
  }
}

extension BagFiles {
  /// The volumes, each of which lies there whole.
  var staged: [StagedVolume] {
    volumes.map { volume in
      let place = reader.volumeFolder.appending(volume.file.text)
      let size = (try? place.status()?.size) ?? 0
      return StagedVolume(file: volume.file, place: place, size: size)
    }
  }
}
