import Foundation

/// Kaspersky Security Network: `KsnInternal`. Not every version has every call, and a virtual server few of them; a
/// server says so by a fault of the kind ``OpenAPIFault/Kind/unknownCall`` or ``OpenAPIFault/Kind/notPermitted``.
extension AdministrationServer {
  /// How the KSN proxy is set up.
  package func ksnSettings() async throws(AdministrationServerError) -> KSNSettings {
    try await ksnOutput("GetSettings", output: "pSettings") { (params) throws(ParamsError) in try KSNSettings(params) }
  }

  /// Whether KSN, or Private KSN, can be reached. A proxy that is off is a fault.
  package func checkKSNConnection() async throws(AdministrationServerError) -> Bool {
    try await ksnAnswer("CheckKsnConnection")
  }

  /// Whether statistics may be sent.
  package func mayTakeKSNStatistics() async throws(AdministrationServerError) -> Bool {
    try await ksnAnswer("NeedToSendStatistics")
  }

  /// Hands one body of statistics over to KSN: how data that was carried by hand is delivered by a connected server.
  ///
  /// - Parameters:
  ///   - name: the name of the statistics.
  ///   - body: the statistics.
  package func sendKSNStatistics(name: String, body: Params) async throws(AdministrationServerError) {
    _ = try await call("KsnInternal.SendKsnStatistics", ["wstrStatName": .string(name), "pStatBody": .params(body)])
  }

  /// All statements of the Private KSN that is set up.
  package func privateKSNStatements() async throws(AdministrationServerError) -> [KSNStatement] {
    let method = "KsnInternal.GetNKsnEulas"
    let answer = try await call(method)
    let rows = try asked(method) { () throws(ParamsError) in try answer.outputs.paramsList("pNKsnEulas") ?? [] }
    return try converted(rows, method) { (row) throws(ParamsError) in try KSNStatement(row) }
  }

  /// The statement of the Private KSN in one language.
  package func privateKSNStatement(language: String) async throws(AdministrationServerError) -> KSNStatement {
    try await ksnOutput("GetNKsnEula", ["wstrNKsnLoc": .string(language)], output: "pEula") {
      (params) throws(ParamsError) in try KSNStatement(params)
    }
  }

  /// The settings of the Private KSN, with its texts in one language, in the server's own attributes.
  package func privateKSNSettings(language: String) async throws(AdministrationServerError) -> Params {
    try await ksnOutput("GetNKsnSettings", ["szwNKsnLoc": .string(language)], output: "ppResult") { $0 }
  }

  /// Has the server verify settings of a Private KSN.
  ///
  /// - Returns: whether they are good, and what is in them.
  package func verifyPrivateKSNSettings(
    _ settings: [UInt8]
  ) async throws(AdministrationServerError) -> (isValid: Bool, contents: Params) {
    let method = "KsnInternal.VerifyNKsnSettings"
    let answer = try await call(method, ["pSettings": .binary(settings)])
    return try asked(method) { () throws(ParamsError) in
      (try answer.returnedBool(), try answer.outputs.params("ppResult") ?? Params())
    }
  }

  /// Has the server verify a configuration of a Private KSN, a file in the form PKCS #7. One that is not genuine is a
  /// fault.
  ///
  /// - Returns: its statement in one language, and the rest of what is in it.
  package func verifyPrivateKSNConfiguration(
    _ configuration: [UInt8],
    language: String
  ) async throws(AdministrationServerError) -> KSNStatement {
    try await ksnOutput(
      "VerifyKpsnConfigLoc",
      ["pKpsnConfigPkcs7": .binary(configuration), "wstrLoc": .string(language)],
      output: "ppResult"
    ) { (params) throws(ParamsError) in try KSNStatement(params) }
  }

  /// Has the server verify a configuration of a Private KSN, and take what is inside of its signature out.
  package func privateKSNConfigurationContents(
    _ configuration: [UInt8]
  ) async throws(AdministrationServerError) -> [UInt8] {
    let method = "KsnInternal.VerifyKpsnConfigAndGetContentViaKsc0"
    let answer = try await call(method, ["pKpsnConfigPkcs7": .binary(configuration)])
    return try asked(method) { () throws(ParamsError) in
      let name = "pRawContentOut"
      // What is outermost stands without its wrapping: bytes are base64 there.
      if let bytes = answer.outputs[name]?.binary { return bytes }
      guard let text = try answer.outputs.string(name), let data = Data(base64Encoded: text) else {
        throw ParamsError("is not base64", at: name)
      }
      return Array(data)
    }
  }

  // MARK: - Calls

  private func ksnAnswer(_ name: String) async throws(AdministrationServerError) -> Bool {
    let method = "KsnInternal." + name
    let answer = try await call(method)
    return try asked(method) { () throws(ParamsError) in try answer.returnedBool() }
  }

  private func ksnOutput<Value>(
    _ name: String,
    _ arguments: Params = Params(),
    output: String,
    _ convert: (Params) throws(ParamsError) -> Value
  ) async throws(AdministrationServerError) -> Value {
    let method = "KsnInternal." + name
    let answer = try await call(method, arguments)
    return try asked(method) { () throws(ParamsError) in
      try convert(answer.outputs.required(output, answer.outputs.params(output)))
    }
  }
}
