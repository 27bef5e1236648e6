import FileSystem
import MirrorTypes
import SystemPackage

/// How a bundle is written.
package struct BundleOptions: Sendable {
  /// The most bytes of a volume.
  package var volumeSize: Int64
  /// zstd's level, 1 to 19.
  package var compressionLevel: Int
  /// zstd's level for patches, 1 to 19.
  package var patchLevel: Int
  /// How many threads compress.
  package var threads: Int
  /// How many parity volumes are made.
  package var parity: Int
  /// Whether what was written is read back from the medium and compared.
  package var readBack: Bool
  /// How the files of volumes are named.
  package var naming: VolumeNaming

  /// Options.
  package init(
    volumeSize: Int64 = 3_900 << 20,
    compressionLevel: Int = 3,
    patchLevel: Int = 3,
    threads: Int,
    parity: Int = 0,
    readBack: Bool = true,
    naming: VolumeNaming = .digest
  ) {
    self.volumeSize = volumeSize
    self.compressionLevel = compressionLevel
    self.patchLevel = patchLevel
    self.threads = threads
    self.parity = parity
    self.readBack = readBack
    self.naming = naming
  }

  /// How volumes of patches are made: what is compressed already is only put together.
  var ofPatches: BundleOptions {
    var options = self
    options.compressionLevel = 1
    options.threads = 0
    return options
  }
}

/// What makes volumes a bundle.
package struct BundleSeal: Sendable {
  /// The files of metadata by name.
  package var metadata: [(name: String, bytes: [UInt8])]
  /// Files that are copied into the bundle.
  package var copies: [BundleCopy]
  /// Lines for bag-info.txt.
  package var facts: [(String, String)]
  /// Makes the label from the SHA-256 of the list of all files.
  package var label: @Sendable (ObjectDigest) throws -> String

  /// A seal.
  package init(
    metadata: [(name: String, bytes: [UInt8])],
    copies: [BundleCopy] = [],
    facts: [(String, String)],
    label: @escaping @Sendable (ObjectDigest) throws -> String
  ) {
    self.metadata = metadata
    self.copies = copies
    self.facts = facts
    self.label = label
  }
}

/// A file that is copied into a bundle as it is.
package struct BundleCopy: Sendable {
  /// Its path below the bundle's folder: a folder of the payload, and a name in it.
  package let path: String
  /// Where it lies.
  package let source: FilePath
  /// Its bytes.
  package let size: Int64
  /// Their SHA-256, as it was signed.
  package let sha256: ObjectDigest

  /// A file.
  package init(path: String, source: FilePath, size: Int64, sha256: ObjectDigest) {
    self.path = path
    self.source = source
    self.size = size
    self.sha256 = sha256
  }
}

/// What a bundle carries.
package enum BundleContent {
  /// Streams the objects of a snapshot into a closure; an object that comes twice is written once.
  package typealias Lister = ((BundleObject) throws -> Void) throws -> Void

  /// Objects as they are: a full bundle.
  case objects(Lister)
  /// Patches against a snapshot that the reader has: an incremental one.
  case patches([PatchGroup])
}

