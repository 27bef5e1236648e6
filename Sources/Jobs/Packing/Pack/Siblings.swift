import Catalogue
import ContentStore
import MirrorTypes

/// The files of a snapshot among which a new one's predecessor may be: `keds-251028a.keb` for `keds-251028b.keb`.
struct Siblings {
  struct Candidate {
    let path: TreePath
    let content: LackingFile.Content
    /// Whether the new snapshot no longer has it: the new file may well have taken its place.
    let isGone: Bool
  }

  private var inFolder: [String: [Candidate]] = [:]
  private var byName: [String: Candidate] = [:]

  /// The most candidates of a folder that are looked at for one file.
  private static let mostCandidates = 4000

  /// Looks for files in the folders of `orphans`, and for files of their names elsewhere.
  init(of orphans: [TreePath], _ store: ContentStore, _ base: Int, _ snapshot: Int) throws {
    guard !orphans.isEmpty else { return }
    let folders = Set(orphans.map { $0.folder?.string ?? "" })
    let names = Set(orphans.map { String($0.name) })
    var gone = Set<TreePath>()
    try store.paths(of: base, goneIn: snapshot) { gone.insert($0) }
    try store.forEachContent(in: base) { path, content in
      guard content.size > 0 else { return }
      let folder = path.folder?.string ?? ""
      let isNear = folders.contains(folder)
      let isNamesake = names.contains(String(path.name))
      guard isNear || isNamesake else { return }
      let candidate = Candidate(path: path, content: content, isGone: gone.contains(path))
      if isNear { inFolder[folder, default: []].append(candidate) }
      if isNamesake, byName[String(path.name)].map({ candidate.isGone && !$0.isGone }) ?? true {
        byName[String(path.name)] = candidate
      }
    }
  }

  /// The files in the folders of the new ones, each content once, the smallest first.
  ///
  /// - Parameters:
  ///   - limit: the most bytes that one may have.
  ///   - total: the most bytes that they may have together.
  func neighbours(atMost limit: Int64, together total: Int64) -> [Candidate] {
    var seen = Set<ObjectDigest>()
    var left = total
    return inFolder.values.joined().filter { $0.content.size <= limit && seen.insert($0.content.object).inserted }
      .sorted { ($0.content.size, $0.path) < ($1.content.size, $1.path) }
      .prefix {
        left -= $0.content.size
        return left >= 0
      }
  }

  /// The file that a new one's name comes nearest to; `nil` when none is near.
  func nearest(to path: TreePath) -> Candidate? {
    if let namesake = byName[String(path.name)] { return namesake }
    let name = Array(path.name.utf8)
    var best: (score: Int, candidate: Candidate)?
    for candidate in inFolder[path.folder?.string ?? ""]?.prefix(Self.mostCandidates) ?? [] {
      let score = Self.likeness(name, Array(candidate.path.name.utf8)) + (candidate.isGone ? 4 : 0)
      if score > best?.score ?? 3 { best = (score, candidate) }
    }
    return best?.candidate
  }

  /// How many bytes two names have in common at both ends.
  private static func likeness(_ one: [UInt8], _ other: [UInt8]) -> Int {
    let start = zip(one, other).prefix { $0 == $1 }.count
    let end = zip(one.reversed(), other.reversed()).prefix { $0 == $1 }.count
    return min(start + end, max(one.count, other.count))
  }
}
