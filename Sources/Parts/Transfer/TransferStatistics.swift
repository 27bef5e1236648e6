/// What a client has done since it was made.
package struct TransferStatistics: Hashable, Sendable {
  /// What was asked of one server.
  package struct Server: Hashable, Sendable {
    /// Requests sent to it.
    package internal(set) var requests = 0
    /// Requests that failed: no answer, or one that is not a file (404 included).
    package internal(set) var failures = 0
    /// Bytes of bodies that came from it; counted when a request ends.
    package internal(set) var bytesReceived: Int64 = 0
  }

  /// Bytes of bodies that have come, those of running and of failed attempts included.
  package internal(set) var bytesReceived: Int64 = 0
  /// Requests sent, redirections included.
  package internal(set) var requests = 0
  /// Attempts beyond the first of a file.
  package internal(set) var retries = 0
  /// Connections opened.
  package internal(set) var connectionsOpened = 0
  /// Answers over HTTP/2 or newer.
  package internal(set) var multiplexedAnswers = 0
  /// Transfers under way.
  package internal(set) var running = 0
  /// Transfers that wait for their turn or for a pause to end.
  package internal(set) var waiting = 0
  /// What was asked of each server, by its base address without credentials.
  package internal(set) var servers: [String: Server] = [:]
}
