import Crypto
import FileSystem
import Glibc
import MirrorTypes
import SystemPackage

/// What a bundle is made of.
public struct BundleDescription: Sendable {
  /// The site that it is for, if for one.
  public var site: String?
  /// The snapshot's number.
  public var snapshot: Int
  /// When the snapshot was sealed, in seconds since 1970.
  public var created: Int64
  /// What it notes of its sources, JSON as a text.
  public var notes: String
  /// Its digest, count and sum, as the store knows them.
  public var treeDigest: ObjectDigest
  /// How many files it has.
  public var fileCount: Int
  /// Their bytes.
  public var totalBytes: Int64
  /// The program that writes it.
  public var generator: String

  /// A description.
  public init(
    site: String? = nil,
    snapshot: Int,
    created: Int64,
    notes: String,
    treeDigest: ObjectDigest,
    fileCount: Int,
    totalBytes: Int64,
    generator: String
  ) {
    self.site = site
    self.snapshot = snapshot
    self.created = created
    self.notes = notes
    self.treeDigest = treeDigest
    self.fileCount = fileCount
    self.totalBytes = totalBytes
    self.generator = generator
  }
}

/// How a bundle is written.
public struct BundleOptions: Sendable {
  /// The most bytes of a volume.
  public var volumeSize: Int64
  /// zstd's level, 1 to 19.
  public var compressionLevel: Int
  /// How many threads compress.
  public var threads: Int
  /// Whether another bundle of the same snapshot number is written over.
  public var overwrite: Bool
  /// Whether bundles of other snapshots are removed from the folder when this one is whole.
  public var replace: Bool

  /// Options.
  public init(
    volumeSize: Int64 = 3_900 << 20,
    compressionLevel: Int = 3,
    threads: Int,
    overwrite: Bool = false,
    replace: Bool = false
  ) {
    self.volumeSize = volumeSize
    self.compressionLevel = compressionLevel
    self.threads = threads
    self.overwrite = overwrite
    self.replace = replace
  }
}

/// What a bundle would be.
public struct BundlePlan: Sendable {
  /// The manifest's name.
  public let manifest: String
  /// How many objects it would carry.
  public let objects: Int
  /// The most bytes that all its files together can have.
  public let worstCaseBytes: Int64
}

/// What was written.
public struct WrittenBundle: Sendable {
  /// The manifest.
  public let manifest: BundleManifest
  /// Its file's name.
  public let manifestName: String
  /// Whether the very same bundle was there already, so that nothing was written.
  public let wasThere: Bool
}

/// Writes bundles.
public struct BundleWriter: Sendable {
  /// Streams the files of a snapshot, ordered by path, into a closure.
  public typealias Lister = ((ListedFile) throws -> Void) throws -> Void

  private let description: BundleDescription
  private let folder: FilePath
  private let options: BundleOptions
  private let names: BundleNames

  /// A writer of one bundle to a folder that is there.
  public init(_ description: BundleDescription, to folder: FilePath, options: BundleOptions) {
    self.description = description
    self.folder = folder
    self.options = options
    names = BundleNames(snapshot: description.snapshot)
  }

  /// Tells what would be written, and writes nothing.
  public func plan(_ files: Lister) throws(BundleError) -> BundlePlan {
    var seen = Set<ObjectDigest>()
    var bytes: Int64 = 0
    var listing: Int64 = 0
    try bundling {
      try files { file in
        listing += Int64(file.line.utf8.count)
        if seen.insert(file.object).inserted { bytes += Self.worstCase(of: file.size) }
      }
    }
    let manifest = Int64(BundleManifest.maximumSize)
    return BundlePlan(manifest: names.manifest, objects: seen.count, worstCaseBytes: bytes + listing + manifest)
  }

  /// What an object takes in a volume if it cannot be compressed at all.
  private static func worstCase(of size: Int64) -> Int64 { size + size / 128 + 2048 }

  /// Writes the bundle. Its manifest comes last: where it is, the bundle is whole.
  ///
  /// - Parameters:
  ///   - files: the snapshot's files; called twice.
  ///   - objectPath: where an object lies. Its digest is checked while it is read.
  ///   - progress: called with the bytes of content that were read.
  /// - Throws: ``BundleError``; nothing that was written is left then.
  public func write(
    _ files: Lister,
    objectPath: @escaping (ObjectDigest) -> FilePath,
    progress: @escaping (Int64) -> Void
  ) throws(BundleError) -> WrittenBundle {
    if let there = try bundleThere() {
      try removeOthers()
      return WrittenBundle(manifest: there, manifestName: names.manifest, wasThere: true)
    }
    try refuseWithoutRoom(for: files)
    var written: [String] = []
    do {
      let manifest = try writeParts(files, objectPath, progress, &written)
      try publish(manifest, written)
      try removeOthers()
      return WrittenBundle(manifest: manifest, manifestName: names.manifest, wasThere: false)
    } catch {
      for name in written { try? Files.remove(partial(name)) }
      throw error
    }
  }

