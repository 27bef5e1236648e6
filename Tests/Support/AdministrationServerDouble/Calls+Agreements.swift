import Foundation

/// Agreements, plug-ins and mobile packages.
extension AdministrationServerDouble {
  /// Takes over the agreements of an archive with a description: `license-LANGUAGE.txt`, `ksn-…`, `privacy-…`. Like the
  /// server, it knows a text again, and whether it was accepted.
  ///
  /// - Returns: what they are named by, in base64; empty: there are none.
  static func takeAgreements(of files: [PackedFile], _ state: inout ServerState) -> String {
    guard files.contains(where: { $0.name.hasSuffix(".kpd") }) else { return "" }
    var found: [(type: Int, language: String, text: [UInt8])] = []
    for (type, kind) in ["license-", "ksn-", "privacy-"].enumerated() {
      for file in files where file.name.hasPrefix(kind) && file.name.hasSuffix(".txt") {
        found.append((type, String(file.name.dropFirst(kind.count).dropLast(4)), file.bytes))
      }
    }
    guard !found.isEmpty else { return "" }
    let sum = found.flatMap(\.text).reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    let uid = withUnsafeBytes(of: sum.bigEndian) { Data($0).base64EncodedString() }
    guard !state.fixture.agreements.contains(where: { $0.uid == uid }) else { return uid }
    for (type, language, text) in found {
      let id = (state.fixture.agreements.map(\.id).max() ?? 40) + 1
      let text = String(decoding: text, as: UTF8.self)
      state.fixture.agreements.append(.init(id: id, uid: uid, type: type, language: language, text: text))
    }
    return uid
  }

  /// Whether a package has an agreement that has to be accepted and is not. That of KSN has not.
  static func waits(_ package: Package, _ state: ServerState) -> Bool {
    !package.agreementUID.isEmpty
      && state.fixture.agreements.contains { $0.uid == package.agreementUID && $0.type != 1 && !$0.isAccepted }
  }

  static func listAgreements(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let list = state.fixture.agreements.map { agreement in
      Wire.params([
        "nEulaDbId": agreement.id, "KLPKG_EULA_UID": Wire.binary(agreement.uid), "nAgreementType": agreement.type,
        "strEULA": agreement.text, "KLPKG_LANG_TAG": agreement.language, "bEulaAccepted": agreement.isAccepted,
        "nLCID": 9,
      ])
    }
    return ["PxgRetVal": list]
  }

  static func agreementText(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let id = try context.arguments.int("nEulaId")
    guard let agreement = state.fixture.agreements.first(where: { $0.id == id }) else {
      throw .notFound("the agreement \(id)")
    }
    return ["wstrEulaText": agreement.text]
  }

  static func acceptAgreements(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    guard let ids = context.arguments.members["vecEulaIDs"] as? [Int], !ids.isEmpty else {
      throw PxgFailure(1192, "vecEulaIDs is no list of numbers")
    }
    for id in ids where !state.fixture.agreements.contains(where: { $0.id == id }) {
      throw .notFound("the agreement \(id)")
    }
    for place in state.fixture.agreements.indices where ids.contains(state.fixture.agreements[place].id) {
      state.fixture.agreements[place].isAccepted = true
    }
    return [:]
  }

  // MARK: - Plug-ins

  static func packagePlugin(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let id = try context.arguments.int("nPackageId")
    guard let package = state.packages.first(where: { $0.id == id }) else { throw .notFound("the package \(id)") }
    guard let plugin = package.plugin else { return ["PxgRetVal": [String: Any]()] }
    let place = state.fixture.pluginAddress.isEmpty ? state.url : state.fixture.pluginAddress
    return [
      "PxgRetVal": [
        "KLPKG_PLUGIN_FILENAME": plugin.name, "KLPKG_PLUGIN_FILESIZE": Wire.long(plugin.bytes.count),
        "KLPKG_PLUGIN_FILEURL": "\(place)/plugin/\(id)",
      ]
    ]
  }

  /// Gives a plug-in out, to anybody, as the Web server does.
  func reply(toPlugin target: String) -> Reply {
    state.withLock { state in
      let id = Int(target.dropFirst("/plugin/".count))
      guard let plugin = state.packages.first(where: { $0.id == id })?.plugin else { return Reply(status: 404) }
      return Reply(contentType: "application/octet-stream", body: plugin.bytes)
    }
  }

  // MARK: - Mobile packages

  static func prepareMobile(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let profile = try profile(state, context)
    state.preparedProfiles.insert(profile)
    return ["PxgRetVal": "http://ksc.invalid:8060/mobile?profile=\(profile)"]
  }

  static func publishMobile(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let profile = try profile(state, context)
    _ = try context.arguments.params("pProfileData")
    guard state.preparedProfiles.contains(profile) else { throw PxgFailure(1193, "The profile is not prepared") }
    if !state.fixture.publishedProfiles.contains(profile) { state.fixture.publishedProfiles.append(profile) }
    return [:]
  }

  static func unpublishMobile(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let profile = try profile(state, context)
    state.fixture.publishedProfiles.removeAll { $0 == profile }
    return [:]
  }

  private static func profile(_ state: ServerState, _ context: CallContext) throws(PxgFailure) -> String {
    let profile = try context.arguments.string("wstrProfileId")
    guard state.fixture.mobileProfiles.contains(profile) else { throw .notFound("the profile \(profile)") }
    return profile
  }
}
