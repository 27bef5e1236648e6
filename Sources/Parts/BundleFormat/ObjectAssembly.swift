import MirrorTypes
import SystemPackage

/// Takes the bytes of one object out of a bundle.
package protocol BundleObjectSink: AnyObject {
  /// Takes further bytes.
  func append(_ bytes: UnsafeRawBufferPointer) throws
  /// Ends the object: the SHA-256 of what was taken.
  func finish() throws -> ObjectDigest
}

/// What a reader of volumes asks of whoever takes the objects.
struct ObjectTaker {
  /// The size of an object, as signed metadata tells it; `nil` for one that it does not name.
  let size: (ObjectDigest) -> Int64?
  /// Begins an object: what takes its bytes; `nil` passes it over.
  let begin: (ObjectDigest) throws -> (any BundleObjectSink)?
}

/// Puts objects together, also those that come in several stretches, one after the other.
struct ObjectAssembly {
  private struct Open {
    let object: ObjectDigest
    let sink: (any BundleObjectSink)?
    let size: Int64
    var parts = 0
    var count: Int64 = 0
  }

  private let taker: ObjectTaker
  private var seen = Set<ObjectDigest>()
  private var open: Open?

  init(_ taker: ObjectTaker) { self.taker = taker }

  /// The object of which stretches are still to come.
  var unfinished: ObjectDigest? { open?.object }

  /// Whether the open object is skipped.
  var isPassingOver: Bool { open.map { $0.sink == nil } ?? false }

  /// Takes an entry of a volume that is an object, or a part of one.
  mutating func take(
    _ object: ObjectDigest,
    part: Int?,
    _ entry: VolumeReader.Entry,
    from reader: VolumeReader,
    at path: FilePath
  ) throws(BundleError) {
    let isFirst = (part ?? 1) == 1
    guard isFirst || open?.parts == (part ?? 1) - 1 else { throw .unexpectedEntry(entry.name.text, path) }
    let sink = try begin(object, at: isFirst ? 0 : open?.count ?? 0, length: entry.size, entry.name.text, path)
    guard part != nil || open?.size == entry.size else {
      throw .volumeDamaged(
        path,
        "object \(object) has \(Words.exactBytes(entry.size)), not \(open?.size ?? 0) as the metadata says"
      )
    }
    if let sink { try reader.read { try sink.append($0) } }
    if try !end(length: entry.size) { throw .objectMismatch(object, path) }
  }

  /// Begins a stretch of an object.
  ///
  /// - Parameters:
  ///   - offset: where the stretch begins: 0 for an object that was not there before, else where the last one ended.
  ///   - name: what the stretch is called in an error.
  /// - Returns: what takes its bytes; `nil` passes them over.
  mutating func begin(
    _ object: ObjectDigest,
    at offset: Int64,
    length: Int64,
    _ name: String,
    _ path: FilePath
  ) throws(BundleError) -> (any BundleObjectSink)? {
    if offset == 0 {
      guard open == nil, seen.insert(object).inserted, let size = taker.size(object) else {
        throw .unexpectedEntry(name, path)
      }
      open = Open(object: object, sink: try bundling { try taker.begin(object) }, size: size)
    }
    guard let open, open.object == object, open.count == offset, length <= open.size - open.count else {
      throw .unexpectedEntry(name, path)
    }
    return open.sink
  }

  /// Ends a stretch.
  ///
  /// - Returns: whether the bytes are the object's, as far as that can be said.
  mutating func end(length: Int64) throws(BundleError) -> Bool {
    guard var current = open else { return false }
    current.parts += 1
    current.count = min(current.size, current.count + length)
    guard current.count == current.size else {
      open = current
      return true
    }
    open = nil
    guard let sink = current.sink else { return true }
    return try bundling { try sink.finish() } == current.object
  }
}
