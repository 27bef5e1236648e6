import FileSystem
import Journal
import Synchronization

/// Whether a run has written into the journal that it refused something, or that a change failed.
package final class RefusalMemory: Sendable {
  private let isThere = Mutex(false)

  /// Nothing was written.
  package init() {}

  func note() { isThere.withLock { $0 = true } }

  var isNoted: Bool { isThere.withLock { $0 } }
}

extension JobContext {
  /// Runs what takes something in from outside. What it refuses stands in the journal: if nobody else has written a line
  /// about it, the last line of defence does so here.
  ///
  /// - Parameter command: what is run.
  package func takingIn<Result>(
    _ command: String,
    isolation: isolated (any Actor)? = #isolation,
    _ body: (JobContext) async throws -> Result
  ) async throws -> Result {
    do {
      return try await body(self)
    } catch {
      noteRefusal(by: command, JobError(error))
      throw error
    }
  }

  private func noteRefusal(by command: String, _ failure: JobError) {
    guard failure.status.isOfWhatCame, !refusals.isNoted,
      // Nothing is written where there is no store.
      let isStore = try? Files.status(folders.journal) != nil, isStore
    else { return }
    Audit(self).noteRefusal(
      "'kscmirror \(command)' refused what came: \(failure.message)",
      ["command": .string(command)],
      failure,
      reporter
    )
  }
}
