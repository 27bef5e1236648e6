import MirrorTypes
import StrictJSON

/// What was left out of a document, counted by the names of the fields: never what was in them.
package struct LeftOut: Hashable, Sendable {
  /// How often a field was left out, by its name.
  package private(set) var counts: [String: Int] = [:]

  /// The most names; what is beyond is counted as ``others``.
  static let maximumNames = 256
  /// The name for what has no name that may be shown, or one too many.
  package static let others = "others"

  /// Nothing left out.
  package init() {}

  /// How much was left out in all.
  package var total: Int { counts.values.clampedSum { $0 } }

  /// The names with their counts, in the order of the names.
  package var ordered: [(name: String, count: Int)] {
    counts.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { ($0.key, $0.value) }
  }

  /// Counts a field of ours.
  mutating func count(_ name: String, _ number: Int = 1) {
    let name = counts[name] != nil || counts.count < Self.maximumNames ? name : Self.others
    counts[name, default: 0] += number
  }

  /// Counts what is on no list of ours. Its name is not told: any could be content, such as the name of a person.
  mutating func countOther() { count(Self.others) }

  /// The same count with names of our fields alone, all else among ``others``: what may leave.
  var withKnownNames: LeftOut {
    var result = LeftOut()
    for (name, number) in counts { result.count(FieldTable.names.contains(name) ? name : Self.others, number) }
    return result
  }

  /// Counts what another count has.
  package mutating func add(_ other: LeftOut) {
    for (name, number) in other.counts { count(name, number) }
  }
}

extension LeftOut {
  func write(to output: inout [UInt8]) {
    JSONValue.object(JSONObject(counts: counts)).write(.visible, to: &output)
  }

  init(_ value: JSONValue?, field: String) throws(DocumentProblem) {
    guard let members = value?.object?.members, members.count <= Self.maximumNames + 1 else {
      throw .value(field: field)
    }
    for member in members {
      guard FieldName.isSound(member.name), let number = member.value.integer, (1...Int64(Int32.max)).contains(number)
      else { throw .value(field: field) }
      counts[member.name] = Int(number)
    }
  }
}
