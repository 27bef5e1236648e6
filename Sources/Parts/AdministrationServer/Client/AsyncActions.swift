extension AdministrationServer {
  /// Waits until an action that a call has begun is done (`AsyncActionStateChecker`). The server is asked as often as it
  /// wants to be.
  ///
  /// - Parameters:
  ///   - id: what the call that began it gave back, or was given.
  ///   - name: what it is called in errors.
  /// - Returns: what the action leaves behind.
  package func waitForAction(_ id: String, name: String) async throws(AdministrationServerError) -> Params {
    let method = "AsyncActionStateChecker.CheckActionState"
    let clock = ContinuousClock()
    let begin = clock.now
    while true {
      let outputs = try await call(method, ["wstrActionGuid": .string(id)]).outputs
      let state = try asked(method) { () throws(ParamsError) in try ActionState(outputs) }
      if state.isDone {
        guard state.hasSucceeded else { throw .actionFailed(action: name, OpenAPIFault(actionState: state.data)) }
        return state.data
      }
      // Asking earlier is against the rules, so a pause that goes beyond our patience is not begun.
      let pause = max(state.nextCheck, options.shortestPoll)
      let waited = clock.now - begin
      guard waited + pause <= options.actionPatience else { throw .actionTimedOut(action: name, waited: waited) }
      do { try await Task.sleep(for: pause) } catch { throw .cancelled }
    }
  }
}

/// What the server says of an action.
private struct ActionState {
  let isDone: Bool
  let hasSucceeded: Bool
  let data: Params
  let nextCheck: Duration

  init(_ outputs: Params) throws(ParamsError) {
    isDone = try outputs.required("bFinalized", outputs.bool("bFinalized"))
    hasSucceeded = try outputs.bool("bSuccededFinalized") ?? false
    data = try outputs.params("pStateData") ?? Params()
    let milliseconds = try outputs.integer("lNextCheckDelay") ?? 0
    nextCheck = .milliseconds(min(max(0, milliseconds), 86_400_000))
  }
}
