import MirrorTypes

/// A stretch of one file's bytes, mostly all of them.
package struct Extent: Sendable, Hashable {
  /// A path that the file has in its snapshot.
  package var path: TreePath
  /// The file's object.
  package var object: ObjectDigest
  /// How many bytes the whole file has.
  package var size: Int64
  /// Where the stretch begins, in bytes.
  package var offset: Int64
  /// How many bytes it has.
  package var length: Int64

  /// A whole file.
  package init(_ path: TreePath, _ object: ObjectDigest, size: Int64) {
    self.init(path, object, size: size, offset: 0, length: size)
  }

  /// A part of a file.
  package init(_ path: TreePath, _ object: ObjectDigest, size: Int64, offset: Int64, length: Int64) {
    self.path = path
    self.object = object
    self.size = size
    self.offset = offset
    self.length = length
  }

  /// Whether it is all of the file.
  package var isWhole: Bool { offset == 0 && length == size }
}

/// New files, and old ones that they resemble: what is compressed together.
///
/// The bytes of the old ones, one after the other, are the prefix (zstd: `--patch-from`) against which the bytes of the
/// new ones, one after the other, are compressed into one frame.
package struct PatchGroup: Sendable, Hashable {
  /// What is old, from the snapshot that the reader has.
  package var bases: [Extent]
  /// What is new.
  package var objects: [Extent]

  /// A group.
  package init(bases: [Extent], objects: [Extent]) {
    self.bases = bases
    self.objects = objects
  }

  /// The bytes of the old files.
  package var baseBytes: Int64 { bases.totalBytes(\.length) }
  /// The bytes of the new files.
  package var contentBytes: Int64 { objects.totalBytes(\.length) }

  /// The most bytes of new files in a group: a reader refuses more.
  package static let maximumContent: Int64 = 64 << 20
  /// The most bytes of old files in a group: a reader refuses more.
  package static let maximumBases: Int64 = 64 << 20
  /// The most files of a kind in a group: a reader refuses more.
  package static let maximumFiles = 16_384
}
