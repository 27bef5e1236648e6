import MirrorTypes
import StrictJSON
import Trust

/// What the receiver of parcels reports to their sender: the connected side a site in the signed facts of a bundle, a site the
/// connected side in its receipt.
package struct ParcelAnswer: Sendable, Hashable {
  /// The greatest number that has come.
  package var highest: Int64
  /// The numbers below it that have not come, ascending: the newest ``maximumMissing`` stretches.
  package var missing: [ClosedRange<Int64>]
  /// The newest parcels that were taken, ascending: the only proof that one has arrived, since a site that was restored
  /// may have given a number twice.
  package var taken: [ParcelHeader.Previous]
  /// The numbers of those among them all of which was used.
  package var used: Set<Int64>

  static let maximumMissing = 100
  static let maximumTaken = 500

  /// The field.
  package var object: JSONObject {
    var object: JSONObject = [
      "highest": .integer(highest),
      "missing": .array(missing.map { .array([.integer($0.lowerBound), .integer($0.upperBound)]) }),
      "taken": .array(taken.map { .object(["number": .integer($0.number), "sha256": .string($0.digest.hex)]) }),
    ]
    if !used.isEmpty { object["used"] = .array(used.sorted().map { .integer($0) }) }
    return object
  }

  package init(
    highest: Int64,
    missing: [ClosedRange<Int64>],
    taken: [ParcelHeader.Previous],
    used: some Sequence<Int64> = []
  ) {
    self.highest = highest
    self.missing = missing.suffix(Self.maximumMissing)
    self.taken = taken.suffix(Self.maximumTaken)
    self.used = Set(used).intersection(self.taken.map(\.number))
  }

  /// Reads the field; `nil` for what is none.
  package init?(_ object: JSONObject) {
    guard let highest = object["highest"]?.integer, (0...ParcelHeader.maximumNumber).contains(highest),
      let missing = object["missing"]?.array, missing.count <= Self.maximumMissing,
      let taken = object["taken"]?.array, taken.count <= Self.maximumTaken
    else { return nil }
    let ranges = missing.compactMap { ParcelNumbers($0, atMost: highest) }
    let parcels = taken.compactMap(ParcelHeader.Previous.init)
    let used = object["used"] ?? .array([])
    guard ranges.count == missing.count, parcels.count == taken.count, let listed = used.array,
      listed.count <= Self.maximumTaken
    else { return nil }
    let numbers = listed.compactMap(\.integer)
    guard numbers.count == listed.count else { return nil }
    self.init(highest: highest, missing: ranges.map(\.range), taken: parcels, used: numbers)
  }
}

/// Numbers of parcels in a row, as JSON has them.
package struct ParcelNumbers {
  package let range: ClosedRange<Int64>

  /// Reads the first and the last; `nil` for what is none.
  package init?(_ value: JSONValue, atMost highest: Int64) {
    guard let ends = value.array, ends.count == 2, let first = ends[0].integer, let last = ends[1].integer,
      first >= 1, first <= last, last <= highest
    else { return nil }
    range = first...last
  }
}

extension ParcelHeader.Previous {
  /// Reads a number and a digest; `nil` for what is none.
  package init?(_ value: JSONValue) {
    guard let number = value.object?["number"]?.integer, (1...ParcelHeader.maximumNumber).contains(number),
      let digest = value.object?["sha256"]?.string.flatMap({ Digest256(hex: $0) })
    else { return nil }
    self.init(number: number, digest: digest)
  }
}
