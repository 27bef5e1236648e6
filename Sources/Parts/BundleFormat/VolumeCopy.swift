import Crypto
import FileSystem
import MirrorTypes
import SystemPackage

/// Copies volumes and pieces of them, and computes digests of what is copied.
package enum VolumeCopy {
  private static let bufferSize = 1 << 20
  /// So much is written before the kernel is asked to begin with it: a stick has as much to do at the end as it is slow.
  private static let startingStep: Int64 = 16 << 20

  /// Copies bytes to a new file, and syncs it.
  ///
  /// - Parameters:
  ///   - input: where they are read.
  ///   - count: how many.
  ///   - place: the new file, in the place of one that has its name.
  ///   - permissions: those of the new file.
  ///   - body: called with all bytes in turn.
  /// - Returns: their SHA-256.
  /// - Throws: ``BundleError``; nothing of the file is left then. ``BundleError/volumeDamaged(_:_:)`` when there are too
  ///   few bytes.
  package static func copy(
    _ input: JoinedInput,
    count: Int64,
    to place: Place,
    permissions: UInt32 = 0o644,
    body: (UnsafeRawBufferPointer) throws -> Void = { _ in }
  ) throws(BundleError) -> ObjectDigest {
    do {
      return try bundling {
        try place.remove()
        var output = try OutputFile(place, permissions: permissions)
        var started: Int64 = 0
        let (digest, done) = try read(input, atMost: count) { bytes in
          try output.write(bytes)
          try body(bytes)
          if output.count - started >= startingStep {
            output.startWriting()
            started = output.count
          }
        }
        guard done == count else { throw BundleError.volumeDamaged(place.shown, "what it is copied from is too short") }
        try output.sync()
        try output.close()
        return digest
      }
    } catch {
      try? place.remove()
      throw error
    }
  }

  /// The SHA-256 of files, as if they were one, and their bytes.
  ///
  /// - Parameter limit: how many bytes are read: a file that has more, as one with holes may, has another digest then.
  package static func digest(
    of files: [Place],
    atMost limit: Int64,
    progress: (Int64) -> Void = { _ in }
  ) throws(BundleError) -> (digest: ObjectDigest, size: Int64) {
    try bundling {
      var done: Int64 = 0
      return try read(try JoinedInput(files), atMost: limit) {
        done += Int64($0.count)
        progress(done)
      }
    }
  }

  /// Reads a file that was written and synced, from the medium as far as the system lets us, and compares it.
  ///
  /// - Throws: ``BundleError/notGivenBack(_:)`` when the medium gives back something else.
  ///
  /// - Parameter progress: gets how many bytes were read, piece by piece.
  package static func verify(
    _ place: Place,
    has expected: ObjectDigest,
    progress: (Int) -> Void = { _ in }
  ) throws(BundleError) {
    try verify([place], has: expected, progress: progress)
  }

  /// Reads files that were written and synced, as if they were one, from the medium as far as the system lets us, and
  /// compares them.
  ///
  /// - Throws: ``BundleError/notGivenBack(_:)`` when the medium gives back something else.
  package static func verify(
    _ files: [Place],
    has expected: ObjectDigest,
    progress: (Int) -> Void = { _ in }
  ) throws(BundleError) {
    var hash = SHA256()
    try bundling {
      for place in files {
        try UncachedFile.read(place) { bytes in
          hash.update(bufferPointer: bytes)
          progress(bytes.count)
        }
      }
    }
    guard ObjectDigest(hash.finalize()) == expected else { throw .notGivenBack(VolumeFileName.joined(files)) }
  }

  private static func read(
    _ input: JoinedInput,
    atMost limit: Int64,
    _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws -> (ObjectDigest, Int64) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferSize, alignment: 4096)
    defer { buffer.deallocate() }
    var hash = SHA256()
    var done: Int64 = 0
    while done < limit {
      let room = Int(min(Int64(buffer.count), limit - done))
      let count = try input.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<room]))
      if count == 0 { break }
      let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
      hash.update(bufferPointer: bytes)
      try body(bytes)
      done += Int64(count)
    }
    return (ObjectDigest(hash.finalize()), done)
  }
}
