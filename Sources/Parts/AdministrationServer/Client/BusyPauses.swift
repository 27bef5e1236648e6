/// The pauses between the attempts of one call while the server is busy.
struct BusyPauses {
  private let options: AdministrationServerOptions
  private let patience: Duration
  private let begin = ContinuousClock.now
  private var next: Duration

  init(_ options: AdministrationServerOptions, patience: Duration) {
    self.options = options
    self.patience = patience
    next = options.firstPause
  }

  /// Waits before the next attempt, as long as the server asks for where it does.
  ///
  /// - Throws: ``AdministrationServerError/busy(call:waited:)`` where the pause would go beyond the patience.
  mutating func wait(_ call: String, _ response: OpenAPIResponse) async throws(AdministrationServerError) {
    var pause = next
    if let asked = response.headers["retry-after"].flatMap({ Int($0) }), asked >= 0 {
      pause = max(pause, .seconds(min(asked, 3600)))
    }
    pause = min(pause, options.longestPause)
    next = min(next * 2, options.longestPause)
    let waited = ContinuousClock.now - begin
    guard waited + pause <= patience else { throw .busy(call: call, waited: waited) }
    do { try await Task.sleep(for: pause) } catch { throw .cancelled }
  }
}