/// Writes a bundle: a folder of its own, which gets its name when it is whole.
package struct BundleWriter: Sendable {
  private let folder: Place
  private let options: BundleOptions
  private let names: BundleNames
  /// What an unfinished folder says about who is writing it.
  private let mark: String

  /// A writer of one bundle to a folder that is there.
  ///
  /// - Parameter mark: what an unfinished folder says about who is writing it: by this the writer finds it again.
  package init(_ names: BundleNames, to folder: Place, mark: String = "", options: BundleOptions) {
    self.names = names
    self.folder = folder
    self.mark = mark
    self.options = options
  }

  /// The bundle's folder when it is whole.
  package var place: Place { folder.appending(names.folder) }

  /// Tells how many objects would be written, and the most bytes that the bundle can have.
  ///
  /// - Parameter metadataBytes: about how many bytes the metadata has.
  package func plan(
    _ content: BundleContent,
    metadataBytes: Int64
  ) throws(BundleError) -> (objects: Int, worstCaseBytes: Int64) {
    var seen = Set<ObjectDigest>()
    var bytes = ByteCount(clamping: metadataBytes)
    let count = { (object: ObjectDigest, size: Int64) in
      // What an object takes in a volume if it cannot be compressed at all.
      if seen.insert(object).inserted { bytes.add(size / 128 * 129 + 4096) }
    }
    switch content {
    case .objects(let objects): try bundling { try objects { count($0.digest, $0.size) } }
    case .patches(let groups): for group in groups { for file in group.objects { count(file.object, file.size) } }
    }
    return (seen.count, bytes.value)
  }

  /// Tells how many bytes groups have in volumes, by making their patches.
  package func measure(
    _ groups: [PatchGroup],
    objectPath: @escaping @Sendable (ObjectDigest) -> FilePath
  ) throws(BundleError) -> Int64 {
    guard !groups.isEmpty else { return 0 }
    let workers = PatchWorkers(groups, level: options.patchLevel, threads: options.threads, objectPath: objectPath)
    defer { workers.stop() }
    var bytes: Int64 = 0
    while let patch = try workers.next() { bytes += Int64(patch.frame.count) + 64 }
    return bytes
  }

  /// Sees that there is room for `bytes`.
  package func refuseWithoutRoom(for bytes: Int64) throws(BundleError) {
    let free = try bundling { try folder.freeSpace() }
    let bytes =
      (ByteCount(clamping: bytes) + (ByteCount(clamping: min(bytes, options.volumeSize)) * options.parity).value)
      .value
    guard bytes <= free.bytes else { throw .outOfSpace(folder.shown, needed: bytes, free: free.bytes) }
    let newFiles = bytes / (options.volumeSize / 2) + 32
    if let inodes = free.inodes, inodes < newFiles { throw .outOfInodes(folder.shown, needed: newFiles, free: inodes) }
  }

  /// Writes the bundle.
  ///
  /// - Parameters:
  ///   - content: what it carries.
  ///   - objectPath: where an object lies. Its digest is checked while it is read.
  ///   - progress: called with the bytes of content that were read.
  ///   - readingBack: called when all is written, before it is read back, and while that goes on: with the bytes that were
  ///     read, and how many there are.
  ///   - seal: makes the metadata when the volumes are there.
  /// - Throws: ``BundleError``; nothing that was written is left then.
  package func write(
    _ content: BundleContent,
    objectPath: @escaping @Sendable (ObjectDigest) -> FilePath,
    progress: @escaping (Int64) -> Void,
    readingBack: (_ done: Int64, _ total: Int64) -> Void = { _, _ in },
    seal: ([Volume]) throws -> BundleSeal
  ) throws(BundleError) -> [Volume] {
    try bundling {
      let unfinished = try UnfinishedFolder(folder.appending(names.partial), isOurs: isUnfinishedOfOurs)
      let partial = unfinished.place
      do {
        try writeMark(to: partial)
        for name in [BundleNames.volumes, BundleNames.metadata] { try partial.pushing(name).makeFolder() }
        let volumes = try writeVolumes(content, to: partial.pushing(BundleNames.volumes), objectPath, progress)
        let (label, files) = try write(try seal(volumes), volumes, to: partial)
        if options.readBack {
          let total = volumes.totalBytes { $0.size }
          var done: Int64 = 0
          readingBack(done, total)
          for file in files {
            try VolumeCopy.verify(partial.pushing(file.path), has: file.digest) { count in
              done = min(total, done + Int64(count))
              readingBack(done, total)
            }
          }
        }
        try publish(partial, label)
        return volumes
      } catch {
        unfinished.abandon()
        throw error
      }
    }
  }

  private func writeVolumes(
    _ content: BundleContent,
    to place: Place,
    _ objectPath: @escaping @Sendable (ObjectDigest) -> FilePath,
    _ progress: @escaping (Int64) -> Void
  ) throws -> [Volume] {
    let carrying = try writeCarrying(content, to: place, objectPath, progress)
    return carrying
      + (try ParityMaking(names: names, naming: options.naming, folder: place).make(options.parity, of: carrying))
  }

  private func writeCarrying(
    _ content: BundleContent,
    to place: Place,
    _ objectPath: @escaping @Sendable (ObjectDigest) -> FilePath,
    _ progress: @escaping (Int64) -> Void
  ) throws -> [Volume] {
    switch content {
    case .objects(let objects):
      var volumes = VolumeSequence(options: options, names: names) { place.appending($0) }
      var seen = Set<ObjectDigest>()
      try objects { object in
        guard seen.insert(object.digest).inserted else { return }
        try volumes.add(object.digest, object.size, from: objectPath(object.digest), progress)
      }
      try volumes.finish()
      return volumes.finished
    case .patches(let groups):
      var volumes = VolumeSequence(options: options.ofPatches, names: names) { place.appending($0) }
      let workers = PatchWorkers(groups, level: options.patchLevel, threads: options.threads, objectPath: objectPath)
      defer { workers.stop() }
      while let patch = try workers.next() { try volumes.add(patch, progress) }
      try volumes.finish()
      return volumes.finished
    }
  }

  /// Writes metadata and tag files.
  private func write(
    _ seal: BundleSeal,
    _ volumes: [Volume],
    to partial: Place
  ) throws -> (label: String, files: [(path: String, digest: ObjectDigest)]) {
    var bag = Bag(partial)
    for volume in volumes {
      let file = options.naming.file(of: volume)
      bag.add("\(BundleNames.volumes)/\(file.text)", size: volume.size, digest: volume.sha256)
    }
    for file in seal.metadata { try bag.write("\(BundleNames.metadata)/\(file.name)", file.bytes) }
    for file in seal.copies { try copy(file, to: partial, into: &bag) }
    let label = try bag.finish(facts: seal.facts, label: seal.label)
    let copied = seal.copies.isEmpty ? [] : [BundleNames.programs]
    for name in [BundleNames.volumes, BundleNames.metadata] + copied + ["data"] {
      try partial.pushing(name).syncFolder()
    }
    try partial.syncFolder()
    return (label, bag.files)
  }

  private func copy(_ file: BundleCopy, to partial: Place, into bag: inout Bag) throws {
    let place = partial.pushing(file.path)
    try place.parent.makeFolder()
    let input = try JoinedInput([Place(at: file.source)])
    guard try VolumeCopy.copy(input, count: file.size, to: place) == file.sha256 else {
      throw BundleError.fileDamaged(file.source, "it was changed while it was packed")
    }
    bag.add(file.path, size: file.size, digest: file.sha256)
  }

  private func writeMark(to partial: Place) throws(FileError) {
    var file = try OutputFile(partial.appending(BundleNames.unfinished))
    try file.write(Array(Self.text(mark).utf8))
    try file.close()
  }

  private static func text(_ mark: String) -> String {
    "kscmirror is writing a bundle here. If no run is at work, the next 'kscmirror pack' removes this folder.\n\(mark)\n"
  }

  /// Gives the folder its name, in the place of an earlier bundle of the same snapshot, and lays the label beside it.
  private func publish(_ partial: Place, _ label: String) throws {
    try partial.appending(BundleNames.unfinished).remove()
    try place.vanish()
    try partial.rename(to: place)
    try folder.appending(BundleNames.label).replace(with: Array(label.utf8))
  }
}

