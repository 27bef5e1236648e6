import AdministrationServer
import Exchange

// The joint between the Administration Server's values and those of documents.

extension [ExchangeValue.Member] {
  /// A server's attributes.
  init(_ params: Params) {
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
