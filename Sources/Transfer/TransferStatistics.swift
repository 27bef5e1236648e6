/// What a client has done since it was made.
public struct TransferStatistics: Hashable, Sendable {
  /// What was asked of one server.
  public struct Server: Hashable, Sendable {
    /// Requests sent to it.
    public internal(set) var requests = 0
    /// Requests that failed: no answer, or one that is no file (404 included).
    public internal(set) var failures = 0
    /// Bytes of bodies that came from it; counted when a request ends.
    public internal(set) var bytesReceived: Int64 = 0
  }

  /// Bytes of bodies that have come, those of running and of failed attempts included.
  public internal(set) var bytesReceived: Int64 = 0
  /// Requests sent, redirections included.
  public internal(set) var requests = 0
  /// Attempts beyond the first of a file.
  public internal(set) var retries = 0
  /// Connections opened.
  public internal(set) var connectionsOpened = 0
  /// Answers over HTTP/2 or newer.
  public internal(set) var multiplexedAnswers = 0
  /// Transfers under way.
  public internal(set) var running = 0
  /// Transfers that wait for their turn or for a pause to end.
  public internal(set) var waiting = 0
  /// What was asked of each server, by its base address without credentials.
  public internal(set) var servers: [String: Server] = [:]
}
