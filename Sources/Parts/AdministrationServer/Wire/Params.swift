import MirrorTypes

/// Values by name: the Open API's container. Names are case-sensitive.
package struct Params: Hashable, Sendable {
  /// The values by name.
  package var values: [String: ParamsValue]

  /// Values by name.
  package init(_ values: [String: ParamsValue] = [:]) { self.values = values }

  /// Values by name; of a name that is there twice, the last.
  init(_ members: [(String, ParamsValue)]) {
    values = Dictionary(members) { _, last in last }
  }

  /// A value by its name.
  package subscript(name: String) -> ParamsValue? {
    get { values[name] }
    set { values[name] = newValue }
  }
}

extension Params: ExpressibleByDictionaryLiteral {
  /// Values by name; of a name that is there twice, the last.
  package init(dictionaryLiteral elements: (String, ParamsValue)...) { self.init(elements) }
}

// MARK: - Values of a certain type

extension Params {
  /// The text of this name; `nil` where there is none.
  ///
  /// - Throws: ``ParamsError`` where it is something else, as do all of these.
  package func string(_ name: String) throws(ParamsError) -> String? {
    try value(name, "a text") { value in value.string }
  }

  /// The whole number of this name, of 32 or 64 bits.
  package func integer(_ name: String) throws(ParamsError) -> Int64? {
    try value(name, "a whole number") { value in value.integer }
  }

  /// The truth value of this name.
  package func bool(_ name: String) throws(ParamsError) -> Bool? {
    try value(name, "a truth value") { value in value.bool }
  }

  /// The bytes of this name.
  package func binary(_ name: String) throws(ParamsError) -> [UInt8]? {
    try value(name, "bytes") { value in value.binary }
  }

  /// The container of this name.
  package func params(_ name: String) throws(ParamsError) -> Params? {
    try value(name, "params") { value in value.params }
  }

  /// The list of this name.
  package func array(_ name: String) throws(ParamsError) -> [ParamsValue]? {
    try value(name, "a list") { value in value.array }
  }

  /// The list of containers of this name.
  package func paramsList(_ name: String) throws(ParamsError) -> [Params]? {
    guard let values = try array(name) else { return nil }
    return try Self.containers(values, name)
  }

  /// The time of this name, or the beginning of the day; `nil` also where it is the empty one.
  package func time(_ name: String) throws(ParamsError) -> UTCTime? {
    switch values[name] {
    case nil, .dateTime(nil), .date(nil): nil
    case .dateTime(let time?): time
    case .date(let day?): day.beginning
    case let other?: throw ParamsError("\(other.kind) where a time belongs", at: name)
    }
  }

  /// A value by one of the above; `nil` also where it is of another type. For what is good to have and must not spoil all
  /// the rest when a server of another version writes it otherwise.
  func tolerantly<Value>(_ read: (Params) throws -> Value?) -> Value? { (try? read(self)) ?? nil }

  /// What a value must have, of any of these types.
  func required<Value>(_ name: String, _ value: Value?) throws(ParamsError) -> Value {
    guard let value else { throw ParamsError("is missing", at: name) }
    return value
  }

  /// The containers of a list.
  static func containers(_ values: [ParamsValue], _ name: String) throws(ParamsError) -> [Params] {
    var containers: [Params] = []
    containers.reserveCapacity(values.count)
    for value in values {
      guard let params = value.params else { throw ParamsError("\(value.kind) where params belong", at: name) }
      containers.append(params)
    }
    return containers
  }

  private func value<Value>(
    _ name: String,
    _ wanted: String,
    _ convert: (ParamsValue) -> Value?
  ) throws(ParamsError) -> Value? {
    guard let value = values[name] else { return nil }
    guard let converted = convert(value) else {
      throw ParamsError("\(value.kind) where \(wanted) belongs", at: name)
    }
    return converted
  }
}
