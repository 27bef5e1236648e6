import MirrorTypes

/// The server's tasks "Download updates to the Administration Server repository": `Tasks`, task type `DoUpdate` of the
/// component `Updater` ("Tasks of Administration Server and Network Agent" of the Open API's description).
extension AdministrationServer {
  /// The most tasks that are looked at.
  private static let mostTasks = 1000

  /// The tasks that fetch updates into the server's repository.
  package func updateTasks() async throws(AdministrationServerError) -> [UpdateTask] {
    let method = "Tasks.ResetTasksIterator"
    let answer = try await call(
      method,
      [
        "nGroupId": .int(0), "bGroupIdSignificant": .bool(false), "strProductName": .null, "strVersion": .null,
        "strComponentName": .null, "strInstanceId": .null, "strTaskName": .string(UpdateTask.type),
        "bIncludeSupergroups": .bool(true),
      ]
    )
    let iterator = try asked(method) { () throws(ParamsError) in
      try answer.outputs.required("strTaskIteratorId", answer.outputs.string("strTaskIteratorId"))
    }
    return try await releasing("Tasks.ReleaseTasksIterator", ["strTaskIteratorId": .string(iterator)]) {
      () throws(AdministrationServerError) in try await readTasks(iterator)
    }
  }

  private func readTasks(_ iterator: String) async throws(AdministrationServerError) -> [UpdateTask] {
    let method = "Tasks.GetNextTask"
    var tasks: [UpdateTask] = []
    for _ in 0..<Self.mostTasks {
      let outputs = try await call(method, ["strTaskIteratorId": .string(iterator)]).outputs
      let task = try asked(method) { () throws(ParamsError) -> UpdateTask? in
        guard outputs["pTaskData"] != .null, let data = try outputs.params("pTaskData"), !data.values.isEmpty else {
          return nil
        }
        return try UpdateTask(data)
      }
      guard let task else { return tasks }
      if task.isOfServer { tasks.append(task) }
    }
    return tasks
  }

  /// Starts a task. It goes on by itself.
  package func run(_ task: UpdateTask) async throws(AdministrationServerError) {
    _ = try await call("Tasks.RunTask", ["strTask": .string(task.id)])
  }

  /// How far a task is, by the server's count of devices; of an update task there is one, the server.
  package func state(of task: UpdateTask) async throws(AdministrationServerError) -> UpdateTask.State {
    let method = "Tasks.GetTaskStatistics"
    let answer = try await call(method, ["strTask": .string(task.id)])
    return try asked(method) { () throws(ParamsError) in
      let counts = try answer.returnedParams()
      func has(_ names: [String]) throws(ParamsError) -> Bool {
        for name in names where try (counts.integer(name) ?? 0) > 0 { return true }
        return false
      }
      // 1: not given to the device yet; 2: running; 16: failed.
      if try has(["1", "2"]) { return .running }
      return try has(["16"]) ? .failed : .ended
    }
  }
}

/// A task that fetches updates into the server's repository.
package struct UpdateTask: Hashable, Sendable {
  /// Its number, in digits.
  package let id: String
  /// What it is called.
  package let name: String
  /// Where it fetches from, in its order.
  package let sources: [Source]
  /// Whether it is the server's own: agents that hand updates on have tasks of the same type.
  let isOfServer: Bool

  /// What tasks of this type are called.
  static let type = "DoUpdate"

  /// Where a task fetches from ("Update source" of the Open API's description).
  package struct Source: Hashable, Sendable {
    /// 2 and 8 are the vendor's servers, 3, 6 and 7 what somebody has named, 1 and 4 other Administration Servers.
    package let type: Int64
    /// The address or folder, where one is named.
    package let url: String

    /// Whether somebody has named it.
    package var isNamed: Bool { [3, 6, 7].contains(type) }
  }

  /// How far a task is.
  package enum State: Sendable {
    /// It is running, or will be soon.
    case running
    /// It does not run; the last run, if there was one, ended well or with warnings.
    case ended
    /// It does not run, and the last run failed.
    case failed
  }

  init(_ data: Params) throws(ParamsError) {
    id = try data.required("TASK_UNIQUE_ID", data.string("TASK_UNIQUE_ID"))
    let product = try data.string("TASKID_PRODUCT_NAME")
    isOfServer = try data.string("TASK_NAME") == Self.type && (product == nil || product == "1093")
    let information = try data.params("TASK_INFO_PARAMS")
    name = try information?.string("DisplayName") ?? id
    let more = try data.params("TASK_ADDITIONAL_PARAMS")
    let list = try more?.paramsList("UpdateSourceList") ?? []
    var sources: [Source] = []
    for source in list {
      sources.append(Source(type: try source.integer("type") ?? 0, url: try source.string("url") ?? ""))
    }
    self.sources = sources
  }
}
