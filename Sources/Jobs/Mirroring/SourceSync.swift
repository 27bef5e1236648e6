/// Syncs one source, of whatever kind: what is new is fetched into the store. Nothing is sealed or published.
protocol SourceSync {
  /// Fetches what is new.
  ///
  /// - Throws: why the source's new state cannot be had; what was fetched stays in the store for the next run.
  func run() async throws -> SourceOutcome
}
