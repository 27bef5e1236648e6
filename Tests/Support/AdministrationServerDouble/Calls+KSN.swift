import Foundation

extension AdministrationServerDouble {
  static func ksnSettings(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    ["pSettings": state.fixture.ksn.settings]
  }

  static func ksnConnection(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    guard state.fixture.ksn.isEnabled else { throw PxgFailure(1193, "KsnProxy is disabled") }
    return ["PxgRetVal": state.fixture.ksn.isReachable]
  }

  static func ksnNeed(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    ["PxgRetVal": state.fixture.ksn.takesStatistics]
  }

  static func ksnStatistics(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let body = try context.arguments.params("pStatBody").members
    let text = String(decoding: Wire.json(body, isSorted: true), as: UTF8.self)
    state.statistics.append(Statistics(name: try context.arguments.string("wstrStatName"), body: text))
    return [:]
  }

  static func ksnStatements(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let ksn = state.fixture.ksn
    return ["pNKsnEulas": ksn.languages.compactMap { ksn.statement($0).map(Wire.params) }]
  }

  static func ksnStatement(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    ["pEula": try statement(state, context.arguments.string("wstrNKsnLoc"))]
  }

  static func ksnPrivateSettings(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    ["ppResult": try statement(state, context.arguments.string("szwNKsnLoc"))]
  }

  static func ksnVerifySettings(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let isValid = try context.arguments.bytes("pSettings").first == 0x30
    return ["PxgRetVal": isValid, "ppResult": isValid ? try statement(state, "en") : [:]]
  }

  static func ksnVerifyConfiguration(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    _ = try configuration(context)
    return ["ppResult": try statement(state, context.arguments.string("wstrLoc"))]
  }

  static func ksnContents(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    ["pRawContentOut": Data(try configuration(context).dropFirst(2)).base64EncodedString()]
  }

  private static func statement(_ state: ServerState, _ language: String) throws(PxgFailure) -> [String: Any] {
    guard let statement = state.fixture.ksn.statement(language) else { throw .notFound("the language \(language)") }
    return statement
  }

  /// The form PKCS #7 is DER: it begins as a sequence.
  private static func configuration(_ context: CallContext) throws(PxgFailure) -> [UInt8] {
    let bytes = try context.arguments.bytes("pKpsnConfigPkcs7")
    guard bytes.first == 0x30 else { throw PxgFailure(1192, "Data is corrupted or has an unknown format") }
    return bytes
  }
}
