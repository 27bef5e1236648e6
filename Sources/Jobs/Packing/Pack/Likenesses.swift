import BundleFormat
import Catalogue
import ContentStore
import MirrorTypes
import SystemPackage

/// The old files that new ones, of which there was none before under their paths, resemble by what is in them.
struct Likenesses {
  /// The most bytes of new files that are looked at.
  private static let mostNew: Int64 = 256 << 20
  /// The most bytes of old files that are looked at.
  private static let mostOld: Int64 = 256 << 20

  private var bases: [ObjectDigest: [Siblings.Candidate]] = [:]

  /// Compares new files with the old ones in their folders.
  ///
  /// - Parameters:
  ///   - orphans: the new files.
  ///   - siblings: has the old ones.
  ///   - limit: the most bytes that one file may have, and the old ones together that one new file resembles.
  init(of orphans: [LackingFile], among siblings: Siblings, in store: ContentStore, limit: Int64) throws {
    var total: Int64 = 0
    let files = orphans.filter { $0.content.size <= limit }.prefix {
      total.addBytes($0.content.size)
      return total <= Self.mostNew
    }
    guard !files.isEmpty else { return }
    let candidates = siblings.neighbours(atMost: limit, together: Self.mostOld)
    let bytes = files.totalBytes { $0.content.size }
    var search = try LikenessSearch(for: files.map { store.path(of: $0.content.object) }, bytes: bytes)
    for (number, candidate) in candidates.enumerated() {
      try search.look(at: store.path(of: candidate.content.object), number: number)
    }
    for (number, file) in files.enumerated() {
      var left = limit
      bases[file.content.object] = search.bases(of: number).map { candidates[$0] }.prefix {
        left -= $0.content.size
        return left >= 0
      }
    }
  }

  /// What a new file resembles, the likest first.
  func bases(of file: LackingFile) -> [Siblings.Candidate] { bases[file.content.object] ?? [] }
}
