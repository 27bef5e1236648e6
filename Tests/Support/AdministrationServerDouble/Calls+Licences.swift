import Foundation

extension AdministrationServerDouble {
  static func enumKeys(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let fields = try context.arguments.names("pFields")
    _ = try context.arguments.names("pFieldsToOrder")
    _ = try context.arguments.params("pOptions")
    _ = try context.arguments.int("lTimeoutSec")
    let name = state.name("iterator")
    state.iterators[name] = ServerState.Rows(source: .keys(fields), count: state.fixture.keys.count)
    return ["lKeyCount": state.fixture.keys.count, "wstrIterator": name]
  }

  static func keyHosts(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let key = try key(state, context.arguments.params("pInData").string("KLLIC_SERIAL"))
    let fields = try context.arguments.names("pFields")
    let name = state.name("iterator")
    state.iterators[name] = ServerState.Rows(source: .devices(ofKey: key.serial, fields), count: key.devices)
    return ["lKeyCount": key.devices, "wstrIterator": name]
  }

  static func keyData(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let asked = try context.arguments.params("pKeyInfo")
    let key = try key(state, asked.string("KLLIC_SERIAL"))
    var data = key.attributes.filter { asked.members[$0.key] != nil }
    if asked.members["KLLICSRV_KEYDATA"] != nil {
      guard context.login.user.mayExportKeys else { throw .accessDenied }
      data["KLLICSRV_KEYDATA"] = key.keyData.map(Wire.params)
    }
    return ["PxgRetVal": data]
  }

  static func keyUsage(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let key = try key(state, context.arguments.string("wstrSerial"))
    let usage: [String: Any] = [
      "KLVSRV_ID": 0, "KLLIC_NHOSTS_ASCURRENT": key.devices, "KLLIC_NHOSTS_ASNEXT": 0,
    ]
    return ["PxgRetVal": [Wire.params(usage)]]
  }

  /// Adds a key: its serial number follows from its body, so that the same body is the same key.
  static func installKey(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let data = try context.arguments.params("pKeyInfo").params("KLLICSRV_KEYDATA")
    let isFile = try data.bool("KLLIC_IFKEYFILE")
    let body = try data.bytes("KLLIC_LICFILE")
    guard isFile || body.count == 23 else { throw PxgFailure(2351, "No such code", module: "KLOLA") }
    let text = Data(body).base64EncodedString()
    if let known = state.fixture.keys.first(where: { $0.body == text }) { return ["PxgRetVal": known.serial] }
    var key = SyntheticKey(number: state.fixture.keys.count, devices: 0)
    key.serial = "1NST-\(String(format: "%08X", body.reduce(UInt32(17)) { $0 &* 31 &+ UInt32($1) }))"
    (key.body, key.isCode, key.isAutomatic) = (text, !isFile, false)
    state.fixture.keys.append(key)
    return ["PxgRetVal": key.serial]
  }

  static func adjustKey(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let data = try context.arguments.params("pData")
    let serial = try data.string("KLLIC_SERIAL")
    guard let index = state.place(ofKey: serial) else {
      throw .notFound("the key \(serial)")
    }
    state.fixture.keys[index].isAutomatic = try data.bool("KLLICSRV_AUTOKEY")
    return [:]
  }

  private static func key(_ state: ServerState, _ serial: String) throws(PxgFailure) -> SyntheticKey {
    guard let place = state.place(ofKey: serial) else { throw .notFound("the key \(serial)") }
    return state.fixture.keys[place]
  }
}
