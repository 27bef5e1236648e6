import Confinement
import FileSystem
import MirrorTypes
import SystemPackage
import Unpacking

/// What is known to whoever applies patches.
package struct PatchBases {
  /// A file of a snapshot.
  package typealias Lookup = (TreePath) throws -> (object: ObjectDigest, size: Int64)?

  /// The file at a path of the new snapshot, as signed metadata tells it.
  let file: Lookup
  /// The file at a path of the snapshot that is here.
  let base: Lookup
  /// Where an object that is here lies.
  let objectPath: (ObjectDigest) -> FilePath
  /// Whether an object is not here yet: a patch that makes no such object is skipped.
  let isWanted: (ObjectDigest) -> Bool

  /// What is known.
  package init(
    file: @escaping Lookup,
    base: @escaping Lookup,
    objectPath: @escaping (ObjectDigest) -> FilePath,
    isWanted: @escaping (ObjectDigest) -> Bool
  ) {
    self.file = file
    self.base = base
    self.objectPath = objectPath
    self.isWanted = isWanted
  }
}

/// Applies the patches of a bundle's volumes, in a confined process. Of a list or a frame nothing is believed: sizes are bounded before a byte
/// is unpacked, and what comes out has to have the signed digests.
struct PatchIntake {
  private let bases: PatchBases
  private let patches: PatchApplier
  /// The list whose patch is to come next.
  private var pending: (number: Int, list: PatchList)?

  init(_ bases: PatchBases) throws(BundleError) {
    self.bases = bases
    do throws(ConfinementError) { patches = try PatchApplier() } catch { throw .unpacking("patches", error) }
  }

  /// Takes the list of a patch's files.
  mutating func takeList(
    _ number: Int,
    _ entry: VolumeReader.Entry,
    from reader: VolumeReader,
    at path: FilePath
  ) throws(BundleError) {
    guard pending == nil, entry.size <= PatchList.maximumSize else { throw .unexpectedEntry(entry.name.text, path) }
    guard let list = PatchList(parsing: try Self.read(entry, from: reader)) else {
      throw .volumeDamaged(path, "\(entry.name.text) is not a list of a patch's files")
    }
    pending = (number, list)
  }

  /// Takes a patch, and hands out the objects that it makes.
  mutating func takePatch(
    _ number: Int,
    _ entry: VolumeReader.Entry,
    from reader: VolumeReader,
    at path: FilePath,
    into assembly: inout ObjectAssembly
  ) throws(BundleError) {
    guard let list = pending, list.number == number else { throw .unexpectedEntry(entry.name.text, path) }
    pending = nil
    let objects = try bundling { try extents(list.list.objects, bases.file, PatchGroup.maximumContent, path) }
    let content = objects.totalBytes(\.length)
    guard entry.size <= content + content / 64 + 4096 else {
      throw .volumeDamaged(path, "\(entry.name.text) is larger than what it can make")
    }
    let frame = try Self.read(entry, from: reader)
    var made: [UInt8]?
    if objects.contains(where: { $0.offset == 0 ? bases.isWanted($0.object) : !assembly.isPassingOver }) {
      let old = try bundling { try extents(list.list.bases, bases.base, PatchGroup.maximumBases, path) }
      made = try apply(frame, to: old, size: Int(content), at: path)
    }
    try handOut(objects, made, of: list.list, at: path, &assembly)
  }

  /// What a list's lines mean.
  private func extents(
    _ lines: [PatchList.Line],
    _ lookup: PatchBases.Lookup,
    _ limit: Int64,
    _ path: FilePath
  ) throws -> [Extent] {
    var sum: Int64 = 0
    return try lines.map { line in
      guard let (object, size) = try lookup(line.path) else {
        throw BundleError.volumeDamaged(path, "a patch names \(line.path), which is in no list of files")
      }
      let stretch = line.stretch ?? 0..<size
      guard stretch.upperBound <= size, Int64(stretch.count) <= limit - sum else {
        throw BundleError.volumeDamaged(path, "a patch takes more of \(line.path) than it may")
      }
      sum += Int64(stretch.count)
      return Extent(line.path, object, size: size, offset: stretch.lowerBound, length: Int64(stretch.count))
    }
  }

  private func apply(_ frame: [UInt8], to old: [Extent], size: Int, at path: FilePath) throws(BundleError) -> [UInt8] {
    let prefix: [UInt8]
    do throws(FileError) { prefix = try ExtentReading.read(old, bases.objectPath) } catch {
      throw .patchMismatch(error.description, path)
    }
    do throws(PatchApplier.Failure) {
      let made = try patches.apply(frame, to: prefix, atMost: size)
      guard made.count == size else {
        throw PatchApplier.Failure.patch("it makes \(Words.exactBytes(made.count)), not \(size)")
      }
      return made
    } catch {
      switch error {
      case .process(let cause): throw .unpacking(path, cause)
      case .patch(let why) where old.isEmpty: throw .volumeDamaged(path, "a patch cannot be unpacked: \(why)")
      case .patch(let why): throw .patchMismatch(why, path)
      }
    }
  }

  private func handOut(
    _ objects: [Extent],
    _ bytes: [UInt8]?,
    of list: PatchList,
    at path: FilePath,
    _ assembly: inout ObjectAssembly
  ) throws(BundleError) {
    var start = 0
    for extent in objects {
      let end = start + Int(extent.length)
      let name = "\(extent.path) of a patch"
      let sink = try assembly.begin(extent.object, at: extent.offset, length: extent.length, name, path)
      if let sink {
        guard let bytes else { throw .unexpectedEntry(name, path) }
        try bundling {
          try bytes.withUnsafeBytes { try sink.append(UnsafeRawBufferPointer(rebasing: $0[start..<end])) }
        }
      }
      guard try assembly.end(length: extent.length) else {
        if list.bases.isEmpty { throw .objectMismatch(extent.object, path) }
        throw .patchMismatch("it does not make \(extent.path) as it was signed", path)
      }
      start = end
    }
  }

  private static func read(_ entry: VolumeReader.Entry, from reader: VolumeReader) throws(BundleError) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Int(entry.size))
    try reader.read { bytes.append(contentsOf: $0) }
    return bytes
  }
}
