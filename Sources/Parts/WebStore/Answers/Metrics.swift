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
    lines.add(status.watched)
    return lines.text
  }
}
