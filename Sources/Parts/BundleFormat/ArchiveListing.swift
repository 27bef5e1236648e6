import CLibarchive
import Glibc
import SystemPackage

/// The names in an archive of somebody else's: zip, cab, tar, or tar packed by gzip. Nothing is unpacked to anywhere.
///
/// The archive may be hostile: how many names are read, how long they are and how much is unpacked on the way is
/// bounded, so that a bomb costs a moment. Names are for looking at; none becomes a path.
package struct ArchiveListing: Sendable {
  /// What is read at the most.
  package struct Limits: Sendable {
    /// Entries.
    package var entries = 20_000
    /// Bytes of one name; a longer one is left out.
    package var nameBytes = 1024
    /// Bytes that are unpacked on the way.
    package var unpackedBytes: Int64 = 256 << 20

    /// The defaults.
    package init() {}
  }

  /// The names of files, as they are in the archive.
  package private(set) var names: [String] = []
  /// Whether these are all: no bound was met, and the archive was not damaged on the way.
  package private(set) var isWhole = false

  /// Looks into a file.
  ///
  /// - Returns: `nil` where it is no such archive, or cannot be read.
  package init?(of path: FilePath, limits: Limits = Limits()) {
    guard let archive = archive_read_new() else { return nil }
    defer { archive_read_free(archive) }
    archive_read_support_filter_gzip(archive)
    archive_read_support_format_tar(archive)
    // By its directory at the end: what that does not name, no other program unpacks either.
    archive_read_support_format_zip_seekable(archive)
    archive_read_support_format_cab(archive)
    guard archive_read_open_filename(archive, path.string, 1 << 16) == ARCHIVE_OK else { return nil }
    guard readEntries(archive, limits) else { return nil }
  }

  /// `false`: it is not an archive at all.
  private mutating func readEntries(_ archive: OpaquePointer, _ limits: Limits) -> Bool {
    var count = 0
    while count < limits.entries {
      var entry: OpaquePointer?
      let result = archive_read_next_header(archive, &entry)
      if result == ARCHIVE_EOF {
        isWhole = true
        // An empty file is an empty archive to libarchive.
        return count > 0
      }
      guard result == ARCHIVE_OK || result == ARCHIVE_WARN, let entry else { return count > 0 }
      count += 1
      if archive_entry_filetype(entry) == S_IFREG, let raw = archive_entry_pathname(entry) {
        if strnlen(raw, limits.nameBytes + 1) <= limits.nameBytes { names.append(String(cString: raw)) }
      }
      // In a packed stream the next name lies behind this entry's bytes: they are counted, not skipped unseen.
      if archive_filter_count(archive) > 1, !pass(archive, limits) { return true }
    }
    return true
  }

  /// Passes over an entry's bytes; `false` when that unpacks too much, or fails.
  private func pass(_ archive: OpaquePointer, _ limits: Limits) -> Bool {
    var start: UnsafeRawPointer?
    var size = 0
    var offset: la_int64_t = 0
    while true {
      guard archive_filter_bytes(archive, 0) <= limits.unpackedBytes else { return false }
      switch archive_read_data_block(archive, &start, &size, &offset) {
      case ARCHIVE_OK: continue
      case ARCHIVE_EOF: return true
      default: return false
      }
    }
  }
}
