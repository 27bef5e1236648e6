import SystemPackage

/// Finds which old files new ones resemble by what is in them, whatever their names: a new file is often put together
/// from pieces of several old ones.
///
/// New files are read first, then old ones, each once. What is remembered of them is bounded, whatever their sizes.
package struct LikenessSearch {
  /// How often a place is looked at, in bits: one in some 512 bytes, and fewer where there is much to look at.
  private static let closest = 9
  /// The most places of all new files together.
  private static let mostPlaces = 1 << 17
  /// The most old files that are remembered for a place.
  private static let mostOwners = 4
  /// The most old files that are found for one new file.
  private static let mostBases = 6

  private let places: ContentPlaces
  /// Where what is known of a place lies in `owners`, by the hash of its content.
  private var slots: [UInt64: Int] = [:]
  /// The old files that have the content before a place, by their numbers.
  private var owners: [[Int32]] = []
  /// The places of each new file.
  private var wanted: [[Int]] = []

  /// A search for what new files resemble.
  ///
  /// - Parameters:
  ///   - files: where the new files lie; later they go by their place in this list.
  ///   - bytes: how many bytes they have together.
  /// - Throws: ``BundleError`` when one cannot be read.
  package init(for files: [FilePath], bytes: Int64) throws(BundleError) {
    var bits = Self.closest
    while bytes >> bits > Int64(Self.mostPlaces) { bits += 1 }
    let places = ContentPlaces(bits: bits)
    self.places = places
    for file in files {
      var found = Set<Int>()
      try places.scan(file) { hash, _ in
        if let slot = slots[hash] {
          found.insert(slot)
        } else if slots.count < Self.mostPlaces * 2 {
          slots[hash] = owners.count
          found.insert(owners.count)
          owners.append([])
        }
      }
      wanted.append(found.sorted())
    }
  }

  /// Looks into an old file.
  ///
  /// - Parameter number: what it goes by in ``bases(of:)``.
  /// - Throws: ``BundleError`` when it cannot be read.
  package mutating func look(at file: FilePath, number: Int) throws(BundleError) {
    let (places, known, number) = (places, slots, Int32(clamping: number))
    try places.scan(file) { hash, _ in
      guard let slot = known[hash], owners[slot].count < Self.mostOwners, owners[slot].last != number else { return }
      owners[slot].append(number)
    }
  }

  /// The numbers of the old files that a new one has most in common with, the best first, each for what those before it
  /// do not have.
  package func bases(of file: Int) -> [Int] {
    var open = wanted[file].filter { !owners[$0].isEmpty }
    let least = max(2, wanted[file].count / 32)
    var bases: [Int] = []
    while bases.count < Self.mostBases, open.count >= least {
      var counts: [Int32: Int] = [:]
      for slot in open { for owner in owners[slot] { counts[owner, default: 0] += 1 } }
      // Of equals the first, so that the same files give the same bundle.
      guard let best = counts.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }), best.value >= least else { break }
      bases.append(Int(best.key))
      open.removeAll { owners[$0].contains(best.key) }
    }
    return bases
  }
}
