import MirrorTypes

/// What came of an Administration Server's update from the current release.
package struct ServerUpdateReport: Sendable, Encodable {
  /// The server's address.
  package let server: String
  /// The number of the release that is published here.
  package internal(set) var release: Int?
  /// The server's task that was run; `nil`: it has none, or none that may be seen.
  package internal(set) var task: UpdateTask?
  /// The components of the release that the server knows.
  package internal(set) var components: [Component] = []
  /// Why the server has not taken the release; `nil`: it has.
  package internal(set) var failure: String?

  /// A task of the server's.
  package struct UpdateTask: Sendable, Encodable {
    /// What it is called.
    package let name: String
    /// The addresses and folders that somebody has named for it to fetch from.
    package let sources: [String]
    /// Whether the server says that its last run failed.
    package let hasFailed: Bool
  }

  /// A component, here and there.
  package struct Component: Sendable, Encodable {
    /// Its name, such as `KDB`.
    package let name: String
    /// Its date in the release.
    package let release: UTCTime
    /// Its date in the server's repository; `nil`: it is not there.
    package let server: UTCTime?
    /// What became of it.
    package let state: State

    /// What became of a component.
    package enum State: String, Sendable, Encodable {
      /// The server has it as it is here, and did not have it so before.
      case taken
      /// The server had it before as it is here.
      case same
      /// The server has a newer one.
      case newer
      /// The server has an older one still.
      case older
      /// The server does not have it.
      case missing
    }
  }

  init(server: String) { self.server = server }

  /// How many components came to a state.
  package func count(_ state: Component.State) -> Int { components.count { $0.state == state } }

  /// What is wrong with the components, in words; `nil`: nothing.
  var judgement: String? {
    guard let wrong = Self.judgement(of: components, lacksAreNormal: task != nil) else { return nil }
    guard let task else { return wrong }
    let sources = task.sources.isEmpty ? "no source that is named" : task.sources.joined(separator: ", ")
    let ending = task.hasFailed ? ", and its last run failed" : ""
    return "\(wrong); its task '\(task.name)' fetches from \(sources)\(ending)"
  }

  /// What is wrong with components.
  ///
  /// - Parameter lacksAreNormal: whether the server chooses by itself what it fetches, so that a component may be absent.
  static func judgement(of components: [Component], lacksAreNormal: Bool) -> String? {
    let lacks = components.count { $0.state == .missing }
    let wrong = components.filter {
      $0.state == .older || ($0.state == .missing && (!lacksAreNormal || lacks == components.count))
    }
    guard let first = wrong.first else { return nil }
    let word = first.state == .older ? "older there than here" : "not there"
    let rest = wrong.count > 1 ? ", and so on for \(Words.count(wrong.count - 1)) more" : ""
    return
      "of \(Words.count(components.count, "component")) \(Words.count(wrong.count)) \(wrong.count == 1 ? "is" : "are") not as in the release: \(first.name) is \(word)\(rest)"
  }
}
