import Glibc
import SystemPackage

/// What an open file is. A file that cannot be examined, as when its medium was pulled, is a failure of its own: nothing
/// is known of it then, least of all that it is something else than a file.
package enum OpenedKind {
  /// The record of an open file that has to be of a kind.
  ///
  /// - Parameters:
  ///   - raw: the open file; the caller closes it.
  ///   - kinds: the kinds that it may be of, as `st_mode` has them.
  ///   - operation: what it was opened for, in words.
  /// - Throws: ``FileError``; `EINVAL` for what is of another kind.
  package static func record(
    of raw: Int32,
    at path: FilePath,
    kinds: [mode_t] = [S_IFREG],
    operation: String = "open"
  ) throws(FileError) -> stat {
    var record = stat()
    guard fstat(raw, &record) == 0 else { throw .current("examine", path) }
    guard kinds.contains(record.st_mode & S_IFMT) else { throw FileError(operation, path, .invalidArgument) }
    return record
  }
}
