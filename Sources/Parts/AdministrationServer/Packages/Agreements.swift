/// An agreement that belongs to packages of the server ("List of user agreement attributes").
package struct UserAgreement: Hashable, Sendable {
  /// What somebody agrees to.
  package enum Kind: Hashable, Sendable {
    /// The licence agreement for end users.
    case licence
    /// The statement of Kaspersky Security Network. Taking part is voluntary.
    case ksn
    /// The agreement on the processing of data.
    case dataProcessing
    /// Another one, by the server's number.
    case other(Int64)

    init(_ number: Int64) {
      switch number {
      case 0: self = .licence
      case 1: self = .ksn
      case 2: self = .dataProcessing
      default: self = .other(number)
      }
    }
  }

  /// All attributes, as they came.
  package let attributes: Params
  /// Its number in the server's database.
  package let id: Int64
  /// What packages name it by; `nil` where the server does not say.
  package let uid: [UInt8]?
  /// What it is.
  package let kind: Kind
  /// Its language, by BCP 47; `nil` where it is for all.
  package let language: String?
  /// Whether somebody has accepted it for this (virtual) server.
  package let isAccepted: Bool

  init(_ attributes: Params) throws(ParamsError) {
    self.attributes = attributes
    id = try attributes.required("nEulaDbId", attributes.integer("nEulaDbId"))
    uid = attributes.tolerantly { try $0.binary("KLPKG_EULA_UID") }.flatMap { $0.isEmpty ? nil : $0 }
    kind = Kind(try attributes.integer("nAgreementType") ?? 0)
    language = attributes.tolerantly { try $0.string("KLPKG_LANG_TAG") }.flatMap { $0.isEmpty ? nil : $0 }
    // What is not said to be accepted is not.
    isAccepted = try attributes.bool("bEulaAccepted") ?? false
  }
}

/// Agreements of packages: `PackagesApi`.
extension AdministrationServer {
  /// All agreements that belong to packages of this (virtual) server; none where the server does not know the call.
  package func userAgreements() async throws(AdministrationServerError) -> [UserAgreement] {
    let method = "PackagesApi.GetUserAgreements"
    do {
      let answer = try await call(method)
      let rows = try asked(method) { () throws(ParamsError) in try answer.returnedList() }
      return try converted(rows, method) { (row) throws(ParamsError) in try UserAgreement(row) }
    } catch {
      if error.fault?.kind == .unknownCall { return [] }
      throw error
    }
  }

  /// The text of an agreement, as the server has it.
  ///
  /// - Parameter id: the agreement's number.
  package func agreementText(_ id: Int64) async throws(AdministrationServerError) -> String {
    let method = "PackagesApi.GetEulaText"
    let answer = try await call(method, ["nEulaId": .int(id)])
    return try asked(method) { () throws(ParamsError) in
      try answer.outputs.required("wstrEulaText", answer.outputs.string("wstrEulaText"))
    }
  }

  /// Accepts agreements, in the name of the user who is signed in.
  ///
  /// - Parameter ids: their numbers.
  package func acceptAgreements(_ ids: [Int64]) async throws(AdministrationServerError) {
    _ = try await call("PackagesApi.AcceptEulas", ["vecEulaIDs": .array(ids.map(ParamsValue.int))])
  }
}
