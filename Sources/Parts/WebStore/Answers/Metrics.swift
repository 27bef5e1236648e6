import MirrorTypes
import Synchronization

/// What a server has counted since it started.
final class Metrics: Sendable {
  /// Answers by the first digit of their status.
  private let answers = Mutex([Int](repeating: 0, count: 6))
  private let bytesSent = Atomic<Int64>(0)
  private let connectionsOpen = Atomic<Int>(0)
  private let connectionsTaken = Atomic<Int>(0)
  private let refusals = Mutex<[Refusal: Int]>([:])

  /// Why a connection was not taken, or a request not answered.
  enum Refusal: String, CaseIterable {
    case address
    case connections
    case connectionsOfAddress = "connections_of_address"
    case rate
    case slow
  }

  func countAnswer(status: Int, bytes: Int64) {
    answers.withLock { $0[min(max(status / 100, 0), 5)] += 1 }
    bytesSent.wrappingAdd(bytes, ordering: .relaxed)
  }

  func countConnection() {
    connectionsOpen.wrappingAdd(1, ordering: .relaxed)
    connectionsTaken.wrappingAdd(1, ordering: .relaxed)
  }

  func countEndOfConnection() { connectionsOpen.wrappingSubtract(1, ordering: .relaxed) }

  func count(_ refusal: Refusal) { refusals.withLock { $0[refusal, default: 0] += 1 } }

  /// All of it as Prometheus reads it, with what the store says.
  func text(_ status: WebStatus) -> String {
    var lines = PrometheusText()
    let answers = answers.withLock { $0 }
    lines.family("kscmirror_http_requests_total", "counter", "Answers by the class of their status.")
    for digit in 1...5 {
      lines.sample("kscmirror_http_requests_total", [("class", "\(digit)xx")], Int64(answers[digit]))
    }
    lines.family("kscmirror_http_sent_bytes_total", "counter", "Bytes of bodies sent.")
    lines.sample("kscmirror_http_sent_bytes_total", bytesSent.load(ordering: .relaxed))
    lines.family("kscmirror_http_connections", "gauge", "Connections that are open.")
    lines.sample("kscmirror_http_connections", Int64(connectionsOpen.load(ordering: .relaxed)))
    lines.family("kscmirror_http_connections_total", "counter", "Connections taken.")
    lines.sample("kscmirror_http_connections_total", Int64(connectionsTaken.load(ordering: .relaxed)))
    lines.family("kscmirror_http_refused_total", "counter", "Connections and requests refused, by the reason.")
    let refusals = refusals.withLock { $0 }
    for reason in Refusal.allCases {
      lines.sample("kscmirror_http_refused_total", [("reason", reason.rawValue)], Int64(refusals[reason] ?? 0))
    }
    lines.store(status)
    return lines.text
  }
}

/// The text format of Prometheus, version 0.0.4.
struct PrometheusText {
  private(set) var text = ""

  /// Begins a family of samples.
  mutating func family(_ name: String, _ type: String, _ help: String) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
  }

  /// Adds a sample.
  mutating func sample(_ name: String, _ labels: [(String, String)] = [], _ value: Int64) {
    let inside = labels.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",")
    text += "\(name)\(inside.isEmpty ? "" : "{\(inside)}") \(value)\n"
  }

  mutating func sample(_ name: String, _ value: Int64) { sample(name, [], value) }

  /// What is published, how old it is, and how the last run ended.
  mutating func store(_ status: WebStatus) {
    if let release = status.release {
      let gauges: [(String, String, Int64)] = [
        ("kscmirror_release_number", "The release that is served.", Int64(release.number)),
        ("kscmirror_release_created_seconds", "When its snapshot was made.", release.created.seconds),
        ("kscmirror_release_published_seconds", "When it was published here.", release.published.seconds),
        ("kscmirror_release_files", "Its files.", Int64(release.files)),
        ("kscmirror_release_bytes", "Their bytes.", release.bytes),
      ]
      for (name, help, value) in gauges {
        family(name, "gauge", help)
        sample(name, value)
      }
    }
    age(status)
    guard let run = status.lastRun else { return }
    family("kscmirror_last_run_finished_seconds", "gauge", "When the last import or sync ended.")
    sample("kscmirror_last_run_finished_seconds", [("job", run.job)], run.finished.seconds)
    family("kscmirror_last_run_succeeded", "gauge", "Whether it succeeded.")
    sample("kscmirror_last_run_succeeded", [("job", run.job)], run.succeeded ? 1 : 0)
  }

  /// How old the databases are, by the dates of their own indexes. What has no known date has no sample of it.
  private mutating func age(_ status: WebStatus) {
    if let release = status.release {
      if let date = release.indexDate {
        family("kscmirror_release_index_seconds", "gauge", "The date of its newest primary index.")
        sample("kscmirror_release_index_seconds", date.seconds)
      }
      family("kscmirror_release_age", "gauge", "1 for how old its databases are.")
      let age = release.age(status.asOf)
      for other in IndexAge.allCases {
        sample("kscmirror_release_age", [("age", other.rawValue)], age == other ? 1 : 0)
      }
    }
    family("kscmirror_component_index_seconds", "gauge", "The date of a component's own index.")
    for component in status.components {
      if let date = component.indexDate {
        sample("kscmirror_component_index_seconds", Self.labels(component), date.seconds)
      }
    }
    family("kscmirror_component_arrived_seconds", "gauge", "When the newest file of a component arrived.")
    for component in status.components {
      sample("kscmirror_component_arrived_seconds", Self.labels(component), component.arrived.seconds)
    }
    family("kscmirror_components", "gauge", "How many components are how old.")
    for age in IndexAge.allCases {
      let count = status.components.count { $0.age == age }
      sample("kscmirror_components", [("age", age.rawValue)], Int64(count))
    }
  }

  private static func labels(_ component: WebStatus.Component) -> [(String, String)] {
    [("source", component.source), ("component", component.name)]
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }
}
