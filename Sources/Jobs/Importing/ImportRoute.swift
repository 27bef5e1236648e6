import BundleFormat
import FileSystem

/// Which bundles of a medium lead, one after the other, from what is here to the newest snapshot that can be had.
///
/// Only names and sizes are looked at: each bundle is verified when its turn comes.
struct ImportRoute {
  /// The bundles to import, in this order. Never empty.
  private(set) var steps: [BundleReader]
  /// A newer bundle that none of the others leads to.
  private(set) var unreachable: BundleReader?

  /// Finds the way that reads the fewest bytes.
  ///
  /// - Parameters:
  ///   - bundles: what lies on the medium, not empty, oldest snapshot first.
  ///   - held: the numbers of the snapshots that are here.
  init(_ bundles: [BundleReader], held: Set<Int>) {
    var search = Search(bundles: bundles, held: held)
    steps = [bundles[bundles.count - 1]]
    var isFound = false
    for number in Set(bundles.map(\.snapshot)).sorted(by: >) where !isFound {
      if let way = search.way(to: number), number >= held.max() ?? 0 || unreachable == nil {
        steps = way.steps
        isFound = true
      } else if unreachable == nil, !held.contains(number) {
        unreachable = bundles.last { $0.snapshot == number }
      }
    }
    if !isFound { unreachable = nil }
  }

  private struct Way {
    var steps: [BundleReader]
    var bytes: Int64
  }

  private struct Search {
    let byTarget: [Int: [BundleReader]]
    let held: Set<Int>
    private var known: [Int: Way?] = [:]

    init(bundles: [BundleReader], held: Set<Int>) {
      byTarget = Dictionary(grouping: bundles, by: \.snapshot)
      self.held = held
    }

    /// The cheapest way to a snapshot; a bundle that builds on a later one, or on itself, is none.
    mutating func way(to number: Int) -> Way? {
      if let way = known[number] { return way }
      known[number] = .some(nil)
      var best: Way?
      for bundle in byTarget[number] ?? [] {
        var way = Way(steps: [], bytes: 0)
        if let base = bundle.base, !held.contains(base) {
          guard let before = self.way(to: base) else { continue }
          way = before
        }
        way.steps.append(bundle)
        way.bytes += bundle.sizeOfVolumes
        if way.bytes < best?.bytes ?? .max { best = way }
      }
      known[number] = .some(best)
      return best
    }
  }
}
