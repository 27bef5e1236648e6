import MirrorTypes
import SystemPackage

/// Takes the bytes of one object out of a bundle.
public protocol BundleObjectSink: AnyObject {
  /// Takes further bytes.
  func append(_ bytes: UnsafeRawBufferPointer) throws
  /// Ends the object: the SHA-256 of what was taken.
  func finish() throws -> ObjectDigest
}

/// Puts objects together, also those that go over several volumes.
struct ObjectAssembly {
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
        throw .volumeDamaged(path, "object \(object) has \(entry.size) bytes, not \(size) as the metadata says")
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
