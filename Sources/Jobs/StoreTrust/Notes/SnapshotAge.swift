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
    package func age(_ now: UTCTime) -> IndexAge { IndexAge(of: date, hasIndex: hasIndex, now: now) }
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
  package func age(_ now: UTCTime) -> IndexAge { IndexAge(of: date, hasIndex: hasIndex, now: now) }

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

  /// What a person reads about it, in a sentence without an end; `nil` where there is nothing that has an age.
  package func words(_ now: UTCTime) -> String? {
    guard hasIndex || date != nil else { return nil }
    guard let date else { return "the date of the databases is not known" }
    let days = now.seconds(since: date) / 86_400
    switch age(now) {
    case .unknown:
      return "the databases are of \(date.text), which is in the future by this host's clock"
    case .fresh, .noIndex: return "the databases are of \(date.text)"
    case .old:
      return
        "the databases are of \(date.text), \(Words.count(days, "day")) ago: old, which products call out of date"
    case .veryOld:
      return
        "the databases are of \(date.text), \(Words.count(days, "day")) ago: very old, which products call totally out of date"
    }
  }
}

extension SourceNotes {
  /// Whether its files are named by indexes.
  package var hasIndex: Bool { !primaries.isEmpty || components != nil }
}
