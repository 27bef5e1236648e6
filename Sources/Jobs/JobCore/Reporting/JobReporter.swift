/// What a job tells while it runs.
package enum JobEvent: Sendable {
  /// The job goes on to something else, in a few words: `fetching`, `writing volumes`.
  case phase(String)
  /// How far the job is. Comes often; a receiver shows as much of it as it likes.
  case progress(JobProgress)
  /// Something that a person should know.
  case notice(JobNotice)
}

/// How far a job is.
package struct JobProgress: Sendable, Hashable, Encodable {
  /// Bytes done.
  package var bytes: Int64
  /// Bytes in all, as far as known.
  package var totalBytes: Int64?
  /// Files done.
  package var files: Int?
  /// Files in all, as far as known.
  package var totalFiles: Int?

  /// A state of affairs.
  package init(bytes: Int64, totalBytes: Int64? = nil, files: Int? = nil, totalFiles: Int? = nil) {
    self.bytes = bytes
    self.totalBytes = totalBytes
    self.files = files
    self.totalFiles = totalFiles
  }
}

/// Something that a person should know.
package struct JobNotice: Sendable, Hashable, Encodable {
  /// How much it matters.
  package enum Severity: String, Sendable, Hashable, Encodable {
    /// What happened, for those who watch. Silent under `--quiet`.
    case information
    /// Something to look at, though the job goes on.
    case warning
    /// A part of the job failed, though the rest goes on.
    case error
  }

  /// How much it matters.
  package var severity: Severity
  /// A stable name of the kind of notice, for scripts: `drift`, `absent-file`.
  package var name: String
  /// The notice in words.
  package var text: String

  /// A notice.
  package init(_ severity: Severity, _ name: String, _ text: String) {
    self.severity = severity
    self.name = name
    self.text = text
  }
}

/// Takes what a job tells, from any thread.
package protocol JobReporter: Sendable {
  /// Takes one event.
  func report(_ event: JobEvent)
}

extension JobReporter {
  package func information(_ name: String, _ text: String) { report(.notice(JobNotice(.information, name, text))) }
  package func warning(_ name: String, _ text: String) { report(.notice(JobNotice(.warning, name, text))) }
  package func error(_ name: String, _ text: String) { report(.notice(JobNotice(.error, name, text))) }
}
