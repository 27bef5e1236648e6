import Catalogue
import ContentStore
import MirrorTypes

/// Writes into the store how a run went: `status` shows it, and `pack` asks for it.
package struct RunRecord {
  private let job: String
  private let clock: WallClock
  private let started: UTCTime

  package init(job: String, _ clock: WallClock) {
    self.job = job
    self.clock = clock
    started = clock.now
  }

  /// Writes the end of the run.
  package func finish(in store: ContentStore, outcome: Run.Outcome, message: String, snapshot: Int?) throws {
    let run = Run(
      job: job,
      started: started,
      finished: clock.now,
      outcome: outcome,
      message: message,
      snapshot: snapshot
    )
    try store.record(run)
  }
}
