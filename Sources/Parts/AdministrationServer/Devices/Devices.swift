/// Devices and what is installed on them: `HostGroup`.
///
/// There are two ways to learn which products and versions are in use. ``readDevices(usingKey:_:)`` tells those that use
/// a licence, hundreds of devices a call. ``products(onDevice:)`` tells all of the vendor's products, with a call for
/// each device.
extension AdministrationServer {
  /// Reads devices, a page at a time.
  ///
  /// - Parameter filter: the server's own search expression; the default is every device that has a Network Agent.
  /// - Throws: ``AdministrationServerError``, and whatever `read` throws.
  package func readDevices(
    matching filter: String = "(KLHST_INSTANCEID <> \"\")",
    _ read: ([Device]) async throws -> Reading
  ) async throws {
    let method = "HostGroup.FindHosts"
    let answer = try await call(
      method,
      [
        "wstrFilter": .string(filter),
        "vecFieldsToReturn": .array(Device.attributes.map(ParamsValue.string)),
        "vecFieldsToOrder": [],
        "pParams": ["KLGRP_FIND_FROM_CUR_VS_ONLY": true],
        "lMaxLifeTime": lifetime,
      ]
    )
    let accessor = try asked(method) { () throws(ParamsError) in
      try answer.outputs.required("strAccessor", answer.outputs.string("strAccessor"))
    }
    try await readChunks(accessor) { rows in
      try await read(try self.converted(rows, method) { (row) throws(ParamsError) in try Device(row) })
    }
  }

  /// The vendor's products on a device.
  package func products(onDevice id: String) async throws(AdministrationServerError) -> [InstalledProduct] {
    let method = "HostGroup.GetHostProducts"
    let answer = try await call(method, ["strHostName": .string(id)])
    return try asked(method) { () throws(ParamsError) in try InstalledProduct.products(answer.returnedParams()) }
  }
}
