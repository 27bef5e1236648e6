import MirrorTypes
import UpdateIndex

/// The dates of components: of each the newest date of its own indexes.
///
/// They are noted in snapshots and travel in bundles, so that it is known everywhere how old the databases are. What is
/// read is held to bounds, whoever has written it.
package struct ComponentDates: Sendable, Hashable {
  /// The dates by what files call their components: several are joined by commas.
  private(set) var dates: [String: UTCTime] = [:]

  /// The most components, and the longest of their names in bytes: the vendor's largest tree has some 400.
  static let most = 20_000
  static let longestName = 4096
  /// From 1990 to the end of 9999: others are no dates of databases.
  static let range: ClosedRange<UTCTime> = UTCTime(seconds: 631_152_000)...UTCTime.last

  /// No dates.
  package init() {}

  subscript(component: String) -> UTCTime? { dates[component] }

  /// Takes the date of an index of a component.
  package mutating func add(_ date: UTCTime, of component: String) {
    guard Self.range.contains(date), component.utf8.count <= Self.longestName else { return }
    if let known = dates[component] {
      dates[component] = max(known, date)
    } else if dates.count < Self.most {
      dates[component] = date
    }
  }

  /// Takes all dates of another tree.
  package mutating func add(_ other: ComponentDates) {
    for (component, date) in other.dates.sorted(by: { $0.key < $1.key }) { add(date, of: component) }
  }

  /// Only those of some components.
  func only(_ components: Set<String>) -> ComponentDates {
    var result = self
    result.dates = dates.filter { components.contains($0.key) }
    return result
  }

  /// The newest of them.
  var newest: UTCTime? { dates.values.max() }
}

extension ComponentDates: Codable {
  /// Reads what ``encode(to:)`` wrote. What is not a date is left out: then the age is not known.
  package init(from decoder: any Decoder) throws {
    let read = (try? decoder.singleValueContainer().decode([String: UTCTime].self)) ?? [:]
    for (component, date) in read.sorted(by: { $0.key < $1.key }) { add(date, of: component) }
  }

  /// Writes them as an object: the date by component.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(dates)
  }
}

extension SnapshotNotes {
  /// Leaves out the dates of components that a selection does not have.
  package mutating func keepDates(of components: Set<String>) {
    sources = sources.mapValues { notes in
      var notes = notes
      notes.components = notes.components?.only(components)
      return notes
    }
  }
}