// MARK: - What lies there already

extension BundleWriter {
  /// Removes unfinished folders that runs with the same mark have left, and bundles whose removal such runs have begun.
  /// The caller holds the folder: nobody is at work on one of these.
  ///
  /// - Parameter isOurs: whether a whole bundle was made by the caller's side.
  /// - Returns: their names.
  package func removeLeftovers(isOurs: (BundleReader) -> Bool) throws(BundleError) -> [String] {
    try bundling {
      var removed: [String] = []
      for entry in try folder.entries() where entry.kind != .file && entry.kind != .link {
        guard BundleNames.isLeftover(entry.name) else { continue }
        let place = folder.appending(entry)
        let isRemoved =
          entry.name.hasSuffix(".old") ? isOurs(BundleReader(place, names)) : isUnfinishedOfOurs(place)
        guard isRemoved else { continue }
        try place.removeTree()
        removed.append(entry.name)
      }
      return removed
    }
  }

  private func isUnfinishedOfOurs(_ place: Place) -> Bool {
    // What cannot be read is somebody else's.
    guard let entries = try? place.entries(atMost: 2) else { return false }
    guard let text = try? place.appending(BundleNames.unfinished).read(atMost: 4096) else { return entries.isEmpty }
    let ours = Array(Self.text(mark).utf8)
    // A run that was killed before it had said whose it is has written nothing else.
    return text == ours || entries.count == 1 && ours.starts(with: text)
  }

  /// Removes bundles of the same site from the folder that are older than this one; each vanishes at once.
  ///
  /// - Parameter isSameSite: whether a bundle is for whom this one is for.
  /// - Returns: their names.
  package func removeOlder(isSameSite: (BundleReader) -> Bool) throws(BundleError) -> [String] {
    try bundling {
      let older = try others().filter { bundle in
        (bundle.snapshot, bundle.base ?? 0) != (names.snapshot, names.base ?? 0) && bundle.snapshot <= names.snapshot
          && isSameSite(bundle)
      }
      for bundle in older { try Self.remove(bundle, from: folder) }
      return older.map(\.name)
    }
  }

  /// The bundles that lie in the folder itself, but this one.
  private func others() throws(FileError) -> [BundleReader] {
    try folder.entries().compactMap { entry in
      guard entry.kind != .file, entry.kind != .link, entry.name != names.folder else { return nil }
      return BundleReader(there: folder.appending(entry))
    }
  }

  /// Removes a bundle from the folder that it lies in: first its name, so that nobody takes what is left for a whole one.
  package static func remove(_ bundle: BundleReader, from folder: Place) throws(BundleError) {
    try bundling {
      try bundle.folder.vanish()
      try folder.syncFolder()
    }
  }
}
