extension AdministrationServerDouble {
  /// Begins an action that is done after some questions.
  static func begin(_ name: String, _ state: inout ServerState, _ context: CallContext, package: Int? = nil) {
    state.actions[name] = ServerState.Action(
      connection: context.call.connection,
      result: .success([:]),
      package: package,
      pollsLeft: state.fixture.actionPolls
    )
  }

  /// Tells an action's state; what a client does against the rules is counted.
  static func checkAction(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let name = try context.arguments.string("wstrActionGuid")
    guard var action = state.actions[name] else { throw .notFound("the action \(name)") }
    let now = ContinuousClock.now
    if action.connection != context.call.connection || action.earliest.map({ now < $0 }) ?? false {
      state.rulesBroken += 1
    }
    guard action.pollsLeft > 0 else {
      state.actions[name] = nil
      var data: [String: Any] = [:]
      if let package = action.package { data["KLPKG_NPI_PKGID"] = package }
      return [
        "bFinalized": true, "bSuccededFinalized": true, "lStateCode": 0, "pStateData": data, "lNextCheckDelay": 0,
      ]
    }
    action.pollsLeft -= 1
    action.earliest = now + .milliseconds(state.fixture.nextCheckDelay)
    state.actions[name] = action
    return [
      "bFinalized": false, "bSuccededFinalized": false, "lStateCode": 1, "pStateData": [String: Any](),
      "lNextCheckDelay": state.fixture.nextCheckDelay,
    ]
  }
}
