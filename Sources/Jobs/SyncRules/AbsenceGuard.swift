import JobCore
import MirrorConfiguration
import MirrorTypes

/// Absences that a person has let through: they stop no later sync.
package struct AcceptedAbsences: Codable, Sendable, Hashable {
  /// How many indexes and files.
  package var count = 0
  /// Components all of whose files are absent.
  package var components: Set<String> = []
  /// Indexes.
  package var indexes: Set<String> = []

  package init(count: Int = 0, components: Set<String> = [], indexes: Set<String> = []) {
    self.count = count
    self.components = components
    self.indexes = indexes
  }
}

/// Decides whether what the servers lack is too much for a snapshot, and what a person should know of it. It looks at
/// what the indexes name, so that it holds on a first sync too.
package struct AbsenceGuard {
  /// The source's name.
  package let source: String
  /// How many percent of what is named may be absent.
  package let limit: Int
  /// What is made of absent indexes.
  package let indexes: UpdateTreeSource.AbsentIndexes
  /// Indexes that were absent when the last snapshot was sealed: they are not reported again.
  package var knownIndexes: Set<String> = []

  package init(
    source: String,
    limit: Int,
    indexes: UpdateTreeSource.AbsentIndexes,
    knownIndexes: Set<String> = []
  ) {
    self.source = source
    self.limit = limit
    self.indexes = indexes
    self.knownIndexes = knownIndexes
  }

  /// So many absent files are a handful: no share, however large, of a small selection, unless the limit is 0.
  package static let handful = 5
  /// How many names a text has.
  private static let samples = 3

  /// What follows.
  package struct Verdict {
    /// Why no snapshot may be sealed; `nil`: one may.
    package var refusal: JobError?
    /// What is accepted from now on.
    package var accepted = AcceptedAbsences()
    /// What a person should know, where a snapshot is sealed.
    package var notices: [JobNotice] = []
  }

  /// Judges.
  ///
  /// - Parameters:
  ///   - before: what was let through earlier.
  ///   - accepting: whether a person lets through what there is now (`--accept-shrink`).
  package func verdict(on census: AbsenceCensus, before: AcceptedAbsences, accepting: Bool) -> Verdict {
    var verdict = Verdict()
    let absentIndexes = Set(census.indexes.map(\.path))
    let empty = Set(census.components.filter { $0.value.named > 0 && $0.value.named == $0.value.absent }.keys)
    verdict.accepted.indexes = before.indexes.intersection(absentIndexes)
    verdict.accepted.components = before.components.intersection(empty)
    verdict.accepted.count = min(before.count, census.absent)
    verdict.refusal =
      refusal(forIndexes: census, verdict.accepted) ?? refusal(forShare: census, verdict.accepted)
      ?? refusal(forComponents: empty, census, verdict.accepted)
    if verdict.refusal != nil, accepting {
      verdict.refusal = nil
      verdict.accepted = AcceptedAbsences(count: census.absent, components: empty, indexes: absentIndexes)
    }
    if verdict.refusal == nil { verdict.notices = notices(on: census) }
    return verdict
  }

  // MARK: - Refusals

  /// Why what is absent of the indexes alone is too much.
  package func refusal(forIndexes census: AbsenceCensus, _ accepted: AcceptedAbsences) -> JobError? {
    guard indexes == .error else { return nil }
    let missing = census.indexes.filter { !accepted.indexes.contains($0.path) }
    guard let first = missing.first else { return nil }
    let what = missing.count == 1 ? "the index \(Self.text(first)) is" : "\(Words.count(missing.count)) indexes are"
    let names = missing.count == 1 ? "" : ": " + Self.list(missing.map(Self.text))
    return JobError(
      .shrunk,
      "source \(source): \(what) named by \(first.namedBy)\(missing.count == 1 ? "" : " and others") and absent on the servers\(names); nothing of what such an index names would be mirrored, and no snapshot is sealed",
      remedy:
        "Try again later: the server may be in the middle of an update. If it never has them, take what they are of out of the selection, let them through once with sync --accept-shrink, or set absent_indexes = \"report\" in the source."
    )
  }

  private func refusal(forShare census: AbsenceCensus, _ accepted: AcceptedAbsences) -> JobError? {
    let share = Int((Double(limit) / 100 * Double(census.named)).rounded(.down))
    let allowed = limit == 0 ? 0 : max(share, Self.handful)
    guard census.absent - accepted.count > allowed else { return nil }
    let percent = Double(census.absent) / Double(max(census.named, 1)) * 100
    let names = (census.indexes.map(\.path) + census.newFiles.keys.map(\.string)).sorted()
    return JobError(
      .shrunk,
      "source \(source): \(census.absent) of \(census.named) indexes and files that are named are absent on the servers, \(Self.rounded(percent)) percent\(names.isEmpty ? "" : ", such as " + Self.list(names)); the limit is \(limit) percent, and no snapshot is sealed",
      remedy:
        "Try again later, or look at the server. If this is right, let it through once with sync --accept-shrink, or raise absent_limit in [sync]."
    )
  }

  private func refusal(
    forComponents empty: Set<String>,
    _ census: AbsenceCensus,
    _ accepted: AcceptedAbsences
  ) -> JobError? {
    let lost = empty.subtracting(accepted.components).sorted()
    guard !lost.isEmpty else { return nil }
    let texts = lost.map { name in
      let files = census.components[name]?.named ?? 0
      return "\(name) (\(Words.count(files, "file")))"
    }
    return JobError(
      .shrunk,
      "source \(source): all files of \(lost.count == 1 ? "the component" : "these components") are absent on the servers: \(Self.list(texts)); no snapshot is sealed",
      remedy:
        "Try again later, or look at the server. If this is right, run sync with --accept-shrink, or leave the component out of the selection."
    )
  }

  // MARK: - Notices

  private func notices(on census: AbsenceCensus) -> [JobNotice] {
    var notices: [JobNotice] = []
    let indexes = census.indexes.filter { !knownIndexes.contains($0.path) }
    if !indexes.isEmpty {
      notices.append(
        JobNotice(
          .warning,
          "absent-indexes",
          "source \(source): \(Words.count(indexes.count, "index is", "indexes are")) named and newly absent on the servers: \(Self.list(indexes.map(Self.text))). What they name is not mirrored; they are asked for again at growing intervals"
        )
      )
    }
    if !census.newFiles.isEmpty {
      let names = census.newFiles.map { path, known in
        known.absence?.refusal.map { "\(path) (refused, \($0))" } ?? path.string
      }.sorted()
      notices.append(
        JobNotice(
          census.newFiles.count > Self.handful ? .warning : .information,
          "absent-files",
          "source \(source): \(Words.count(names.count, "file is", "files are")) named by the indexes and newly absent on the servers: \(Self.list(names)); \(census.files) in all. They are asked for again at growing intervals"
        )
      )
    }
    // One file of two or three is not a loss of databases.
    let lost = census.components.filter {
      $0.value.new > 0 && $0.value.absent * 2 > $0.value.named && $0.value.absent > 1
    }
    if !lost.isEmpty {
      let texts = lost.sorted { $0.key < $1.key }.map {
        "\($0.key) (\(Words.count($0.value.absent)) of \(Words.count($0.value.named, "file")))"
      }
      notices.append(
        JobNotice(
          .warning,
          "component-lost-files",
          "source \(source): most files of \(lost.count == 1 ? "this component" : "these components") are absent on the servers: \(Self.list(texts))"
        )
      )
    }
    return notices
  }

  private static func text(_ index: AbsenceCensus.MissingIndex) -> String {
    let what = index.components.prefix(4).joined(separator: ",") + (index.components.count > 4 ? ",…" : "")
    let why = index.refusal.map { "refused, \($0)" } ?? ""
    let facts = [what, why].filter { !$0.isEmpty }.joined(separator: "; ")
    return facts.isEmpty ? index.path : "\(index.path) (\(facts))"
  }

  private static func list(_ names: [String]) -> String { Words.list(names, atMost: samples) }

  private static func rounded(_ percent: Double) -> String {
    percent >= 10 ? "\(Int(percent.rounded()))" : "\(Double((percent * 10).rounded()) / 10)"
  }
}