  /// Sees that there is room for the bundle, whatever cannot be compressed.
  private func refuseWithoutRoom(for files: Lister) throws(BundleError) {
    let free = try bundling { try FreeSpace(at: folder) }
    // No closer look is needed where there is room for every file on its own.
    var needed = description.totalBytes + description.totalBytes / 128 + Int64(description.fileCount) * 16_384
    if needed > free.bytes { needed = try plan(files).worstCaseBytes }
    guard needed <= free.bytes else { throw .outOfSpace(folder, needed: needed, free: free.bytes) }
    // The volumes, the listing and the manifest, each under a temporary name first.
    let newFiles = needed / (options.volumeSize / 2) + 4
    if let inodes = free.inodes, inodes < newFiles { throw .outOfInodes(folder, needed: newFiles, free: inodes) }
  }

  /// The manifest of the same bundle, if it is there with all its parts.
  private func bundleThere() throws(BundleError) -> BundleManifest? {
    guard !options.overwrite, let found = try? BundleReader(manifest: folder.appending(names.manifest)) else {
      return nil
    }
    guard found.manifest.treeDigest == description.treeDigest else {
      throw .otherBundleThere(folder.appending(names.manifest))
    }
    return try found.parts().allSatisfy { $0.state == .present } ? found.manifest : nil
  }

  private func partial(_ name: String) -> FilePath { folder.appending(name + ".part") }

  private func writeParts(
    _ files: Lister,
    _ objectPath: @escaping (ObjectDigest) -> FilePath,
    _ progress: @escaping (Int64) -> Void,
    _ written: inout [String]
  ) throws(BundleError) -> BundleManifest {
    written.append(names.listing)
    let listing = try writeListing(files)
    var volumes = VolumeSequence(options: options, names: names, path: partial)
    var seen = Set<ObjectDigest>()
    do {
      try files { file in
        guard seen.insert(file.object).inserted else { return }
        try volumes.add(file.object, file.size, from: objectPath(file.object), progress)
      }
      try volumes.finish()
    } catch {
      written += volumes.names
      throw error as? BundleError ?? (error as? FileError).map(BundleError.file) ?? .caller(error)
    }
    written += volumes.names
    return BundleManifest(
      version: BundleManifest.currentVersion,
      kind: "full",
      site: description.site,
      snapshot: description.snapshot,
      created: description.created,
      treeDigest: description.treeDigest,
      fileCount: description.fileCount,
      totalBytes: description.totalBytes,
      objectCount: seen.count,
      listing: listing,
      volumes: volumes.finished,
      generator: description.generator,
      notes: description.notes
    )
  }

  private func writeListing(_ files: Lister) throws(BundleError) -> BundleManifest.Part {
    try bundling {
      var writer = try ListingWriter(partial(names.listing))
      try files { try writer.add($0) }
      let counts = (writer.fileCount, writer.totalBytes)
      let (part, treeDigest) = try writer.finish(name: names.listing)
      guard counts == (description.fileCount, description.totalBytes), treeDigest == description.treeDigest else {
        throw BundleError.listingDamaged(
          folder.appending(names.listing),
          "the store's snapshot is not what its catalogue says; run 'kscmirror verify'"
        )
      }
      return part
    }
  }

  /// Removes the bundles of other snapshots, if that is asked for: manifests first, so that none is left half.
  private func removeOthers() throws(BundleError) {
    guard options.replace else { return }
    try bundling {
      let others = try Files.entries(of: folder).filter { entry in
        guard let stem = BundleNames.stem(of: entry.name), entry.kind != .folder else { return false }
        return stem != names.stem
      }
      for isManifest in [true, false] {
        for entry in others where entry.name.hasSuffix(".json") == isManifest {
          try Files.remove(folder.appending(entry.name))
        }
      }
      try Files.syncFolder(folder)
    }
  }

  /// Gives all parts their names, the manifest last, and removes what an earlier attempt left of this bundle.
  private func publish(_ manifest: BundleManifest, _ written: [String]) throws(BundleError) {
    try bundling {
      // An old manifest must not stand beside new parts.
      try Files.remove(folder.appending(names.manifest))
      for name in written { try Files.rename(partial(name), to: folder.appending(name)) }
      try Files.syncFolder(folder)
      try Files.replace(folder.appending(names.manifest), with: try manifest.json)
      let own = Set(written + [names.manifest])
      for entry in try Files.entries(of: folder) where BundleNames.stem(of: entry.name) == names.stem {
        if entry.kind != .folder && !own.contains(entry.name) { try Files.remove(folder.appending(entry.name)) }
      }
    }
  }
}
