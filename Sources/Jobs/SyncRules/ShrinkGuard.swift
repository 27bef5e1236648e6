import Catalogue
import JobCore
import MirrorTypes
import StoreTrust

/// Stops a sync that would seal a snapshot from which much is missing: a half-empty server must not empty a site.
package struct ShrinkGuard {
  /// By how many percent files or bytes may fall.
  package let limit: Int

  package init(limit: Int) { self.limit = limit }

  /// Compares a source's new files with those it had.
  ///
  /// Difference files are left out on both sides: they come and go as the vendor likes, and when `diffs` is switched.
  /// What the indexes name is guarded all the same.
  ///
  /// - Parameters:
  ///   - source: the source's name.
  ///   - before: the components of the last snapshot.
  ///   - now: the source's new files.
  ///   - differences: how many of its files then and now are difference files.
  ///   - retired: components that the vendor has retired: what was of them alone is missed by nobody.
  ///   - change: what has changed of what is wanted, if anything has: components may be gone then, though not too much
  ///     in all.
  /// - Throws: an error with ``ExitStatus/shrunk`` when a component is gone, or too many files or bytes are.
  package func check(
    _ source: String,
    before: [ComponentSummary],
    now: SourceFiles,
    differences: (before: SourceNotes.FileSum, now: SourceNotes.FileSum),
    retired: Set<String> = [],
    change: Change? = nil
  ) throws {
    let old = before.filter { $0.source == source && !Self.isOnly($0.component, of: retired) }
    guard !old.isEmpty else { return }
    let gone = Self.names(in: old.map(\.component)).subtracting(Self.names(in: now.components))
      .subtracting(retired.map { $0[...] }).sorted()
    guard gone.isEmpty || change != nil else {
      let names = Words.list(gone, atMost: 8)
      throw refusal(source, gone.count == 1 ? "component \(names) is gone" : "components are gone: \(names)")
    }
    let files = old.clampedSum { $0.files } - differences.before.files
    let bytes = old.totalBytes { $0.bytes } - differences.before.bytes
    do {
      try check(source, "files", before: Int64(files), now: Int64(now.count - differences.now.files))
      try check(source, "bytes", before: bytes, now: now.bytes - differences.now.bytes)
    } catch {
      guard let change else { throw error }
      throw change.refusal(JobError(error).message)
    }
  }

  /// What has changed of what is wanted.
  package enum Change: Sendable {
    /// The selection in the configuration: whoever has typed it may have typed it wrong.
    case selection
    /// What the sites want, in words: a site's server that suddenly knows fewer devices may be wrong.
    case demand(String)

    fileprivate func refusal(_ message: String) -> JobError {
      switch self {
      case .selection:
        JobError(
          .shrunk,
          "\(message). The selection in the configuration has changed",
          remedy: "If so much less is really wanted, run sync once with --accept-shrink; else correct the selection."
        )
      case .demand(let changes):
        JobError(
          .shrunk,
          "\(message). What the sites want has changed: \(changes)",
          remedy:
            "If the sites really need that much less, run sync with --accept-shrink; else have 'kscmirror demand ask' run again there: a user of the server who may not see all devices reports too few."
        )
      }
    }
  }

  /// The components that a source had and has no longer.
  package static func gone(_ source: String, before: [ComponentSummary], now: SourceFiles) -> Set<String> {
    let old = names(in: before.filter { $0.source == source }.map(\.component))
    return Set(old.subtracting(names(in: now.components)).map(String.init))
  }

  private static func isOnly(_ text: String, of retired: Set<String>) -> Bool {
    !text.isEmpty && text.split(separator: ",").allSatisfy { retired.contains(String($0)) }
  }

  /// The components in texts that join several by commas.
  private static func names(in texts: some Collection<String>) -> Set<Substring> {
    Set(Set(texts).flatMap { $0.split(separator: ",") })
  }

  private func check(_ source: String, _ unit: String, before: Int64, now: Int64) throws {
    guard before > 0, now < before else { return }
    let fall = Double(before - now) / Double(before) * 100
    guard fall > Double(limit) else { return }
    throw refusal(
      source,
      "\(unit) fell from \(before) to \(now), by \(Int(fall.rounded())) percent; the limit is \(limit)"
    )
  }

  private func refusal(_ source: String, _ what: String) -> JobError {
    JobError(
      .shrunk,
      "source \(source): \(what); no snapshot is sealed",
      remedy: "If this is right, run sync with --accept-shrink; else look at the server, or try again later."
    )
  }
}
