import Glibc
import MirrorTypes

/// What a path leads to, without following a link at its end.
package struct FileStatus: Hashable, Sendable {
  /// Kinds of file that matter here.
  package enum Kind: Hashable, Sendable {
    case file
    case folder
    case link
    /// A device, socket or pipe.
    case special
  }

  /// The kind of file.
  package let kind: Kind
  /// Its size in bytes.
  package let size: Int64
  /// How many names it has.
  package let links: Int
  /// Its inode number.
  package let inode: UInt64
  /// The number of the file system that holds it.
  package let device: UInt64
  /// When its content last changed.
  package let modified: UTCTime
  /// Its permission bits.
  package let permissions: UInt32
  /// The number of the user whose it is.
  package let owner: UInt32

  init(_ record: stat) {
    kind =
      switch record.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .folder
      case S_IFLNK: .link
      default: .special
      }
    size = Self.believed(record.st_size)
    links = Int(record.st_nlink)
    inode = UInt64(record.st_ino)
    device = UInt64(record.st_dev)
    modified = UTCTime(seconds: Int64(record.st_mtim.tv_sec))
    permissions = UInt32(record.st_mode & 0o7777)
    owner = UInt32(record.st_uid)
  }
}

extension FileStatus {
  /// The size of a file as a file system tells it. One on a medium may claim any: it is brought to 0 to 2^53, above which
  /// there is no file.
  static func believed(_ size: off_t) -> Int64 { max(0, min(Int64(size), 1 << 53)) }
}
