import StrictJSON

extension JSONLimits {
  /// A line of a document: more than the longest that a record can have, with all its fields full.
  package static let line = JSONLimits(bytes: 131_072, depth: 4, values: 4_096, text: 16_384, numbers: .any)
  /// What another program has written: a report of `kesl-control`, a body of statistics.
  package static let foreign = JSONLimits(bytes: 1 << 20, depth: 16, values: 50_000, text: 65_536, numbers: .any)
  /// A document of KSN.
  package static let document = JSONLimits(bytes: 4 << 20, depth: 8, values: 200_000, text: 16_384, numbers: .any)
}

extension JSONValue {
  init(document bytes: some Collection<UInt8>, within limits: JSONLimits) throws(DocumentProblem) {
    do throws(JSONError) { try self.init(parsing: bytes, within: limits) } catch { throw .json(error) }
  }

  /// What the Administration Server wraps where plain JSON cannot tell the type: `{"type": "datetime", "value": …}`.
  private static let wrappedTypes: Set<String> = ["long", "float", "double", "datetime", "date", "binary", "params"]

  /// The type and the content of a value in the Administration Server's wrapper; `nil` for any other value.
  package var wrapped: (type: String, value: JSONValue)? {
    guard let object, object.members.count == 2, let type = object["type"]?.string, let value = object["value"],
      Self.wrappedTypes.contains(type)
    else { return nil }
    return (type, value)
  }

  /// The content of a wrapper; any other value as it is.
  package var unwrapped: JSONValue { wrapped?.value ?? self }
}
