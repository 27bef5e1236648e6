import Catalogue
import MirrorTypes
import Trust
import UpdateIndex

/// How old a snapshot's databases are, by the dates of their own indexes: in all, and component by component.
package struct SnapshotAge: Sendable {
  /// One component.
  package struct Component: Sendable {
    /// What it has.
    package let summary: ComponentSummary
    /// The date of its own index; `nil` where none is known.
    package let date: UTCTime?
    /// Whether its source has indexes at all.
    package let hasIndex: Bool

    /// Its name as people know it.
    package var name: String { PassedComponent.subjects(of: summary.component) }

    /// How old it is.
    package func age(_ now: UTCTime, by limits: AgeLimits) -> IndexAge {
      IndexAge(of: date, hasIndex: hasIndex, now: now, by: limits)
    }
  }

  /// The date of the newest primary index; where no primary index is known, of the newest other
  /// one. `nil` where no date is known.
  package let date: UTCTime?
  /// Whether any source has indexes.
  package let hasIndex: Bool
  private let sources: [String: SourceNotes]

  /// Reads the notes of a snapshot.
  package init(_ notes: String) {
    sources = SnapshotNotes(notes)?.sources ?? [:]
    let primaries = sources.values.flatMap { $0.primaries.values }.filter(ComponentDates.range.contains)
    date = primaries.max() ?? sources.values.compactMap { $0.components?.newest }.max()
    hasIndex = sources.values.contains(where: \.hasIndex)
  }

  /// How old the snapshot is as a whole.
  package func age(_ now: UTCTime, by limits: AgeLimits) -> IndexAge {
    IndexAge(of: date, hasIndex: hasIndex, now: now, by: limits)
  }

  /// The components with their dates.
  package func components(_ summaries: [ComponentSummary]) -> [Component] {
    summaries.map { summary in
      let notes = sources[summary.source]
      return Component(
        summary: summary,
        date: notes?.components?[summary.component],
        hasIndex: notes?.hasIndex ?? true
      )
    }
  }

  /// The day that a log names, as `, with databases of 2026-11-23T21:40:00Z`; nothing where it is not known.
  package var logged: String { date.map { ", with databases of \($0.text)" } ?? "" }

  /// What a person reads about it, in a sentence without an end; `nil` where there is nothing that has an age.
  package func words(_ now: UTCTime, by limits: AgeLimits) -> String? {
    guard hasIndex || date != nil else { return nil }
    guard let date else { return "the date of the databases is not known" }
    let text = "the databases are of \(date.text)"
    let passed = now.seconds(since: date)
    let ago = "\(text), \(Words.count(passed / 86_400, "day")) ago"
    switch age(now, by: limits) {
    case .unknown: return "\(text), which is in the future by this host's clock"
    case .fresh, .noIndex: return text
    case .old: return "\(ago): old\(Self.shown(passed))"
    case .veryOld: return "\(ago): very old\(Self.shown(passed))"
    }
  }

  /// What the vendor's products show for databases of an age in seconds, whatever limits are set here.
  private static func shown(_ age: Int64) -> String {
    switch age {
    case ..<AgeLimits.vendors.old: ""
    case ..<AgeLimits.vendors.veryOld: "; Kaspersky products show \"Databases are out of date\""
    default: "; Kaspersky products show \"Databases are extremely out of date\""
    }
  }
}

extension SourceNotes {
  /// Whether its files are named by indexes.
  package var hasIndex: Bool { !primaries.isEmpty || components != nil }
}
