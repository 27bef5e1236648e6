extension AdministrationServerDouble {
  // MARK: - Updates

  static func updatesInfo(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let fields = try context.arguments.names("pFilter")
    let list = state.fixture.updates.map { file in
      let all: [String: Any] = [
        "Index": file.index, "Component": file.component, "ComponentList": [file.component], "Type": "Desc",
        "FileName": file.name, "Date": Wire.time(file.date),
        "Size": Wire.long(file.size), "KLUPDSRV_BUNDLE_DWL_DATE": Wire.time("2026-11-25T06:00:00Z"),
      ]
      return Wire.params(all.filter { fields.isEmpty || fields.contains($0.key) })
    }
    return ["PxgRetVal": list]
  }

  static func availableUpdates(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    _ = try context.arguments.string("strLocalization")
    let sources = state.fixture.updateTasks.flatMap { UpdateRepository.read($0.source) }
    let fetched = Set((state.fixture.updates + sources).map(\.component)).sorted()
    let names = state.fixture.components.isEmpty ? fetched : state.fixture.components
    let list = names.map { Wire.params(["CompId": $0, "Name": "Component \($0)", "Descr": "for tests"]) }
    return ["pAvailableUpdateComps": ["KLUpdates": list]]
  }

  static func updateComponents(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let parameters = try context.arguments.params("pParams")
    let wanted = Set(try parameters.names("arrCategoryFilter"))
    guard !wanted.isEmpty else { throw PxgFailure(1192, "arrCategoryFilter is empty") }
    if try !parameters.bool("bDoUpdate") { fetch(wanted, from: state.fixture.updateSource, &state) }
    begin(try context.arguments.string("wsRequestId"), &state, context)
    return [:]
  }

  // MARK: - Devices

  static func findHosts(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    _ = try context.arguments.string("wstrFilter")
    let fields = try context.arguments.names("vecFieldsToReturn")
    _ = try context.arguments.params("pParams")
    let name = state.name("accessor")
    state.accessors[name] = ServerState.Rows(source: .hosts(fields), count: state.fixture.devices)
    return ["PxgRetVal": state.fixture.devices, "strAccessor": name]
  }

  static func hostProducts(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let host = try context.arguments.string("strHostName")
    guard let number = Int(host.dropFirst("host-".count)), (0..<state.fixture.devices).contains(number) else {
      throw .notFound("the device \(host)")
    }
    var products: [String: Any] = [:]
    let kinds = state.fixture.kinds
    for product in kinds.isEmpty ? state.fixture.products : kinds[number % kinds.count] where product.count >= 3 {
      var facts: [String: Any] = ["DisplayName": product[2], "InstallTime": Wire.time("2026-01-02T03:04:05Z")]
      if product.count > 3 { facts["ProdVersion"] = product[3] }
      products[product[0]] = Wire.params([product[1]: Wire.params(facts)])
    }
    return ["PxgRetVal": products]
  }

  // MARK: - The server itself

  static func staticInfo(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let names = try context.arguments.names("pValues")
    let all: [String: Any] = [
      "KLADMSRV_PRODUCT_NAME": "1093", "KLADMSRV_PRODUCT_FULL_VERSION": "15.1.0.20748",
      "KLADMSRV_PRODUCT_VERSION": "1.0.0.0", "KLADMSRV_SERVER_HOSTNAME": "host-0", "KLADMSRV_LINUX_EDITION": true,
      "KLADMSRV_IS_VIRTUAL": !context.login.virtualServer.isEmpty,
    ]
    return ["PxgRetVal": all.filter { names.contains($0.key) }]
  }

  static func sharedFolder(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    ["PxgRetVal": "/var/opt/kaspersky/klnagent_srv/1093/.working/share"]
  }

  static func webServerName(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    ["PxgRetVal": "ksc.invalid"]
  }
}
