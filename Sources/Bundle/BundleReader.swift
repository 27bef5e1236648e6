import FileSystem
import MirrorTypes
import SystemPackage

/// Takes the bytes of one object out of a bundle.
public protocol BundleObjectSink: AnyObject {
  /// Takes further bytes.
  func append(_ bytes: UnsafeRawBufferPointer) throws
  /// Ends the object: the SHA-256 of what was taken.
  func finish() throws -> ObjectDigest
}

/// Reads a bundle. The medium is only read, and nothing of it is believed that its digest does not prove.
public struct BundleReader: Sendable {
  /// What the bundle is.
  public let manifest: BundleManifest
  /// The folder that it lies in.
  public let folder: FilePath
  /// The manifest's file name.
  public let manifestName: String

  /// Reads a manifest.
  ///
  /// - Throws: ``BundleError`` when it is none, or damaged.
  public init(manifest path: FilePath) throws(BundleError) {
    let bytes: [UInt8]
    do {
      bytes = try Files.read(path, atMost: BundleManifest.maximumSize)
    } catch {
      throw error.reason == .noSuchFileOrDirectory ? .notABundle(path) : .file(error)
    }
    manifest = try BundleManifest(parsing: bytes, at: path)
    folder = path.removingLastComponent()
    manifestName = path.lastComponent?.string ?? ""
  }

  /// Finds the bundles at a path: in a folder every manifest's, newest snapshot last; for a file of a bundle, that one.
  ///
  /// What belongs to no manifest is ignored: a volume is found by its manifest, never by its looks.
  public static func find(at path: FilePath) throws(BundleError) -> [BundleReader] {
    let resolved: FilePath
    let status: FileStatus?
    do {
      resolved = try Files.resolvingLinks(path)
      status = try Files.status(resolved)
    } catch {
      throw error.reason == .noSuchFileOrDirectory ? .notABundle(path) : .file(error)
    }
    guard status?.kind == .folder else {
      guard let name = resolved.lastComponent?.string, let stem = BundleNames.stem(of: name) else {
        throw .notABundle(path)
      }
      return [try BundleReader(manifest: resolved.removingLastComponent().appending(stem + ".json"))]
    }
    let names: [String]
    do { names = try Files.entries(of: resolved).map(\.name) } catch { throw .file(error) }
    var found: [BundleReader] = []
    for name in names where name.hasSuffix(".json") && BundleNames.stem(of: name).map({ $0 + ".json" }) == name {
      found.append(try BundleReader(manifest: resolved.appending(name)))
    }
    return found.sorted { $0.manifest.snapshot < $1.manifest.snapshot }
  }

  /// A file of the bundle beside the manifest, and whether it is there.
  public struct PartState: Sendable, Hashable {
    /// Whether a part is there, by name and size.
    public enum State: String, Sendable, Hashable {
      case present
      case missing
      case wrongSize = "of the wrong size"
    }
    /// Its name.
    public let name: String
    /// The bytes that it should have.
    public let size: Int64
    /// Whether it is there.
    public let state: State
  }

  /// Looks for the listing and the volumes, by name and size alone.
  public func parts() throws(BundleError) -> [PartState] {
    let expected = [(manifest.listing.name, manifest.listing.size)] + manifest.volumes.map { ($0.name, $0.size) }
    var parts: [PartState] = []
    for (name, size) in expected {
      let status: FileStatus?
      do { status = try Files.status(folder.appending(name)) } catch { throw .file(error) }
      let state: PartState.State =
        status == nil ? .missing : status?.size == size && status?.kind == .file ? .present : .wrongSize
      parts.append(PartState(name: name, size: size, state: state))
    }
    return parts
  }

  /// Calls `body` with each file of the snapshot, ordered by path.
  ///
  /// - Throws: ``BundleError`` when the listing is not what the manifest says; what `body` was given before must not be
  ///   acted upon then.
  public func forEachListed(_ body: (ListedFile) throws -> Void) throws(BundleError) {
    try ListingReader(path: folder.appending(manifest.listing.name), manifest: manifest).forEach(body)
  }

