/// A JSON value as TUF metadata has them: numbers are whole, since canonical JSON has no others.
package enum JSONValue: Sendable, Hashable {
  /// `null`
  case null
  /// `true` or `false`
  case bool(Bool)
  /// A whole number.
  case integer(Int64)
  /// A text.
  case string(String)
  /// A list.
  case array([JSONValue])
  /// Members by name.
  case object(JSONObject)

  /// The text, if it is one.
  package var string: String? { if case .string(let text) = self { text } else { nil } }
  /// The number, if it is one.
  package var integer: Int64? { if case .integer(let number) = self { number } else { nil } }
  /// The truth value, if it is one.
  package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  /// The list, if it is one.
  package var array: [JSONValue]? { if case .array(let values) = self { values } else { nil } }
  /// The object, if it is one.
  package var object: JSONObject? { if case .object(let object) = self { object } else { nil } }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
  /// A text.
  package init(stringLiteral value: String) { self = .string(value) }
  /// A whole number.
  package init(integerLiteral value: Int64) { self = .integer(value) }
  /// A truth value.
  package init(booleanLiteral value: Bool) { self = .bool(value) }
}

/// The members of a JSON object, ordered by name, each name once.
///
/// Names are distinguished by their bytes: what Swift's strings hold for equal (é in one code point or in two) are two
/// names here, as for every other reader.
package struct JSONObject: Sendable, Hashable {
  /// A name and its value.
  package struct Member: Sendable, Hashable {
    /// The name.
    package let name: String
    /// The value.
    package var value: JSONValue

    /// A name and its value.
    package init(name: String, value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  /// The members, ordered by the bytes of their names.
  package private(set) var members: [Member] = []

  /// An object without members.
  package init() {}

  /// Members in any order.
  ///
  /// - Returns: `nil` when a name is there twice.
  package init?(unordered: [Member]) {
    members = unordered
    if !isOrdered { members.sort { $0.name.precedes($1.name) } }
    guard isOrdered else { return nil }
  }

  /// Whether each name stands behind the one before it, so that none is there twice.
  private var isOrdered: Bool { zip(members, members.dropFirst()).allSatisfy { $0.name.precedes($1.name) } }

  /// The value of a name; `nil` where there is none, and to take it away.
  package subscript(name: String) -> JSONValue? {
    get {
      let place = place(of: name)
      return place < members.count && members[place].name.hasSameBytes(as: name) ? members[place].value : nil
    }
    set {
      let place = place(of: name)
      let isThere = place < members.count && members[place].name.hasSameBytes(as: name)
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
      if members[middle].name.precedes(name) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension String {
  /// Whether the text's bytes stand before another's.
  func precedes(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }

  /// Whether two texts have the same bytes, which is more than being equal.
  func hasSameBytes(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  /// An object of these members; of a name that is there twice, the last.
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    for (name, value) in elements { self[name] = value }
  }
}
