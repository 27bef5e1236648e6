import MirrorTypes
@_spi(Reflection) import Swift

/// The keys that a type of result writes as JSON, read from the compiled type itself: no value of it is needed.
enum ResultKeys {
  /// Types that are written as one value, or as an object of any names, whatever they are made of.
  private static let whole: Set<String> = [
    "UTCTime", "TreePath", "Digest256", "JournalEvent", "JournalValue", "JournalOutcome", "ParcelKind",
    "ComponentDates",
    "FilePath",
  ]

  /// Types that are written as another one is.
  private static let written: [ObjectIdentifier: Any.Type] = ResultTable.written.reduce(into: [:]) {
    $0[ObjectIdentifier($1.0)] = $1.1
  }

  /// All keys of a type: `sites[].forecast.old`. `[]` stands for each element of a list, `*` for each name.
  static func keys(of type: Any.Type) -> Set<String> {
    let type = written[ObjectIdentifier(type)] ?? type
    return fields(of: type).reduce(into: []) { keys, field in
      let (inner, suffix) = unwrapped(field.type)
      let path = field.name + suffix
      keys.insert(path)
      keys.formUnion(self.keys(of: inner).map { "\(path).\($0)" })
    }
  }

  /// What stands in optionals, lists and dictionaries, and how its path goes on.
  private static func unwrapped(_ type: Any.Type) -> (type: Any.Type, suffix: String) {
    guard let wrapper = type as? any Wrapper.Type else {
      return name(of: type) == "ComponentDates" ? (type, ".*") : (type, "")
    }
    let inner = unwrapped(wrapper.inner)
    return (inner.type, wrapper.suffix + inner.suffix)
  }

  private static func name(of type: Any.Type) -> String {
    String(String(describing: type).prefix { $0 != "<" })
  }

  /// The stored properties that are written.
  private static func fields(of type: Any.Type) -> [(name: String, type: Any.Type)] {
    guard !String(reflecting: type).hasPrefix("Swift."), !String(reflecting: type).hasPrefix("Foundation"),
      !whole.contains(name(of: type))
    else { return [] }
    let qualified = String(reflecting: type).split(separator: ".").dropFirst().joined(separator: ".")
    let kept = ResultTable.kept[qualified] ?? []
    var fields: [(name: String, type: Any.Type)] = []
    _ = _forEachField(of: type, options: []) { name, _, type, _ in
      let name = String(cString: name)
      if type is any Encodable.Type, !kept.contains(name) { fields.append((name, type)) }
      return true
    }
    return fields
  }
}

/// A type that has others in it, which are written in its place or below it.
private protocol Wrapper {
  static var inner: Any.Type { get }
  static var suffix: String { get }
}

extension Optional: Wrapper {
  fileprivate static var inner: Any.Type { Wrapped.self }
  fileprivate static var suffix: String { "" }
}

extension Array: Wrapper {
  fileprivate static var inner: Any.Type { Element.self }
  fileprivate static var suffix: String { "[]" }
}

extension Set: Wrapper {
  fileprivate static var inner: Any.Type { Element.self }
  fileprivate static var suffix: String { "[]" }
}

extension Dictionary: Wrapper {
  fileprivate static var inner: Any.Type { Value.self }
  fileprivate static var suffix: String { ".*" }
}
