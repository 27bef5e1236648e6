/// One point that is watched, judged.
package struct WatchPoint: Sendable, Hashable, Encodable {
  /// How it stands, with the numbers that monitoring knows.
  package enum State: Int32, Sendable, Hashable, Comparable, CaseIterable {
    /// It is as it should be.
    case ok = 0
    /// Somebody should look at it.
    case warning = 1
    /// It is not in order.
    case critical = 2
    /// It cannot be said.
    case unknown = 3

    /// The word that monitoring shows.
    package var word: String {
      switch self {
      case .ok: "OK"
      case .warning: "WARNING"
      case .critical: "CRITICAL"
      case .unknown: "UNKNOWN"
      }
    }

    /// By how much it matters: what is critical comes before what cannot be said.
    private var weight: Int {
      switch self {
      case .ok: 0
      case .warning: 1
      case .unknown: 2
      case .critical: 3
      }
    }

    /// The order of weight.
    package static func < (left: Self, right: Self) -> Bool { left.weight < right.weight }
  }

  /// A stable name: `age`, `sync`, `receipt.plant-7`.
  package let name: String
  /// How it stands: ok, warning, critical, unknown.
  package let state: State
  /// It in a sentence without an end.
  package let text: String
  /// What to do next, where there is something to do.
  package let remedy: String?

  /// A point.
  init(_ name: String, _ state: State, _ text: String, remedy: String? = nil) {
    self.name = name
    self.state = state
    self.text = text
    self.remedy = state == .ok ? nil : remedy
  }
}

extension WatchPoint.State: Encodable {
  /// Written as its word in small letters.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(word.lowercased())
  }
}
