/// What in the indexes is unknown to us, or skipped: the vendor's format moves, and somebody should know when it does.
package struct DriftReport: Sendable, Hashable {
  /// One kind of thing that is unknown.
  package struct Finding: Sendable, Hashable {
    /// Its stable name, such as `unknown-attribute Files/@Foo`.
    package let name: String
    /// How often it occurs.
    package fileprivate(set) var count: Int
    /// Where it first occurred, or the value that it had there.
    package let sample: String
  }

  /// The kind of a file that is skipped, since no Windows takes its name: ``TreePath/deviceName``. The path follows.
  package static let skippedName = "skipped-name"

  /// How many kinds are kept: a hostile index must not fill the memory with names.
  private static let maximumKinds = 1000

  private var byName: [String: Finding] = [:]

  /// An empty report.
  package init() {}

  /// What was found, sorted by name.
  package var findings: [Finding] { byName.values.sorted { $0.name < $1.name } }

  /// Whether nothing was found.
  package var isEmpty: Bool { byName.isEmpty }

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
  package mutating func merge(_ other: DriftReport) {
    for (name, finding) in other.byName {
      if byName[name] != nil {
        byName[name]?.count += finding.count
      } else if byName.count < Self.maximumKinds {
        byName[name] = finding
      }
    }
  }
}
