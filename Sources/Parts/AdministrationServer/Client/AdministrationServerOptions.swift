import StrictJSON

/// How an ``AdministrationServer`` works. Everything has a default.
package struct AdministrationServerOptions: Sendable {
  /// The name of a virtual server; `nil`: the Administration Server itself.
  package var virtualServer: String?
  /// How long a call may be put off by a busy server (status 503) before it fails.
  package var busyPatience: Duration = .seconds(120)
  /// The pause after the first 503; each further one is twice as long.
  package var firstPause: Duration = .milliseconds(500)
  /// The longest pause, also where the server asks for a longer one (`Retry-After`).
  package var longestPause: Duration = .seconds(15)
  /// How many rows are asked for at once.
  package var pageSize = 500
  /// How long the server keeps what a list is read from, should it not be released.
  package var iteratorLifetime: Duration = .seconds(900)
  /// How many rows of one list are read at the most.
  package var maximumRows = 2_000_000
  /// How many bytes of a file are sent at once: the vendor's limit is 1 MiB.
  package var chunkSize = 1 << 20
  /// The shortest pause between two questions for the state of an action.
  package var shortestPoll: Duration = .milliseconds(50)
  /// How long an action may take.
  package var actionPatience: Duration = .seconds(1800)
  /// What an answer may have at the most.
  package var limits = JSONLimits.openAPI

  /// The defaults.
  package init() {}

  /// Takes what was given on trust to where it makes sense.
  var sane: AdministrationServerOptions {
    var sane = self
    sane.firstPause = max(firstPause, .milliseconds(1))
    sane.longestPause = max(longestPause, sane.firstPause)
    sane.pageSize = min(max(1, pageSize), 10_000)
    sane.iteratorLifetime = max(iteratorLifetime, .seconds(1))
    sane.chunkSize = min(max(1, chunkSize), 1 << 20)
    sane.shortestPoll = max(shortestPoll, .milliseconds(1))
    return sane
  }
}
