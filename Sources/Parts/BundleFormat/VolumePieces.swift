import Crypto
import FileSystem
import MirrorTypes
import SystemPackage

/// How a volume is cut: into pieces of one size, the last of which may be smaller; or not at all, where it is no larger.
package struct VolumePieces: Sendable {
  /// A file to be written.
  package struct File: Sendable, Hashable {
    /// Its name.
    package let name: String
    /// Its bytes.
    package let size: Int64
  }

  private let volume: VolumeFileName
  /// The files, in the order of the volume's bytes.
  package let files: [File]

  /// Cuts a volume of `size` bytes into pieces of at most `largest` bytes.
  ///
  /// - Parameter volume: the name of the file that holds the whole volume, which those of the pieces begin with.
  package init(_ volume: VolumeFileName, size: Int64, largest: Int64) {
    self.volume = volume
    guard size > largest, largest > 0 else {
      files = [File(name: volume.text, size: size)]
      return
    }
    // One too many is refused when they are written; no more are listed.
    let count = Int(min((size - 1) / largest + 1, Int64(VolumeFileName.maximumPieces + 1)))
    files = (0..<count).map { index in
      let name = volume.piece(index + 1, digits: String(count).count)
      return File(name: name.text, size: min(largest, size - Int64(index) * largest))
    }
  }

  /// Writes the pieces.
  ///
  /// - Parameters:
  ///   - sources: where the volume lies, whole or in other pieces.
  ///   - folder: where they are written.
  ///   - digest: the SHA-256 that the whole volume has to have.
  ///   - progress: called with the bytes of the volume that were written.
  /// - Returns: ``files``.
  /// - Throws: ``BundleError``, ``BundleError/volumeDamaged(_:_:)`` for another SHA-256.
  package func write(
    from sources: [Place],
    to folder: Place,
    expecting digest: ObjectDigest,
    progress: (Int64) -> Void
  ) throws(BundleError) -> [File] {
    guard files.count <= VolumeFileName.maximumPieces else {
      throw .archive(
        folder.appending(volume.text).shown,
        "more than \(VolumeFileName.maximumPieces) pieces; choose a larger size"
      )
    }
    return try bundling {
      let input = try JoinedInput(sources)
      var hash = SHA256()
      var done: Int64 = 0
      for file in files {
        _ = try VolumeCopy.copy(input, count: file.size, to: folder.appending(file.name)) { bytes in
          hash.update(bufferPointer: bytes)
          done += Int64(bytes.count)
          progress(done)
        }
      }
      guard ObjectDigest(bytes: hash.finalize()) == digest else {
        throw BundleError.volumeDamaged(
          VolumeFileName.joined(sources),
          "its SHA-256 is not what the bag's manifest says"
        )
      }
      return files
    }
  }
}
