/// What an export did, or would do.
package struct ExportReport: Sendable, Encodable {
  /// The folder, all links on the way to it resolved.
  package let folder: String
  /// The release.
  package let release: Int
  /// How many files its update tree has.
  package let files: Int
  /// Their bytes.
  package let bytes: Int64
  /// How many files were there already and stay: kept, or given a second name.
  package let kept: Int
  /// How many were written.
  package let written: Int
  /// Their bytes.
  package let writtenBytes: Int64
  /// How many files lie in the folder that are not in the release.
  package let removed: Int
  /// How the new tree took its place: `exchange`, `rename`, `renames`; `nil` where nothing was changed.
  package internal(set) var way: String?
  /// Whether the folder held something else, which was replaced as asked.
  package let replaced: Bool
  /// Whether this was a dry run: nothing was done.
  package let dryRun: Bool

  /// Whether the folder holds the release already.
  package var isSame: Bool { written == 0 && removed == 0 && way == nil && !replaced }
}
