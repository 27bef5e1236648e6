import FoundationEssentials
import JobCore
import MirrorTypes
import Synchronization

/// Writes what a job tells as JSON, one object a line, on standard output: kscmirror-json(5).
package final class JSONReporter: JobReporter {
  private let lastProgress = Mutex(0.0)
  private let command: String
  private let quiet: Bool

  package init(command: String, quiet: Bool) {
    self.command = command
    self.quiet = quiet
  }

  package func report(_ event: JobEvent) {
    switch event {
    case .phase(let text):
      if !quiet { write("phase", text) }
    case .progress(let progress):
      let due = lastProgress.withLock { last in
        let now = TerminalReporter.clock
        guard now - last >= 1 else { return false }
        last = now
        return true
      }
      if due && !quiet { write("progress", progress) }
    case .notice(let notice):
      if !quiet || notice.severity != .information { write("notice", notice) }
    }
  }

  /// Writes one line: `{"command": …, KIND: …, "version": 1}`.
  package func write(_ kind: String, _ value: some Encodable) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .iso8601
    do {
      let data = try encoder.encode(Line(command: command, kind: kind, value: value))
      Console.data(ShownText.escapedJSON(String(decoding: data, as: UTF8.self)))
    } catch {
      Console.errorLine("kscmirror: cannot write \(kind) as JSON: \(error)")
    }
  }

  private struct Line<Value: Encodable>: Encodable {
    let command: String
    let kind: String
    let value: Value

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(1, forKey: Key("version"))
      try container.encode(command, forKey: Key("command"))
      try container.encode(value, forKey: Key(kind))
    }
  }

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ text: String) { stringValue = text }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}
