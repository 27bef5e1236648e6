import CLinux
import Glibc
import SystemPackage

/// What a file system has left.
package struct FreeSpace: Hashable, Sendable {
  /// Bytes that an ordinary process may still write.
  package let bytes: Int64
  /// Files that may still be made; `nil` where the file system has no such limit (FAT, btrfs).
  package let inodes: Int64?
  /// The bytes of a block: what a file takes is a multiple of it. On large exFAT sticks 128 KiB and more.
  package let blockSize: Int64
  /// Whether nothing can be written: the file system is read-only, or is mounted so here.
  package let isReadOnly: Bool
  /// Whether the file system says nothing of its size, as some that a program serves: the counts mean nothing then.
  package let isUnknown: Bool

  /// Asks the file system that holds `path`.
  package init(at path: FilePath) throws(FileError) {
    var record = statvfs()
    guard file_system_status(path.string, &record) == 0 else { throw .current("examine the file system of", path) }
    self.init(record)
  }

  init(open raw: Int32, _ path: FilePath) throws(FileError) {
    var record = statvfs()
    guard file_system_status_of(raw, &record) == 0 else { throw .current("examine the file system of", path) }
    self.init(record)
  }

  private init(_ record: statvfs) {
    bytes = Int64(
      clamping: UInt64(record.f_bavail).multipliedReportingOverflow(by: UInt64(record.f_frsize)).partialValue
    )
    blockSize = max(1, Int64(clamping: UInt64(record.f_frsize)))
    isReadOnly = record.f_flag & UInt(ST_RDONLY) != 0
    isUnknown = record.f_blocks == 0
    inodes = record.f_files == 0 ? nil : Int64(clamping: UInt64(record.f_favail))
  }
}
