/// The text format of Prometheus, version 0.0.4.
package struct PrometheusText: Sendable {
  /// What was written so far.
  package private(set) var text = ""

  /// Nothing yet.
  package init() {}

  /// Begins a family of samples.
  package mutating func family(_ name: String, _ type: String, _ help: String) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
  }

  /// Adds a sample.
  package mutating func sample(_ name: String, _ labels: [(String, String)] = [], _ value: Int64) {
    let inside = labels.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",")
    text += "\(name)\(inside.isEmpty ? "" : "{\(inside)}") \(value)\n"
  }

  /// Adds a sample without labels.
  package mutating func sample(_ name: String, _ value: Int64) { sample(name, [], value) }

  /// Adds what another one has.
  package mutating func add(_ other: PrometheusText) { text += other.text }

  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }
}
