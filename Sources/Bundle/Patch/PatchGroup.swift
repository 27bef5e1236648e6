import MirrorTypes

/// A stretch of one file's bytes, mostly all of them.
public struct Extent: Sendable, Hashable {
  /// A path that the file has in its snapshot.
  public var path: TreePath
  /// The file's object.
  public var object: ObjectDigest
  /// How many bytes the whole file has.
  public var size: Int64
  /// Where the stretch begins, in bytes.
  public var offset: Int64
  /// How many bytes it has.
  public var length: Int64

  /// A whole file.
  public init(_ path: TreePath, _ object: ObjectDigest, size: Int64) {
    self.init(path, object, size: size, offset: 0, length: size)
  }

  /// A part of a file.
  public init(_ path: TreePath, _ object: ObjectDigest, size: Int64, offset: Int64, length: Int64) {
    self.path = path
    self.object = object
    self.size = size
    self.offset = offset
    self.length = length
  }

  /// Whether it is all of the file.
  public var isWhole: Bool { offset == 0 && length == size }
}

/// New files, and old ones that they resemble: what is compressed together.
///
/// The bytes of the old ones, one after the other, are the prefix (zstd: `--patch-from`) against which the bytes of the
/// new ones, one after the other, are compressed into one frame.
public struct PatchGroup: Sendable, Hashable {
  /// What is old, from the snapshot that the reader has.
  public var bases: [Extent]
  /// What is new.
  public var objects: [Extent]

  /// A group.
  public init(bases: [Extent], objects: [Extent]) {
    self.bases = bases
    self.objects = objects
  }

  /// The bytes of the old files.
  public var baseBytes: Int64 { bases.reduce(0) { $0 + $1.length } }
  /// The bytes of the new files.
  public var contentBytes: Int64 { objects.reduce(0) { $0 + $1.length } }

  /// The most bytes of new files in a group: a reader refuses more.
  public static let maximumContent: Int64 = 64 << 20
  /// The most bytes of old files in a group: a reader refuses more.
  public static let maximumBases: Int64 = 64 << 20
  /// The most files of a kind in a group: a reader refuses more.
  public static let maximumFiles = 16_384
}
