import BundleFormat
import Bundles
import Failures
import JobCore
import MirrorTypes
import StoreTrust

/// A bundle whose metadata was refused. Nothing of it was taken.
struct RefusedBundle: Failure {
  let reader: BundleReader
  let cause: JobError

  var status: ExitStatus { cause.status }
  var message: String { cause.message }
  var details: [String] { cause.details }
  var remedy: String? { cause.remedy }

  /// Why it was refused. Where bundles of the trusted keys lie beside it, nobody should replace these keys because of it.
  func cause(besides others: [BundleReader]) -> JobError {
    guard cause.status == .unknownKey, !others.isEmpty else { return cause }
    return JobError(cause.status, cause.message, details: cause.details)
  }

  /// What says that a bundle is none of the connected side's, or not one that can be used. Whatever a medium or the store
  /// itself does, such as failing, is no such thing.
  static let statuses: Set<ExitStatus> = [
    .notABundle, .incompleteBundle, .damagedBundle, .unknownKey, .tooFewSignatures, .otherSite, .objectMismatch,
  ]
}

// A number in the name of a folder is no proof of anything: whoever lays a stray one on a stick must not keep the true one
// out.

extension ImportJob {
  /// Does something with the bundles that lead to the newest snapshot. One whose metadata is refused is skipped, as
  /// long as others lead to something new; a person who has named a snapshot wants that one.
  ///
  /// - Parameter held: the numbers of the snapshots that are here.
  func passingOverRefused<Result>(
    held: () throws -> [Int],
    _ body: (ImportRoute) async throws -> Result
  ) async throws -> Result {
    var candidates = try wholeCandidates()
    var refused: [RefusedBundle] = []
    while true {
      let route = ImportRoute(candidates, held: Set(try held()))
      if candidates.count > 1 {
        let names = Words.list(route.steps.map(\.name), separator: ", then ")
        reporter.information("several-bundles", "\(path): \(candidates.count) bundles; taking \(names)")
      }
      do {
        let result = try await body(route)
        warnOf(refused)
        return result
      } catch let error as RefusedBundle {
        refused.append(error)
        candidates.removeAll { $0.folder == error.reader.folder }
        guard options.snapshot == nil, refused.count < Self.mostRefused, try leadOn(candidates, from: held()) else {
          throw refused[0].cause(besides: candidates)
        }
      } catch {
        warnOf(refused)
        throw error
      }
    }
  }

  /// So many refused bundles of one medium are skipped, no more: each is verified, and has its line in the journal.
  private static let mostRefused = 50

  /// The candidates, without folders that have the name of a bundle and no metadata: unless there are only such.
  private func wholeCandidates() throws -> [BundleReader] {
    let all = try candidates()
    guard options.snapshot == nil, all.count > 1 else { return all }
    let whole = all.filter { (try? $0.metadata.status())??.kind == .folder }
    guard !whole.isEmpty, whole.count < all.count else { return all }
    let hollow = all.filter { bundle in !whole.contains { $0.folder == bundle.folder } }
    reporter.warning(
      "bundle-passed-over",
      "\(path): \(Words.list(hollow.map(\.name))): skipped, since there is no metadata of a bundle in what has such a name"
    )
    return whole
  }

  /// Whether bundles may lead to something newer than what is here.
  private func leadOn(_ bundles: [BundleReader], from held: [Int]) -> Bool {
    guard let newest = bundles.map(\.snapshot).max() else { return false }
    return newest > held.max() ?? 0
  }

  private func warnOf(_ refused: [RefusedBundle]) {
    guard let first = refused.first else { return }
    let names = Words.list(refused.map(\.reader.name))
    reporter.warning(
      "bundle-passed-over",
      "\(path): \(names): skipped, since what lies there cannot be trusted or used (\(first.cause.message))"
    )
  }

  /// Verifies the metadata of a bundle: what is refused here can be skipped.
  func provenMetadata(of reader: BundleReader, _ body: () async throws -> VerifiedBundle) async throws -> VerifiedBundle
  {
    do {
      return try await body()
    } catch {
      let cause = JobError(error)
      throw RefusedBundle.statuses.contains(cause.status) ? RefusedBundle(reader: reader, cause: cause) : error
    }
  }
}
