/// Licences: `LicenseKeys`.
extension AdministrationServer {
  /// The most keys that ``licences()`` holds at once.
  private static let mostKeys = 100_000

  /// All licence keys that the server knows.
  package func licences() async throws(AdministrationServerError) -> [ServerLicenceKey] {
    var keys: [ServerLicenceKey] = []
    do {
      try await readLicences { page in
        keys += page
        guard keys.count <= Self.mostKeys else {
          throw AdministrationServerError.malformed(
            call: "LicenseKeys.EnumKeys",
            ParamsError("more than \(Self.mostKeys) keys")
          )
        }
        return .more
      }
    } catch {
      throw Self.own(error)
    }
    return keys
  }

  /// Reads all licence keys that the server knows, a page at a time.
  ///
  /// - Throws: ``AdministrationServerError``, and whatever `read` throws.
  package func readLicences(_ read: ([ServerLicenceKey]) async throws -> Reading) async throws {
    let method = "LicenseKeys.EnumKeys"
    let answer = try await call(
      method,
      [
        "pFields": .array(KeyAttributes.all.map(ParamsValue.string)),
        "pFieldsToOrder": [], "pOptions": [:],
        "lTimeoutSec": lifetime,
      ]
    )
    let iterator = try iterator(of: answer, method)
    try await readIterator(iterator) { rows in
      try await read(try self.converted(rows, method) { (row) throws(ParamsError) in try ServerLicenceKey(row) })
    }
  }

  /// Reads the devices that use a key, a page at a time; an application on a device is one row.
  ///
  /// - Throws: ``AdministrationServerError``, and whatever `read` throws.
  package func readDevices(
    usingKey serial: String,
    _ read: ([ServerLicenceDevice]) async throws -> Reading
  ) async throws {
    let method = "LicenseKeys.AcquireKeyHosts"
    let answer = try await call(
      method,
      [
        "pInData": ["KLLIC_SERIAL": .string(serial)],
        "pFields": .array(KeyAttributes.ofDevice.map(ParamsValue.string)),
        "pFieldsToOrder": [], "pOptions": [:],
        "lTimeoutSec": lifetime,
      ]
    )
    let iterator = try iterator(of: answer, method)
    try await readIterator(iterator) { rows in
      try await read(try self.converted(rows, method) { (row) throws(ParamsError) in try ServerLicenceDevice(row) })
    }
  }

  /// What a key's use is on each virtual server, in the server's own attributes. From Kaspersky Security Center 15.4 on.
  package func keyUsage(serial: String) async throws(AdministrationServerError) -> [Params] {
    let method = "LicenseKeys.AcquireKeyUsageStatistics"
    let answer = try await call(method, ["wstrSerial": .string(serial)])
    return try asked(method) { () throws(ParamsError) in try answer.returnedList() }
  }

  /// The body of a key; `nil` where the server has none, as for keys that it knows from devices only. The user needs the
  /// right "Export key file".
  package func keyBody(serial: String) async throws(AdministrationServerError) -> KeyBody? {
    let method = "LicenseKeys.GetKeyData"
    let answer = try await call(method, ["pKeyInfo": ["KLLIC_SERIAL": .string(serial), "KLLICSRV_KEYDATA": true]])
    return try asked(method) { () throws(ParamsError) in
      guard let data = try answer.returnedParams().params("KLLICSRV_KEYDATA"),
        let bytes = try data.binary("KLLIC_LICFILE"), !bytes.isEmpty
      else { return nil }
      return try data.bool("KLLIC_IFKEYFILE") == true ? .file(Secret(bytes)) : KeyBody(bytes)
    }
  }

  /// Adds a licence to the server's storage. A code needs the vendor's activation servers: the connected side.
  ///
  /// - Returns: the serial number of the key.
  @discardableResult
  package func installKey(_ body: KeyBody) async throws(AdministrationServerError) -> String {
    let method = "LicenseKeys.InstallKey"
    var isFile = true
    if case .code = body { isFile = false }
    guard isFile || KeyBody.isCode(body.secret.exposedBytes) else {
      throw .invalidArgument(ParamsError("an activation code has the form XXXXX-XXXXX-XXXXX-XXXXX"))
    }
    let data: ParamsValue = ["KLLIC_IFKEYFILE": .bool(isFile), "KLLIC_LICFILE": .binary(body.secret.exposedBytes)]
    let answer = try await call(method, ["pKeyInfo": ["KLLICSRV_KEYDATA": data]])
    return try asked(method) { () throws(ParamsError) in try answer.returnedString() }
  }

  /// Says whether the server gives a key to devices by itself.
  package func setAutomatic(_ isAutomatic: Bool, serial: String) async throws(AdministrationServerError) {
    _ = try await call(
      "LicenseKeys.AdjustKey",
      ["pData": ["KLLIC_SERIAL": .string(serial), "KLLICSRV_AUTOKEY": .bool(isAutomatic)]]
    )
  }
}

// MARK: - Lists

extension AdministrationServer {
  var lifetime: ParamsValue { .int(options.iteratorLifetime.components.seconds) }

  private func iterator(of answer: OpenAPIAnswer, _ method: String) throws(AdministrationServerError) -> String {
    try asked(method) { () throws(ParamsError) in
      try answer.outputs.required("wstrIterator", answer.outputs.string("wstrIterator"))
    }
  }

  func converted<Value>(
    _ rows: [Params],
    _ method: String,
    _ convert: (Params) throws(ParamsError) -> Value
  ) throws(AdministrationServerError) -> [Value] {
    try asked(method) { () throws(ParamsError) in
      var values: [Value] = []
      values.reserveCapacity(rows.count)
      for row in rows { values.append(try convert(row)) }
      return values
    }
  }

  /// An error of a list whose reader throws none but ours.
  static func own(_ error: any Error) -> AdministrationServerError {
    error as? AdministrationServerError ?? .cancelled
  }
}
