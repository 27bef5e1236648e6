import ContentStore
import JobCore

extension ContentStore {
  /// The release that is published, for what cannot be done without one.
  ///
  /// - Throws: an error with ``ExitStatus/notThere`` where there is none yet.
  package func published() throws -> Release {
    guard let release = try current() else {
      throw JobError(.notThere, "the store has no release yet", remedy: "Run 'kscmirror sync' or 'kscmirror import'.")
    }
    return release
  }
}
