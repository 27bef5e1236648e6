import Foundation
import MirrorTypes

extension Params {
  /// The container as JSON, with its names in order, so that the same container gives the same bytes.
  ///
  /// - Throws: ``ParamsError`` for an infinite number or NaN, which JSON cannot say.
  package func json() throws(ParamsError) -> [UInt8] {
    var writer = JSONWriter()
    try write(to: &writer)
    return writer.bytes
  }

  /// The container as a call's arguments: what is outermost stands without its wrapping.
  func argumentsJSON() throws(ParamsError) -> [UInt8] {
    var writer = JSONWriter()
    try write(to: &writer) { (value, writer) throws(ParamsError) in try value.writeUnwrapped(to: &writer) }
    return writer.bytes
  }

  func write(to writer: inout JSONWriter) throws(ParamsError) {
    try write(to: &writer) { (value, writer) throws(ParamsError) in try value.write(to: &writer) }
  }

  private func write(
    to writer: inout JSONWriter,
    each: (ParamsValue, inout JSONWriter) throws(ParamsError) -> Void
  ) throws(ParamsError) {
    writer.raw("{")
    for (index, member) in values.sorted(by: { $0.key < $1.key }).enumerated() {
      if index > 0 { writer.raw(",") }
      writer.string(member.key)
      writer.raw(":")
      try each(member.value, &writer)
    }
    writer.raw("}")
  }
}

extension ParamsValue {
  /// The value as JSON.
  ///
  /// - Throws: ``ParamsError`` for an infinite number or NaN, which JSON cannot say.
  package func json() throws(ParamsError) -> [UInt8] {
    var writer = JSONWriter()
    try write(to: &writer)
    return writer.bytes
  }

  func write(to writer: inout JSONWriter) throws(ParamsError) {
    guard let type else { return try writeUnwrapped(to: &writer) }
    writer.raw("{\"type\":\"\(type)\",\"value\":")
    try writeUnwrapped(to: &writer)
    writer.raw("}")
  }

  /// The word of a type that is wrapped.
  private var type: String? {
    switch self {
    case .null, .string, .int, .bool, .array: nil
    case .long: "long"
    case .float: "float"
    case .double: "double"
    case .dateTime: "datetime"
    case .date: "date"
    case .binary: "binary"
    case .params: "params"
    }
  }

  func writeUnwrapped(to writer: inout JSONWriter) throws(ParamsError) {
    switch self {
    case .null: writer.raw("null")
    case .string(let text): writer.string(text)
    case .int(let number), .long(let number): writer.raw(String(number))
    case .bool(let value): writer.raw(value ? "true" : "false")
    case .float(let number):
      guard number.isFinite else { throw ParamsError("\(number) cannot be sent") }
      writer.raw(number.description)
    case .double(let number):
      guard number.isFinite else { throw ParamsError("\(number) cannot be sent") }
      writer.raw(number.description)
    case .dateTime(let time): writer.string(time?.text ?? "")
    case .date(let day): writer.string(day?.text ?? "")
    case .binary(let bytes): writer.string(Data(bytes).base64EncodedString())
    case .params(let params): try params.write(to: &writer)
    case .array(let values):
      writer.raw("[")
      for (index, value) in values.enumerated() {
        if index > 0 { writer.raw(",") }
        try value.write(to: &writer)
      }
      writer.raw("]")
    }
  }
}
