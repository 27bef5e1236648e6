import BundleFormat
import MirrorTypes

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
  ///   - size: about how many bytes a bundle has.
  init(_ bundles: [BundleReader], held: Set<Int>, size: (BundleReader) -> Int64 = \.sizeOfVolumes) {
    let arrivals = Self.arrivals(bundles, held: held, size)
    steps = [bundles[bundles.count - 1]]
    let newest = held.max() ?? 0
    for number in Set(bundles.map(\.snapshot)).sorted(by: >) {
      if arrivals[number] != nil, number >= newest || unreachable == nil {
        steps = Self.steps(to: number, arrivals, held: held)
        return
      }
      if unreachable == nil, !held.contains(number) { unreachable = bundles.last { $0.snapshot == number } }
    }
    unreachable = nil
  }

  /// The last step of the cheapest way to a snapshot.
  private struct Arrival {
    let bundle: BundleReader
    /// The bytes of the whole way.
    let bytes: ByteCount
  }

  /// The cheapest way to each snapshot that can be reached, kept as its last step. From the nearest snapshot to the
  /// farthest, each is settled once, whatever builds on what; a bundle that builds on itself leads nowhere new.
  private static func arrivals(
    _ bundles: [BundleReader],
    held: Set<Int>,
    _ size: (BundleReader) -> Int64
  ) -> [Int: Arrival] {
    let byBase = Dictionary(grouping: bundles) { bundle in bundle.base.flatMap { held.contains($0) ? nil : $0 } }
    var settled: [Int: Arrival] = [:]
    // A medium has a thousand bundles at the most: the nearest is looked for among all that wait.
    var waiting: [Int: Arrival] = [:]
    func leave(_ base: Int?, after bytes: ByteCount) {
      for bundle in byBase[base] ?? [] where settled[bundle.snapshot] == nil {
        let arrival = Arrival(bundle: bundle, bytes: bytes + size(bundle))
        if let other = waiting[bundle.snapshot], other.bytes <= arrival.bytes { continue }
        waiting[bundle.snapshot] = arrival
      }
    }
    leave(nil, after: .zero)
    while let (number, arrival) = waiting.min(by: { ($0.value.bytes, $0.key) < ($1.value.bytes, $1.key) }) {
      waiting[number] = nil
      settled[number] = arrival
      leave(number, after: arrival.bytes)
    }
    return settled
  }

  private static func steps(to number: Int, _ arrivals: [Int: Arrival], held: Set<Int>) -> [BundleReader] {
    var steps: [BundleReader] = []
    var next: Int? = number
    // Each step was settled after the one before it, so that there is no circle.
    while let number = next, let arrival = arrivals[number] {
      steps.append(arrival.bundle)
      next = arrival.bundle.base.flatMap { held.contains($0) ? nil : $0 }
    }
    return steps.reversed()
  }
}
