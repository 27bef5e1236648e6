import MirrorTypes

/// The members of a JSON object, each name once.
///
/// Names are told apart by their bytes: what Swift's strings hold for equal (é in one code point or in two) are two
/// names here, as for every other reader. ``JSONLimits/names`` refuses such pairs.
package struct JSONObject: Sendable, Hashable {
  /// A name and its value.
  package struct Member: Sendable, Hashable {
    package let name: String
    package var value: JSONValue

    package init(name: String, value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  /// The members, ordered by the bytes of their names.
  package private(set) var members: [Member] = []
  /// For each member as it was read, its place in ``members``; `nil` where both orders are the same.
  private var places: [Int]?

  /// An object without members.
  package init() {}

  /// Members in any order.
  ///
  /// - Returns: `nil` when a name is there twice.
  package init?(unordered: [Member]) {
    members = unordered
    guard !isOrdered else { return }
    let order = unordered.indices.sorted { unordered[$0].name.precedesByBytes(unordered[$1].name) }
    members = order.map { unordered[$0] }
    guard isOrdered else { return nil }
    var places = [Int](repeating: 0, count: order.count)
    for (place, source) in order.enumerated() { places[source] = place }
    self.places = places
  }

  /// Members in the order in which they were read; one that was changed since has them ordered by name.
  package var inReadOrder: [Member] { places.map { $0.map { members[$0] } } ?? members }

  /// Whether each name stands behind the one before it, so that none is there twice.
  private var isOrdered: Bool { zip(members, members.dropFirst()).allSatisfy { $0.name.precedesByBytes($1.name) } }

  /// Whether two names look the same to Swift's strings although their bytes differ.
  var hasEquivalentNames: Bool {
    let others = members.lazy.map(\.name).filter { !$0.utf8.allSatisfy { $0 < 0x80 } }
    return Set(others).count < others.count
  }

  /// The value of a name; `nil` where there is none, and to take it away.
  package subscript(name: String) -> JSONValue? {
    get {
      let place = place(of: name)
      return place < members.count && members[place].name.hasSameBytes(as: name) ? members[place].value : nil
    }
    set {
      let place = place(of: name)
      let isThere = place < members.count && members[place].name.hasSameBytes(as: name)
      places = nil
      switch (newValue, isThere) {
      case (let value?, true): members[place].value = value
      case (let value?, false): members.insert(Member(name: name, value: value), at: place)
      case (nil, true): members.remove(at: place)
      case (nil, false): break
      }
    }
  }

  /// The first place whose name does not stand before `name`.
  private func place(of name: String) -> Int {
    var (low, high) = (0, members.count)
    while low < high {
      let middle = (low + high) / 2
      if members[middle].name.precedesByBytes(name) { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Equal when the members are; in which order they were read does not count.
  package static func == (left: Self, right: Self) -> Bool { left.members == right.members }

  package func hash(into hasher: inout Hasher) { hasher.combine(members) }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  /// An object of these members; of a name that is there twice, the last.
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    for (name, value) in elements { self[name] = value }
  }
}

extension JSONObject {
  /// Members by their names. Of names that are equal to Swift's strings a dictionary has one.
  package init(_ values: [String: JSONValue]) {
    members = values.sorted { $0.key.precedesByBytes($1.key) }.map { Member(name: $0.key, value: $0.value) }
  }

  /// Whole numbers by their names.
  package init(counts: [String: Int]) { self.init(counts.mapValues { .integer(Int64($0)) }) }
}
