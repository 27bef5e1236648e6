import Languages
import MirrorTypes
import StrictJSON

/// What a document says about a body of statistics that goes with it.
package enum StatisticsField: String, RecordField {
  /// The name that it is delivered under.
  case name
  /// Its size in bytes.
  case size
  /// Its SHA-256.
  case sha256
  /// How many values it has.
  case kept
  /// How many values were left out.
  case leftOut

  /// What the field may hold, and whether it may leave.
  package var rule: FieldRule {
    switch self {
    case .name: .chosen(StatisticsName.maximumLength, .statisticsName)
    case .size: .count(.size)
    case .kept, .leftOut: .count(.valueNumbers)
    case .sha256: .digest(.digest)
    }
  }
}

/// What a document says about a body of statistics.
package typealias StatisticsEntry = Record<StatisticsField>

extension Record where Field == StatisticsField {
  /// The name that it is delivered under.
  package var name: String { text(.name) ?? "" }
  /// Its SHA-256.
  package var digest: Digest256? { text(.sha256).flatMap { Digest256(hex: $0) } }
}

/// Names of bodies of statistics.
package enum StatisticsName {
  /// The most bytes of a name.
  package static let maximumLength = 64
  /// What a body's file name ends in.
  package static let suffix = ".json"

  /// Whether a name may be one: letters, digits, `_`, `-` and `.`, and the first no dot.
  package static func isSound(_ name: String) -> Bool {
    FieldName.isSound(name) && !name.hasPrefix(".") && !name.hasPrefix("-")
  }

  /// The name that a file holds a body for; `nil` for any other file.
  package static func name(ofFile file: String) -> String? {
    guard file.hasSuffix(suffix) else { return nil }
    let name = String(file.dropLast(suffix.count))
    return isSound(name) ? name : nil
  }
}

/// Which members of a body of statistics may leave.
///
/// The vendor documents the bodies of its products nowhere, so no list can be complete. This one has what counts and
/// dates events and names products, and nothing that could name a person, a device, a file or an address. A site that
/// knows what its bodies hold adds names to it. A text leaves under a standard name if ``TextForm/measure`` admits it,
/// and under a name that the site has added whatever it is: the list at the gate counts it then.
package struct StatisticsSchema: Hashable, Sendable {
  /// The names of members that leave.
  package let names: Set<String>
  /// The names of members whose texts leave unchecked.
  let unchecked: Set<String>

  /// The names that leave without being asked for. Capitals do not count.
  package static let standardNames: Set<String> = [
    "application", "build", "category", "code", "count", "counters", "date", "duration", "errors", "events", "failed",
    "from", "id", "interval", "language", "locale", "number", "os", "osversion", "period", "platform", "product",
    "productversion", "records", "result", "schema", "size", "statistics", "status", "success", "time", "timestamp",
    "to", "total", "type", "value", "values", "version",
  ]

  /// A schema.
  ///
  /// - Parameters:
  ///   - extra: names that leave beyond the standard ones.
  ///   - personal: whether texts that nobody has checked leave under the standard names too.
  package init(extra: some Sequence<String> = [], personal: Bool = false) {
    let extra = Set(extra.map { $0.lowercased() })
    names = Self.standardNames.union(extra)
    unchecked = personal ? names : extra
  }

  /// The longest text that leaves: a longer one is content and no measure.
  package static let maximumText = 256
}

