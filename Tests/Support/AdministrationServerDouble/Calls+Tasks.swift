extension AdministrationServerDouble {
  static func resetTasks(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    _ = try context.arguments.string("strTaskName")
    let name = state.name("tasks")
    state.taskIterators[name] = 0
    return ["strTaskIteratorId": name]
  }

  static func nextTask(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let name = try context.arguments.string("strTaskIteratorId")
    guard let position = state.taskIterators[name] else { throw .notFound("the iterator \(name)") }
    guard position < state.fixture.updateTasks.count else { return ["pTaskData": [String: Any]()] }
    state.taskIterators[name] = position + 1
    let task = state.fixture.updateTasks[position]
    let source: [String: Any] = ["type": 3, "url": task.source, "use_proxy": false]
    return [
      "pTaskData": [
        "TASK_UNIQUE_ID": task.id, "TASK_NAME": "DoUpdate", "TASKID_PRODUCT_NAME": task.product,
        "TASK_INFO_PARAMS": Wire.params(["DisplayName": task.name]),
        "TASK_ADDITIONAL_PARAMS": Wire.params(["UpdateSourceList": [Wire.params(source)]]),
      ]
    ]
  }

  static func releaseTasks(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let name = try context.arguments.string("strTaskIteratorId")
    guard state.taskIterators.removeValue(forKey: name) != nil else { throw .notFound("the iterator \(name)") }
    return [:]
  }

  static func runTask(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    state.runningTasks[try task(state, context).id] = state.fixture.actionPolls
    return [:]
  }

  static func taskStatistics(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let task = try task(state, context)
    var counts = ["1": 0, "2": 0, "4": 0, "8": 0, "16": 0, "32": 0, "64": 0, "GNRL_COMPLETED_PERCENT": 0]
    if let left = state.runningTasks[task.id], left > 0 {
      state.runningTasks[task.id] = left - 1
      counts["2"] = 1
    } else {
      if state.runningTasks.removeValue(forKey: task.id) != nil {
        fetch(Set(task.components), from: task.source, &state)
      }
      counts[UpdateRepository.read(task.source).isEmpty ? "16" : "4"] = 1
      counts["GNRL_COMPLETED_PERCENT"] = 100
    }
    return ["PxgRetVal": counts]
  }

  /// Takes components from a tree into the repository.
  static func fetch(_ components: Set<String>, from source: String, _ state: inout ServerState) {
    let fetched = UpdateRepository.read(source).filter { components.isEmpty || components.contains($0.component) }
    let names = Set(fetched.map(\.component))
    state.fixture.updates = state.fixture.updates.filter { !names.contains($0.component) } + fetched
  }

  private static func task(
    _ state: ServerState,
    _ context: CallContext
  ) throws(PxgFailure) -> Fixture.UpdateTask {
    let id = try context.arguments.string("strTask")
    guard let task = state.fixture.updateTasks.first(where: { $0.id == id }) else { throw .notFound("the task \(id)") }
    return task
  }
}
