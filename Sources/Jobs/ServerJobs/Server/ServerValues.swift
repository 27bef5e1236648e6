import AdministrationServer
import JobCore
import SiteDocuments
import StrictJSON

// The joint between the Administration Server's values and those of documents.

extension JSONObject {
  /// A server's attributes.
  package init(_ params: Params) { self.init(params.values.mapValues { JSONValue($0) }) }
}

extension JSONValue {
  /// A server's value.
  init(_ value: ParamsValue) {
    switch value {
    case .null: self = .null
    case .string(let text): self = .string(text)
    case .int(let number), .long(let number): self = .integer(number)
    case .bool(let flag): self = .bool(flag)
    case .array(let values): self = .array(values.map { JSONValue($0) })
    case .float(let number): self = .string("\(number)")
    case .double(let number): self = .string("\(number)")
    case .dateTime(let time): self = time.map { .string($0.text) } ?? .null
    case .date(let day): self = day.map { .string("\($0)") } ?? .null
    // What bytes hold is nobody's to guess; bodies of keys among them stay where they are.
    case .binary: self = .null
    case .params(let params): self = .object(JSONObject(params))
    }
  }
}

extension Params {
  /// A body of statistics as a call takes it.
  ///
  /// - Parameters:
  ///   - bytes: the body, as JSON.
  ///   - name: its name, for errors.
  /// - Throws: an error with ``ExitStatus/wrongContent`` for what the Open API has no value for.
  package init(statistics bytes: [UInt8], name: String) throws {
    let value = try JSONValue(parsing: bytes, within: .foreign)
    guard let params = value.object.flatMap({ Params(exactly: $0) }) else {
      throw JobError(
        .wrongContent,
        "\(name).json: it has a value that an Administration Server cannot take, such as a number of more than 64 bits"
      )
    }
    self = params
  }

  /// Members of JSON. One that is null has no value, for which the Open API has no word but its absence.
  fileprivate init?(exactly object: JSONObject) {
    self.init()
    for member in object.members where member.value != .null {
      guard let value = ParamsValue(member.value) else { return nil }
      self[member.name] = value
    }
  }
}

extension ParamsValue {
  /// A value of JSON, in the Open API's wrapper or plain: an object is a container, and a fraction of double precision.
  fileprivate init?(_ value: JSONValue) {
    switch value {
    case .null: self = .null
    case .bool(let flag): self = .bool(flag)
    case .string(let text): self = .string(text)
    case .integer(let number): self = .int(number)
    case .decimal(let number):
      // Digits alone are a whole number that has no room: it must not be rounded.
      guard number.digits.contains(where: { ".eE".contains($0) }), let fraction = Double(number.digits),
        fraction.isFinite
      else { return nil }
      self = .double(fraction)
    case .array(let elements):
      let values = elements.compactMap { ParamsValue($0) }
      guard values.count == elements.count else { return nil }
      self = .array(values)
    case .object(let object):
      guard let (type, content) = value.wrapped else {
        guard let params = Params(exactly: object) else { return nil }
        self = .params(params)
        return
      }
      if type == "params" {
        guard let params = content.object.flatMap({ Params(exactly: $0) }) else { return nil }
        self = .params(params)
      } else {
        guard let wrapped = try? ParamsValue(json: value.serialized) else { return nil }
        self = wrapped
      }
    }
  }
}
