import MirrorTypes

internal import GRDB

/// One run of a job, as `status` shows it.
package struct Run: Hashable, Sendable {
  /// How a run ended.
  package enum Outcome: String, Hashable, Sendable {
    /// All was well.
    case ok
    /// It ended, but part of the work failed.
    case withErrors = "with errors"
    /// It changed nothing.
    case failed
  }

  /// How many runs are remembered.
  package static let mostRemembered = 1000

  /// The job's name: `sync`, `pack`, `import`…
  package var job: String
  /// When it began.
  package var started: UTCTime
  /// When it ended.
  package var finished: UTCTime
  /// How it ended.
  package var outcome: Outcome
  /// What there is to say, in a line.
  package var message: String
  /// The snapshot that it made or used.
  package var snapshot: Int?

  /// A run.
  package init(
    job: String,
    started: UTCTime,
    finished: UTCTime,
    outcome: Outcome,
    message: String,
    snapshot: Int? = nil
  ) {
    self.job = job
    self.started = started
    self.finished = finished
    self.outcome = outcome
    self.message = message
    self.snapshot = snapshot
  }
}

extension Catalogued {
  /// Remembers a run; the oldest are forgotten.
  package func record(_ run: Run) throws(StoreError) {
    try catalogue.writing { db in
      try db.execute(
        sql: """
          INSERT INTO run (job, started, finished, outcome, message, snapshot) VALUES (?, ?, ?, ?, ?, ?)
          """,
        arguments: [run.job, run.started, run.finished, run.outcome.rawValue, run.message, run.snapshot]
      )
      try db.execute(
        sql: "DELETE FROM run WHERE id <= ?",
        arguments: [db.lastInsertedRowID - Int64(Run.mostRemembered)]
      )
    }
  }

  /// The last runs, newest first.
  ///
  /// - Parameter job: only those of this job; `nil`: of all.
  package func runs(last count: Int, job: String? = nil) throws(StoreError) -> [Run] {
    try catalogue.reading { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT job, started, finished, outcome, message, snapshot FROM run
          WHERE :job IS NULL OR job = :job ORDER BY id DESC LIMIT :count
          """,
        arguments: ["job": job, "count": count]
      ).map { row in
        Run(
          job: row[0],
          started: row[1],
          finished: row[2],
          outcome: Run.Outcome(rawValue: row[3]) ?? .failed,
          message: row[4],
          snapshot: row[5]
        )
      }
    }
  }
}
