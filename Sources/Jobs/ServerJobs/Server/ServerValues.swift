import AdministrationServer
import JobCore
import SiteDocuments

// The joint between the Administration Server's values and those of documents.

extension [ExchangeValue.Member] {
  /// A server's attributes.
  package init(_ params: Params) {
    self = params.values.sorted { $0.key < $1.key }.map { ExchangeValue.Member($0.key, ExchangeValue($0.value)) }
  }
}

extension ExchangeValue {
  /// A server's value.
  init(_ value: ParamsValue) {
    switch value {
    case .null: self = .null
    case .string(let text): self = .text(text)
    case .int(let number), .long(let number): self = .integer(number)
    case .bool(let flag): self = .flag(flag)
    case .array(let values): self = .list(values.map { ExchangeValue($0) })
    case .float(let number): self = .text("\(number)")
    case .double(let number): self = .text("\(number)")
    case .dateTime(let time): self = time.map { .text($0.text) } ?? .null
    case .date(let day): self = day.map { .text("\($0)") } ?? .null
    // What bytes hold is nobody's to guess; bodies of keys among them stay where they are.
    case .binary: self = .null
    case .params(let params): self = .object([ExchangeValue.Member](params))
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
    let value = try ExchangeValue(parsing: bytes, within: .foreign)
    guard let members = value.members, let params = Params(members: members) else {
      throw JobError(
        .wrongContent,
        "\(name).json: it has a value that an Administration Server cannot take, such as a number of more than 64 bits"
      )
    }
    self = params
  }

  /// Members of JSON. One that is null has no value, for which the Open API has no word but its absence.
  fileprivate init?(members: [ExchangeValue.Member]) {
    self.init()
    for member in members where member.value != .null {
      guard let value = ParamsValue(member.value) else { return nil }
      self[member.name] = value
    }
  }
}

extension ParamsValue {
  /// A value of JSON, in the Open API's wrapper or plain: an object is a container, and a fraction of double precision.
  fileprivate init?(_ value: ExchangeValue) {
    switch value {
    case .null: self = .null
    case .flag(let flag): self = .bool(flag)
    case .text(let text): self = .string(text)
    case .number(let number):
      if let whole = number.integer {
        self = .int(whole)
      } else {
        // Digits alone are a whole number that has no room: it must not be rounded.
        guard number.digits.contains(where: { ".eE".contains($0) }), let fraction = Double(number.digits),
          fraction.isFinite
        else { return nil }
        self = .double(fraction)
      }
    case .list(let elements):
      let values = elements.compactMap { ParamsValue($0) }
      guard values.count == elements.count else { return nil }
      self = .array(values)
    case .object(let members):
      guard let (type, content) = value.wrapped else {
        guard let params = Params(members: members) else { return nil }
        self = .params(params)
        return
      }
      if type == "params" {
        guard let params = content.members.flatMap({ Params(members: $0) }) else { return nil }
        self = .params(params)
      } else {
        guard let wrapped = try? ParamsValue(json: value.canonical) else { return nil }
        self = wrapped
      }
    }
  }
}
