import SetupPlan
import Synchronization

/// Somebody whose answers stand in a list, and who remembers what was shown and asked.
final class ScriptedTerminal: SetupTerminal, Sendable {
  private let answers: Mutex<[String]>
  private let heard = Mutex<[String]>([])

  init(_ answers: String...) { self.answers = Mutex(answers) }

  func show(_ line: String) { heard.withLock { $0.append(line) } }

  func line(_ prompt: String) -> String? {
    heard.withLock { $0.append(prompt) }
    return answers.withLock { $0.isEmpty ? nil : $0.removeFirst() }
  }

  /// All that was shown and asked.
  var text: String { heard.withLock { $0.joined(separator: "\n") } }
  /// How many answers were not asked for.
  var left: Int { answers.withLock { $0.count } }
}