/// A body of statistics with what may leave.
package struct StatisticsBody: Hashable, Sendable {
  /// The name that it is delivered under (`wstrStatName`).
  package let name: String
  /// The body (`pStatBody`), as JSON in one form.
  package let bytes: [UInt8]
  /// How many values it has.
  package let kept: Int
  /// How many values were left out. Their names are not told: a name can be content.
  package let leftOut: Int

  /// Whether nothing is left that would be worth delivering.
  package var isEmpty: Bool { kept == 0 }

  /// The most bytes of a body.
  package static let maximumSize = JSONLimits.foreign.bytes

  /// Reads a body and takes from it what may leave.
  ///
  /// - Throws: ``ExchangeError`` for an unsound name, and for what is not a JSON object within bounds.
  package init(name: String, parsing bytes: [UInt8], schema: StatisticsSchema) throws(ExchangeError) {
    let file = name + StatisticsName.suffix
    guard StatisticsName.isSound(name) else { throw .document(name: file, line: nil, .value(field: "name")) }
    let value: JSONValue
    do throws(DocumentProblem) {
      value = try JSONValue(document: bytes, within: .foreign)
    } catch {
      throw .document(name: file, line: nil, error)
    }
    guard value.object != nil else {
      throw .document(name: file, line: nil, .notThis(expected: "JSON object"))
    }
    var filter = StatisticsFilter(schema)
    self.name = name
    self.bytes = filter.filtered(value).bytes(.visible)
    kept = filter.kept
    leftOut = filter.leftOut
  }

  /// Its SHA-256.
  package var digest: Digest256 { Digest256.sha256(of: bytes) }

  /// What a document says about it.
  package var entry: StatisticsEntry {
    var entry = StatisticsEntry()
    entry[.name] = .text(name)
    entry[.size] = .number(Int64(bytes.count))
    entry[.sha256] = .text(digest.hex)
    entry[.kept] = .number(Int64(kept))
    entry[.leftOut] = .number(Int64(leftOut))
    return entry
  }
}

/// Goes through a body and takes what may leave.
private struct StatisticsFilter {
  private let schema: StatisticsSchema
  var kept = 0
  var leftOut = 0

  init(_ schema: StatisticsSchema) { self.schema = schema }

  mutating func filtered(_ value: JSONValue) -> JSONValue {
    guard let object = value.object else { return value }
    var result = JSONObject()
    for member in object.members {
      let name = member.name.lowercased()
      let isFree = schema.unchecked.contains(name)
      if schema.names.contains(name), let value = allowed(member.value, isFree: isFree) {
        result[member.name] = value
      } else {
        leftOut += leaves(of: member.value)
      }
    }
    return .object(result)
  }

  /// A value of a member that may leave; `nil` if it may not.
  ///
  /// - Parameter isFree: whether its texts leave unchecked.
  private mutating func allowed(_ value: JSONValue, isFree: Bool) -> JSONValue? {
    // The server's own wrapper is a value and no object of the body's.
    if let (type, content) = value.wrapped {
      guard type != "binary", let content = allowed(content, isFree: isFree) else { return nil }
      return .object(["type": .string(type), "value": content])
    }
    switch value {
    case .string(let text):
      guard SafeText.isClean(text, atMost: StatisticsSchema.maximumText), isFree || TextForm.measure.admits(text) else {
        return nil
      }
      kept += 1
      return value
    case .integer, .decimal:
      guard let digits = value.digits, digits.utf8.count <= TextForm.longestNumber else { return nil }
      kept += 1
      return value
    case .null, .bool:
      kept += 1
      return value
    case .array(let elements):
      var result: [JSONValue] = []
      for element in elements {
        if let element = allowed(element, isFree: isFree) {
          result.append(element)
        } else {
          leftOut += leaves(of: element)
        }
      }
      return .array(result)
    case .object: return filtered(value)
    }
  }

  private func leaves(of value: JSONValue) -> Int {
    switch value {
    case .array(let elements): max(1, elements.clampedSum { leaves(of: $0) })
    case .object(let object): max(1, object.members.clampedSum { leaves(of: $0.value) })
    default: 1
    }
  }
}

/// What a body of statistics carries that nobody has checked, counted from its bytes.
package struct StatisticsTexts: Hashable, Sendable {
  /// How many texts have no form that could be checked.
  package private(set) var unchecked = 0

  /// Nothing.
  package init() {}

  /// Counts a body as it lies in a parcel. One that cannot be read is one unchecked text.
  package init(parsing bytes: [UInt8]) {
    guard let value = try? JSONValue(parsing: bytes, within: .foreign) else {
      unchecked = 1
      return
    }
    count(value)
  }

  private mutating func count(_ value: JSONValue) {
    if let content = value.wrapped?.value { return count(content) }
    switch value {
    case .string(let text): unchecked += TextForm.measure.admits(text) ? 0 : 1
    case .array(let elements): for element in elements { count(element) }
    case .object(let object):
      // The names are those that the site allows.
      for member in object.members { count(member.value) }
    case .null, .bool, .integer, .decimal: break
    }
  }
}
