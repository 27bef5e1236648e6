import StrictJSON

/// What a call brought.
package struct OpenAPIAnswer: Hashable, Sendable {
  /// The value that the call returns; `nil` where it returns none.
  package let returnValue: ParamsValue?
  /// What it returns beside that, by name.
  package let outputs: Params
}

extension OpenAPIAnswer {
  /// An answer, or what the server refused a call with.
  enum Reading {
    case answer(OpenAPIAnswer)
    case fault(OpenAPIFault)
  }

  /// Reads the body of an answer with the status 200.
  static func read(_ body: [UInt8], _ limits: JSONLimits) throws(ParamsError) -> Reading {
    guard let object = try JSONValue(openAPI: body, limits).object else { throw ParamsError("it is not an object") }
    if let fault = object["PxgError"] { return .fault(OpenAPIFault(fault)) }
    let returned = try object["PxgRetVal"]?.outermost("PxgRetVal")
    var outputs = Params()
    for member in object.members where member.name != "PxgRetVal" {
      outputs[member.name] = try member.value.outermost(member.name)
    }
    return .answer(OpenAPIAnswer(returnValue: returned, outputs: outputs))
  }

  /// The returned value, which has to be there.
  func returned() throws(ParamsError) -> ParamsValue {
    guard let returnValue else { throw ParamsError("is missing", at: "PxgRetVal") }
    return returnValue
  }

  func returnedString() throws(ParamsError) -> String { try returned(\.string, "a text") }
  func returnedBool() throws(ParamsError) -> Bool { try returned(\.bool, "a truth value") }
  func returnedInteger() throws(ParamsError) -> Int64 { try returned(\.integer, "a whole number") }
  func returnedParams() throws(ParamsError) -> Params { try returned(\.params, "params") }
  func returnedList() throws(ParamsError) -> [Params] {
    try Params.containers(returned(\.array, "a list"), "PxgRetVal")
  }

  private func returned<Value>(_ path: KeyPath<ParamsValue, Value?>, _ wanted: String) throws(ParamsError) -> Value {
    let value = try returned()
    guard let converted = value[keyPath: path] else {
      throw ParamsError("\(value.kind) where \(wanted) belongs", at: "PxgRetVal")
    }
    return converted
  }
}

extension JSONValue {
  fileprivate func outermost(_ name: String) throws(ParamsError) -> ParamsValue {
    do throws(ParamsError) { return try ParamsValue(outermost: self) } catch { throw error.inside(name) }
  }
}
