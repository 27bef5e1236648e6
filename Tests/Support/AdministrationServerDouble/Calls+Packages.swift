import Foundation

extension AdministrationServerDouble {
  static func beginUpload(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let size = try context.arguments.int("qwFileSize")
    guard (1...64 << 20).contains(size) else { throw PxgFailure(1192, "no such size") }
    let name = state.name("file")
    state.uploads[name] = ServerState.Upload(size: size, isArchive: try context.arguments.bool("bIsArchive"))
    return ["wstrFileId": name, "wstrUploadURL": "/upload/\(name)?part"]
  }

  static func cancelUpload(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let name = try context.arguments.string("wstrFileId")
    guard state.uploads.removeValue(forKey: name) != nil else { throw .notFound("the file \(name)") }
    return [:]
  }

  /// Takes a part of a file: the next one, of 1 MiB at the most.
  func reply(toPart call: DoubleCall, _ target: String) -> Reply {
    state.withLock { state in
      let token = call.headers["x-ksc-session"]
      guard token.map({ state.sessions[$0] != nil }) ?? (state.connections[call.connection] != nil) else {
        return Reply(status: 403)
      }
      let name = String(target.dropFirst("/upload/".count).prefix { $0 != "?" })
      guard var upload = state.uploads[name] else { return Reply(status: 404) }
      let first = upload.bytes.count
      let range = "bytes \(first)-\(first + call.body.count - 1)/\(upload.size)"
      guard call.headers["content-range"] == range, (1...1 << 20).contains(call.body.count),
        call.headers["expect"]?.lowercased() == "100-continue", first + call.body.count <= upload.size
      else { return Reply(status: 416, contentType: "text/plain") }
      upload.bytes += call.body
      state.uploads[name] = upload
      return Reply(status: 201, contentType: "text/plain")
    }
  }

  static func archiveInfo(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let upload = try wholeFile(state, context)
    guard let files = PackedFile.all(in: upload.bytes) else {
      throw PxgFailure(1192, "Data is corrupted or has an unknown format")
    }
    let names = files.map(\.name)
    var info: [String: Any] = ["KLPKG_FILES": names.filter { !$0.contains("/") }]
    if let description = files.first(where: { $0.name.hasSuffix(".kpd") }) {
      info["KLPKG_KPD"] = String(decoding: description.bytes, as: UTF8.self)
      let licence = files.first { $0.name.hasPrefix("license-") }
      if let licence { info["KLPKG_EULA"] = String(decoding: licence.bytes, as: UTF8.self) }
    }
    return ["PxgRetVal": info]
  }

  static func recordPackage(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let upload = try wholeFile(state, context)
    let options = try context.arguments.params("pOptions")
    let files = upload.isArchive ? PackedFile.all(in: upload.bytes) ?? [] : []
    let package = Package(
      id: state.packages.count + 1,
      name: try options.string("KLPKG_NAME"),
      content: upload.bytes,
      command: ["KLPKG_FILE", "KLPKG_FILE_PARAMS"].compactMap { try? options.string($0) },
      agreementUID: takeAgreements(of: files, &state),
      plugin: files.first { $0.name.hasPrefix("plugin.") }
    )
    state.packages.append(package)
    state.uploads[try context.arguments.string("wstrFileId")] = nil
    begin(try context.arguments.string("wstrRequestID"), &state, context, package: package.id)
    return [:]
  }

  static func makeStandalone(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let id = try context.arguments.params("pData").int("KLPKG_evpPkgId")
    guard let package = state.packages.first(where: { $0.id == id }) else { throw .notFound("the package \(id)") }
    // The vendor's description promises an error and leaves open which: this is the one for what is not permitted here.
    guard !waits(package, state) else { throw PxgFailure(1193, "The license agreement is not accepted") }
    let next = (state.fixture.standalone.map(\.id).max() ?? 0) + 1
    state.fixture.standalone.append(Fixture.Standalone(id: next, packageID: id, name: package.name))
    let name = state.name("action")
    begin(name, &state, context)
    return ["PxgRetVal": name]
  }

  static func cancelStandalone(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    guard state.actions.removeValue(forKey: try context.arguments.string("wstrRequestId")) != nil else {
      throw .notFound("the action")
    }
    return [:]
  }

  static func cancelRecord(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    guard let action = state.actions.removeValue(forKey: try context.arguments.string("szwRequestId")) else {
      throw .notFound("the action")
    }
    state.packages.removeAll { $0.id == action.package }
    return [:]
  }

  static func listPackages(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let list = state.packages.map { package in
      var further: [String: Any] = ["KLPKG_LANG_TAG": "", "KLPKG_IS_MSI": false]
      if !package.agreementUID.isEmpty { further["KLPKG_EULA_UID"] = Wire.binary(package.agreementUID) }
      return Wire.params([
        "KLPKG_NPI_EXTRA_DATA": Wire.params(further), "KLPKG_NPI_PKGID": package.id, "KLPKG_NPI_NAME": package.name,
        "KLPKG_NPI_PRODUCT_NAME": "KES",
        "KLPKG_NPI_PRODUCT_VERSION": "12.1.0.0", "KLPKG_NPI_SIZE": Wire.long(package.content.count),
        "KLPKG_NPI_CREATION_TIME": Wire.time("2026-11-25T10:00:00Z"),
      ])
    }
    return ["PxgRetVal": list]
  }

  static func listStandalone(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let wanted = try context.arguments.int("nPackageId")
    let list = state.fixture.standalone.filter { wanted <= 0 || $0.packageID == wanted }.map { package in
      Wire.params([
        "KLPKG_evpExecPkgId": package.id, "KLPKG_evpPkgId": package.packageID, "KLPKG_NAME": package.name,
        "KLPKG_evpPkgSize": 12345, "KLPKG_ProdDisplayVersion": "15.1", "KLPKG_IsPublished": package.isPublished,
        "KLPKG_WebURL": package.isPublished ? address(package.id) : "",
        "KLPKG_EP_SHA256": String(repeating: "0f", count: 32),
      ])
    }
    return ["PxgRetVal": ["KLPKG_evpExecs": list]]
  }

  static func isPublished(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    ["PxgRetVal": state.fixture.standalone[try standalone(state, context)].isPublished]
  }

  static func publish(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let index = try standalone(state, context)
    let isPublished = try context.arguments.bool("bPublish")
    state.fixture.standalone[index].isPublished = isPublished
    return ["PxgRetVal": isPublished ? address(state.fixture.standalone[index].id) : ""]
  }

  static func updateBases(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let name = state.name("action")
    begin(name, &state, context)
    return ["PxgRetVal": name]
  }

  // MARK: - Helpers

  private static func address(_ id: Int) -> String { "http://ksc.invalid:8060/dlpkg?id=\(id)" }

  private static func standalone(_ state: ServerState, _ context: CallContext) throws(PxgFailure) -> Int {
    let id = try context.arguments.int("nPkgExecId")
    guard let index = state.fixture.standalone.firstIndex(where: { $0.id == id }) else {
      throw .notFound("the package \(id)")
    }
    return index
  }

  private static func wholeFile(_ state: ServerState, _ context: CallContext) throws(PxgFailure) -> ServerState.Upload {
    let name = try context.arguments.string("wstrFileId")
    guard let upload = state.uploads[name], upload.bytes.count == upload.size else {
      throw .notFound("the whole file \(name)")
    }
    return upload
  }
}
