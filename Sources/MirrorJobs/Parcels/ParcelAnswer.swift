import MirrorTypes
import Trust

/// What the connected side tells a site of its parcels, in the signed facts of a bundle.
struct ParcelAnswer: Sendable, Hashable {
  /// The greatest number that has come.
  var highest: Int64
  /// The numbers below it that have not come, ascending: the newest ``maximumMissing`` stretches.
  var missing: [ClosedRange<Int64>]
  /// The newest parcels that were taken, ascending: the only proof that one has arrived, since a site that was restored
  /// may have given a number twice.
  var taken: [ParcelHeader.Previous]

  static let maximumMissing = 100
  static let maximumTaken = 500

  /// The field.
  var object: JSONObject {
    [
      "highest": .integer(highest),
      "missing": .array(missing.map { .array([.integer($0.lowerBound), .integer($0.upperBound)]) }),
      "taken": .array(taken.map { .object(["number": .integer($0.number), "sha256": .string($0.digest.hex)]) }),
    ]
  }

  init(highest: Int64, missing: [ClosedRange<Int64>], taken: [ParcelHeader.Previous]) {
    self.highest = highest
    self.missing = missing.suffix(Self.maximumMissing)
    self.taken = taken.suffix(Self.maximumTaken)
  }

  /// Reads the field; `nil` for what is none.
  init?(_ object: JSONObject) {
    guard let highest = object["highest"]?.integer, (0...ParcelHeader.maximumNumber).contains(highest),
      let missing = object["missing"]?.array, missing.count <= Self.maximumMissing,
      let taken = object["taken"]?.array, taken.count <= Self.maximumTaken
    else { return nil }
    let ranges = missing.compactMap { ParcelNumbers($0, atMost: highest) }
    let parcels = taken.compactMap(ParcelHeader.Previous.init)
    guard ranges.count == missing.count, parcels.count == taken.count else { return nil }
    self.init(highest: highest, missing: ranges.map(\.range), taken: parcels)
  }
}

/// Numbers of parcels in a row, as JSON has them.
struct ParcelNumbers {
  let range: ClosedRange<Int64>

  /// Reads the first and the last; `nil` for what is none.
  init?(_ value: JSONValue, atMost highest: Int64) {
    guard let ends = value.array, ends.count == 2, let first = ends[0].integer, let last = ends[1].integer,
      first >= 1, first <= last, last <= highest
    else { return nil }
    range = first...last
  }
}

extension ParcelHeader.Previous {
  /// Reads a number and a digest; `nil` for what is none.
  init?(_ value: JSONValue) {
    guard let number = value.object?["number"]?.integer, (1...ParcelHeader.maximumNumber).contains(number),
      let digest = value.object?["sha256"]?.string.flatMap({ Digest256(hex: $0) })
    else { return nil }
    self.init(number: number, digest: digest)
  }
}
