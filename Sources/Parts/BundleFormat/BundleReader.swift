import FileSystem
import MirrorTypes
import SystemPackage

/// Reads a bundle. The medium is only read, and nothing of it is believed that its digest does not prove.
package struct BundleReader: Sendable {
  /// The bundle's folder.
  package let folder: Place
  /// The bundle's names, as its bag or its folder's name tells them: no more than a hint, which signed metadata has to
  /// confirm.
  package let names: BundleNames
  /// The bundle's name: that of its folder, unless somebody has renamed it.
  package let name: String
  /// Whether the folder has a name that is none of a bundle, or the name of another one.
  package let isRenamed: Bool

  /// The number of the snapshot: a hint, too.
  package var snapshot: Int { names.snapshot }
  /// The snapshot that it is incremental against, a hint, too; `nil` for a full one.
  package var base: Int? { names.base }

  /// Where volumes lie: on the medium, and where else they were gathered.
  package var places: [VolumePlace]
  /// How the files of its volumes are named: what is missing is called so. Volumes are found under both kinds of names.
  package var naming = VolumeNaming.digest

  /// The folder of the metadata.
  package var metadata: Place { folder.pushing(BundleNames.metadata) }

  /// The most bundles of one medium.
  package static let maximumBundles = 1000
  /// How many names of a medium's folder are looked at.
  static let mostEntries = 100_000

  init(_ folder: Place, _ names: BundleNames) {
    self.folder = folder
    self.names = names
    let told = BundleNames(folder: folder.name)
    isRenamed = told?.snapshot != names.snapshot || told?.base != names.base
    name = isRenamed ? names.folder : folder.name
    places = [VolumePlace(folder.pushing(BundleNames.volumes))]
  }

  /// Finds the bundles at a path: those in a folder, newest snapshot last, or in folders below it where there is none in
  /// itself; for a bundle's folder, or a file or folder in it, that one.
  package static func find(at path: FilePath) throws(BundleError) -> [BundleReader] {
    let found: [BundleReader]
    do {
      let resolved = try Files.resolvingLinks(path)
      if let bundle = try BundleSearch.around(resolved) { return [bundle] }
      found = try BundleSearch.bundles(in: OpenFolder(resolved).place)
    } catch {
      throw [.noSuchFileOrDirectory, .notDirectory].contains(error.reason) ? .notABundle(path) : .file(error)
    }
    return try bounded(found, path)
  }

  /// Whether bundles lie in a folder itself, as they do on a stick; not where the folder cannot be looked into.
  package static func lie(in folder: FilePath) -> Bool {
    (try? BundleSearch.isTop(OpenFolder(folder).place)) ?? false
  }

  /// Finds the bundles in a folder, newest snapshot last, or in folders below it where there is none in itself.
  package static func find(in folder: Place) throws(BundleError) -> [BundleReader] {
    let found: [BundleReader]
    do { found = try BundleSearch.bundles(in: folder) } catch { throw .file(error) }
    return try bounded(found, folder.shown)
  }

  /// The bundle whose folder this is; `nil` if neither its bag nor its name is that of a bundle.
  package init?(there folder: Place) {
    guard let bundle = BundleSearch.bundle(folder) else { return nil }
    self = bundle
  }

  private static func bounded(_ found: [BundleReader], _ path: FilePath) throws(BundleError) -> [BundleReader] {
    guard found.count <= maximumBundles else { throw .tooMany(path, "bundles", limit: maximumBundles) }
    return found
  }

  /// Where volumes lie on the medium.
  package var volumeFolder: Place { folder.pushing(BundleNames.volumes) }

  private func path(of volume: Volume) -> FilePath { volumeFolder.appending(naming.file(of: volume).text).shown }

  /// About how many bytes its volumes have: for comparing bundles, before anything is verified.
  package var sizeOfVolumes: Int64 {
    let place = folder.pushing(BundleNames.volumes)
    let entries = (try? place.entries(atMost: Self.mostEntries)) ?? []
    return entries.totalBytes { (try? place.appending($0).status())??.size ?? 0 }
  }

  /// A volume, and whether it is there.
  package struct VolumeState: Sendable, Hashable {
    /// Whether a volume is there, by name and size.
    package enum State: String, Sendable, Hashable {
      case present
      case missing
      case wrongSize = "of the wrong size"
      case partly = "there in part"
    }
    /// The volume.
    package let volume: Volume
    /// Whether it is there.
    package let state: State
    /// What its file is called; if it is not there as a whole: what it should be called.
    package let file: VolumeFileName
  }

  /// Looks for volumes, by name and size alone, and for what does not belong beside them.
  ///
  /// - Throws: ``BundleError/unexpectedEntry(_:_:)`` for a file that is not a volume of the bundle, and
  ///   ``BundleError/misnamed(_:_:)`` for one with another SHA-256 before its name than was signed.
  package func states(of volumes: [Volume]) throws(BundleError) -> [VolumeState] {
    try bundling {
      try refuseStrangers(besides: volumes)
      let search = try VolumeSearch(places)
      return volumes.map { state(of: $0, search.find($0)) }
    }
  }

  /// Reads volumes from the medium, as far as the system lets us, and compares them with their digests.
  ///
  /// - Parameter progress: called with the bytes that were read of all of them, after each.
  /// - Returns: the first one that is not there as it was signed; `nil`: all are.
  package func firstDamaged(
    of volumes: [Volume],
    progress: (Int64) -> Void = { _ in }
  ) throws(BundleError) -> Volume? {
    let search: VolumeSearch
    do throws(FileError) { search = try VolumeSearch(places) } catch { throw .file(error) }
    var done: Int64 = 0
    for volume in volumes {
      guard case .whole(let files) = search.find(volume) else { return volume }
      do throws(BundleError) {
        try VolumeCopy.verify(files, has: volume.sha256)
      } catch {
        guard case .notGivenBack = error else { throw error }
        return volume
      }
      done = done.addingReportingOverflow(volume.size).partialValue
      progress(done)
    }
    return nil
  }

  private func refuseStrangers(besides volumes: [Volume]) throws {
    let place = volumeFolder
    guard try place.status()?.kind == .folder else { return }
    let signed = Dictionary(volumes.map { ($0.name, $0.sha256) }) { first, _ in first }
    for entry in try place.entries() {
      // A Mac lays `._NAME` beside each file of a copy, and a desktop its thumbnails.
      if SystemNames.isKnown(entry.name, isFolder: entry.kind == .folder) { continue }
      let name = VolumeFileName(entry.name)
      guard let digest = signed[name.volume] else { throw BundleError.unexpectedEntry(entry.name, place.shown) }
      guard (name.digest ?? digest) == digest else { throw BundleError.misnamed(place.appending(entry).shown, digest) }
    }
  }

  private func state(of volume: Volume, _ finding: VolumeFinding) -> VolumeState {
    let expected = naming.file(of: volume)
    switch finding {
    case .whole(let files):
      let found = files.first.map { VolumeFileName($0.name).whole }
      return VolumeState(volume: volume, state: .present, file: found ?? expected)
    case .partly: return VolumeState(volume: volume, state: .partly, file: expected)
    case .wrongSize: return VolumeState(volume: volume, state: .wrongSize, file: expected)
    case .missing: return VolumeState(volume: volume, state: .missing, file: expected)
    }
  }

  /// Reads a small file of the bundle, by its path below the bundle's folder; `nil` when it is not there.
  package func read(_ name: String, atMost limit: Int) throws(BundleError) -> [UInt8]? {
    do {
      return try folder.pushing(name).read(atMost: limit)
    } catch {
      if error.reason == .noSuchFileOrDirectory { return nil }
      guard error.isNoSuchPlainFile else { throw .file(error) }
      throw .fileDamaged(folder.pushing(name).shown, "it is not a plain file of at most \(limit) bytes")
    }
  }

  /// Reads all volumes, one after the other, each once.
  ///
  /// - Parameters:
  ///   - volumes: what is known of them from signed metadata.
  ///   - sizes: the size of an object, as the metadata tells it; `nil` for one that it does not name.
  ///   - patches: what patches are applied to; `nil`: a full bundle, which has none.
  ///   - begin: called for each object; what it gives takes the object's bytes; `nil` passes it over.
  ///   - progress: called with the bytes of all volumes that were read.
  /// - Throws: ``BundleError`` at the first thing that is not as it should be. What sinks took before is proven by each
  ///   object's own digest, no more.
  package func readVolumes(
    _ volumes: [Volume],
    sizes: @escaping (ObjectDigest) -> Int64?,
    patches: PatchBases? = nil,
    begin: @escaping (ObjectDigest) throws -> (any BundleObjectSink)?,
    progress: @escaping (Int64) -> Void
  ) throws(BundleError) {
    let search = try bundling { try VolumeSearch(places) }
    var assembly = ObjectAssembly(ObjectTaker(size: sizes, begin: begin))
    var intake = try patches.map { (bases) throws(BundleError) in try PatchIntake(bases) }
    var before = ByteCount.zero
    for volume in volumes {
      let start = before
      try read(volume, in: search, &assembly, &intake) { progress((start + $0).value) }
      before.add(volume.size)
    }
    if let object = assembly.unfinished {
      throw .volumeDamaged(
        folder.shown,
        "object \(object) is cut short at the end of the last volume"
      )
    }
  }

  private func read(
    _ volume: Volume,
    in search: VolumeSearch,
    _ assembly: inout ObjectAssembly,
    _ patches: inout PatchIntake?,
    _ progress: @escaping (Int64) -> Void
  ) throws(BundleError) {
    let files = try files(of: volume, in: search)
    let path = VolumeFileName.joined(files)
    let reader = try VolumeReader(files, as: path, size: volume.size, progress: progress)
    var entries = 0
    var rest = volume.contentBytes
    while let entry = try reader.next() {
      // A few bytes of zstd can claim any length: no more is unpacked than the metadata tells.
      guard entries < volume.entries, entry.size <= rest else {
        throw .volumeDamaged(path, "it holds more than the metadata says")
      }
      entries += 1
      rest -= entry.size
      do throws(BundleError) {
        try Self.take(entry, from: reader, at: path, &assembly, &patches)
      } catch {
        // A volume that is not the signed one says more than the first object of it that is damaged.
        switch error {
        case .objectMismatch, .patchMismatch: try Self.refuseDamaged(volume, try reader.finish().digest, path)
        default: break
        }
        throw error
      }
    }
    try Self.refuseDamaged(volume, try reader.finish().digest, path)
    guard entries == volume.entries, rest == 0 else {
      throw .volumeDamaged(path, "it holds less than the metadata says")
    }
  }

  private static func take(
    _ entry: VolumeReader.Entry,
    from reader: VolumeReader,
    at path: FilePath,
    _ assembly: inout ObjectAssembly,
    _ patches: inout PatchIntake?
  ) throws(BundleError) {
    switch entry.name {
    case .object(let object, let part): try assembly.take(object, part: part, entry, from: reader, at: path)
    case .patchFiles(let number) where patches != nil:
      try patches?.takeList(number, entry, from: reader, at: path)
    case .patch(let number) where patches != nil:
      try patches?.takePatch(number, entry, from: reader, at: path, into: &assembly)
    case .patchFiles, .patch: throw .unexpectedEntry(entry.name.text, path)
    }
  }

  private func files(of volume: Volume, in search: VolumeSearch) throws(BundleError) -> [Place] {
    switch search.find(volume) {
    case .whole(let files): return files
    case .missing, .partly: throw .volumeMissing(path(of: volume))
    case .wrongSize:
      throw .volumeDamaged(path(of: volume), "it does not have the \(volume.size) bytes that it should have")
    }
  }

  private static func refuseDamaged(_ volume: Volume, _ digest: ObjectDigest?, _ path: FilePath) throws(BundleError) {
    guard digest == volume.sha256 else { throw .volumeDamaged(path, "its SHA-256 is not what the metadata says") }
  }
}
