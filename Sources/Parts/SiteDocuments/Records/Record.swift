import MirrorTypes
import StrictJSON

/// A thing by its fields: a key, a device, a statement.
///
/// Each value fits its field's rule, so that whatever is in a record can be written and read back. What comes from a
/// server is made to fit when it is put in: texts become one line without control characters and are cut, and what has
/// the wrong kind is left out.
package struct Record<Field: RecordField>: Hashable, Sendable {
  private var values: [Field: FieldValue] = [:]
  /// What is on no list of ours, by the name that the source gives it. ``Redaction`` decides whether it leaves.
  package private(set) var other: [String: FieldValue] = [:]

  /// The most values in ``other``.
  package static var maximumOther: Int { 64 }
  /// What a value in ``other`` may be, at most.
  static var otherTextLimit: Int { 512 }

  /// A record without any value.
  package init() {}

  /// The value of a field. What does not fit the field's rule is not taken.
  package subscript(field: Field) -> FieldValue? {
    get { values[field] }
    set { values[field] = newValue.flatMap(field.rule.fitted) }
  }

  /// The fields that have a value, in the order of their names.
  package var fields: [Field] { values.keys.sorted { $0.rawValue.utf8.lexicographicallyPrecedes($1.rawValue.utf8) } }

  /// Takes a value of the source's own; not one without a sound name, and none beyond ``maximumOther``.
  package mutating func setOther(_ name: String, _ value: FieldValue?) {
    guard let value else {
      other[name] = nil
      return
    }
    // In a document a time is a text, and is one when it comes back.
    let plain = value.time.map { .text($0.text) } ?? value
    guard FieldName.isSound(name), other.count < Self.maximumOther || other[name] != nil,
      let fitted = Self.otherRules.lazy.compactMap({ $0.fitted(plain) }).first
    else { return }
    other[name] = fitted
  }

  /// A text's value.
  package func text(_ field: Field) -> String? { values[field]?.text }
  /// A number's value.
  package func number(_ field: Field) -> Int? { values[field]?.number.map(Int.init) }
  /// A flag's value.
  package func flag(_ field: Field) -> Bool? { values[field]?.flag }
  /// A time's value.
  package func time(_ field: Field) -> UTCTime? { values[field]?.time }
}

extension Record {
  static var otherRules: [FieldRule] {
    [
      .free(otherTextLimit, .others), .number(.min ... .max, .others), .numbers(16, .others), .flag(.others),
    ]
  }

  /// Writes the fields as members of a JSON object, in the order of their names, without the braces.
  package func writeMembers(to output: inout [UInt8]) {
    var isFirst = true
    func separate(_ name: String) {
      if !isFirst { output.append(UInt8(ascii: ",")) }
      isFirst = false
      JSONForm.visible.write(name, to: &output)
      output.append(UInt8(ascii: ":"))
    }
    func writeOther() {
      guard !other.isEmpty else { return }
      separate(Self.otherName)
      JSONValue.object(JSONObject(other.mapValues(\.json))).write(.visible, to: &output)
    }
    let (before, behind) = (
      fields.filter { $0.rawValue < Self.otherName }, fields.filter { $0.rawValue > Self.otherName }
    )
    for field in before { write(field) }
    writeOther()
    for field in behind { write(field) }
    func write(_ field: Field) {
      separate(field.rawValue)
      values[field]?.write(to: &output)
    }
  }

  /// The member that holds ``other``; no field has this name.
  static var otherName: String { "other" }

  /// Reads the members of a JSON object in a document.
  ///
  /// - Throws: ``DocumentProblem`` with the first field that is unknown or has no value that it may have.
  init(_ object: JSONObject) throws(DocumentProblem) {
    for member in object.inReadOrder {
      if member.name == Self.otherName {
        try readOther(member.value)
        continue
      }
      guard let field = Field(rawValue: member.name) else { throw .unknownField(member.name) }
      guard let value = field.rule.value(member.value) else { throw .value(field: member.name) }
      values[field] = value
    }
  }

  private mutating func readOther(_ value: JSONValue) throws(DocumentProblem) {
    guard let members = value.object?.members, members.count <= Self.maximumOther else {
      throw .value(field: Self.otherName)
    }
    for member in members {
      guard FieldName.isSound(member.name),
        let value = Self.otherRules.lazy.compactMap({ $0.value(member.value) }).first
      else { throw .value(field: Self.otherName) }
      other[member.name] = value
    }
  }
}

extension FieldValue {
  var json: JSONValue {
    switch self {
    case .text(let text): .string(text)
    case .number(let number): .integer(number)
    case .numbers(let numbers): .array(numbers.map { .integer($0) })
    case .flag(let flag): .bool(flag)
    case .time(let time): .string(time.text)
    }
  }
}

/// Names of fields that are not ours.
enum FieldName {
  /// Whether a name is short and has letters, digits, `_`, `.` and `-` alone, so that it is a name and no content.
  static func isSound(_ name: String) -> Bool {
    (1...64).contains(name.utf8.count)
      && name.utf8.allSatisfy {
        switch $0 {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"): true
        default: false
        }
      }
  }
}