  /// Reads all volumes, one after the other, each once.
  ///
  /// - Parameters:
  ///   - sizes: the size of an object, as the listing tells it; `nil` for one that it does not name.
  ///   - begin: called for each object; what it gives takes the object's bytes; `nil` passes it over.
  ///   - progress: called with the bytes of all volumes that were read.
  /// - Throws: ``BundleError`` at the first thing that is not as it should be. What sinks took before is proven by each
  ///   object's own digest, no more.
  public func readVolumes(
    sizes: (ObjectDigest) -> Int64?,
    begin: (ObjectDigest) throws -> (any BundleObjectSink)?,
    progress: (Int64) -> Void
  ) throws(BundleError) {
    var assembly = ObjectAssembly()
    var before: Int64 = 0
    for volume in manifest.volumes {
      try withoutActuallyEscaping(progress) { (progress) throws(BundleError) in
        let start = before
        try read(volume, &assembly, sizes, begin) { progress(start + $0) }
      }
      before += volume.size
    }
    if let object = assembly.unfinished {
      throw .volumeDamaged(
        folder.appending(manifestName),
        "object \(object) is cut short at the end of the last volume"
      )
    }
  }

  private func read(
    _ volume: BundleManifest.Volume,
    _ assembly: inout ObjectAssembly,
    _ sizes: (ObjectDigest) -> Int64?,
    _ begin: (ObjectDigest) throws -> (any BundleObjectSink)?,
    _ progress: @escaping (Int64) -> Void
  ) throws(BundleError) {
    let path = folder.appending(volume.name)
    guard let status = try bundling({ try Files.status(path) }) else { throw .volumeMissing(path) }
    guard status.size == volume.size else {
      throw .volumeDamaged(path, "it has \(status.size) bytes, not \(volume.size)")
    }
    let reader = try VolumeReader(path, size: volume.size, progress: progress)
    var entries = 0
    var contentBytes: Int64 = 0
    while let entry = try reader.next() {
      entries += 1
      contentBytes += entry.size
      // A few bytes of zstd can claim any length: no more is unpacked than the manifest tells.
      guard entries <= volume.entries, contentBytes <= volume.contentBytes else {
        throw .volumeDamaged(path, "it holds more than the manifest says")
      }
      try assembly.take(entry, from: reader, at: path, sizes, begin)
    }
    let (digest, _) = try reader.finish()
    guard digest == volume.sha256 else { throw .volumeDamaged(path, "its SHA-256 is not what the manifest says") }
    guard entries == volume.entries, contentBytes == volume.contentBytes else {
      throw .volumeDamaged(path, "it holds less than the manifest says")
    }
  }
}

/// Puts objects together, also those that go over several volumes.
private struct ObjectAssembly {
  private var seen = Set<ObjectDigest>()
  private var open: (object: ObjectDigest, sink: (any BundleObjectSink)?, parts: Int, count: Int64, size: Int64)?

  /// The object of which parts are still to come.
  var unfinished: ObjectDigest? { open?.object }

  mutating func take(
    _ entry: VolumeReader.Entry,
    from reader: VolumeReader,
    at path: FilePath,
    _ sizes: (ObjectDigest) -> Int64?,
    _ begin: (ObjectDigest) throws -> (any BundleObjectSink)?
  ) throws(BundleError) {
    let object = entry.name.object
    if (entry.name.part ?? 1) == 1 {
      guard open == nil, seen.insert(object).inserted, let size = sizes(object) else {
        throw .unexpectedEntry(entry.name.text, path)
      }
      guard entry.name.part != nil || entry.size == size else {
        throw .volumeDamaged(path, "object \(object) has \(entry.size) bytes, not \(size) as the listing says")
      }
      open = (object, try bundling { try begin(object) }, 0, 0, size)
    }
    guard var current = open, current.object == object, current.parts + 1 == entry.name.part ?? 1,
      entry.size <= current.size - current.count
    else { throw .unexpectedEntry(entry.name.text, path) }
    if let sink = current.sink { try reader.read { try sink.append($0) } }
    current.parts += 1
    current.count += entry.size
    let isWhole = current.count == current.size
    open = isWhole ? nil : current
    if isWhole, let sink = current.sink, try bundling({ try sink.finish() }) != object {
      throw .objectMismatch(object, path)
    }
  }
}
