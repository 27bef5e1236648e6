/// What in the indexes is unknown to us: the vendor's format moves, and somebody should know when it does.
public struct DriftReport: Sendable, Hashable {
  /// One kind of thing that is unknown.
  public struct Finding: Sendable, Hashable {
    /// Its stable name, such as `unknown-attribute Files/@Foo`.
    public let name: String
    /// How often it occurs.
    public fileprivate(set) var count: Int
    /// Where it first occurred, or the value that it had there.
    public let sample: String
  }

  /// How many kinds are kept: a hostile index must not fill the memory with names.
  private static let maximumKinds = 1000

  private var byName: [String: Finding] = [:]

  /// An empty report.
  public init() {}

  /// What was found, sorted by name.
  public var findings: [Finding] { byName.values.sorted { $0.name < $1.name } }

  /// Whether nothing was found.
  public var isEmpty: Bool { byName.isEmpty }

  /// Counts one occurrence.
  mutating func note(_ kind: String, _ name: String, sample: @autoclosure () -> String) {
    let key = "\(kind) \(name.prefix(80))"
    if byName[key] != nil {
      byName[key]?.count += 1
    } else if byName.count < Self.maximumKinds {
      byName[key] = Finding(name: key, count: 1, sample: String(sample().prefix(120)))
    }
  }

  /// Adds what another report found.
  public mutating func merge(_ other: DriftReport) {
    for (name, finding) in other.byName {
      if byName[name] != nil {
        byName[name]?.count += finding.count
      } else if byName.count < Self.maximumKinds {
        byName[name] = finding
      }
    }
  }
}
