import Foundation

/// Installation packages and their publication: `PackagesApi`.
extension AdministrationServer {
  /// What an archive that was uploaded holds: zip, cab, tar or tar.gz.
  package func packageArchive(
    _ file: UploadedFile,
    language: String? = nil
  ) async throws(AdministrationServerError) -> PackageArchive {
    let method = "PackagesApi.GetPackageInfoFromArchive"
    var options = Params()
    options["KLPKG_LANG"] = language.map(ParamsValue.string)
    let answer = try await call(method, ["wstrFileId": .string(file.id), "pOptions": .params(options)])
    return try asked(method) { () throws(ParamsError) in try PackageArchive(answer.returnedParams()) }
  }

  /// Makes a package of a file that was uploaded, and waits until that is done.
  ///
  /// - Parameters:
  ///   - name: the package's name.
  ///   - executable: which file is run; not needed for an archive with a description of its own (`.kpd`).
  ///   - arguments: what that file is run with.
  /// - Returns: the number of the package.
  package func recordPackage(
    _ file: UploadedFile,
    name: String,
    executable: String? = nil,
    arguments: String? = nil
  ) async throws(AdministrationServerError) -> Int64 {
    let method = "PackagesApi.RecordNewPackage3Async"
    var options: Params = ["KLPKG_NAME": .string(name)]
    options["KLPKG_FILE"] = executable.map(ParamsValue.string)
    options["KLPKG_FILE_PARAMS"] = arguments.map(ParamsValue.string)
    let id = UUID().uuidString.lowercased()
    _ = try await call(
      method,
      ["wstrFileId": .string(file.id), "pOptions": .params(options), "wstrRequestID": .string(id)]
    )
    let made: Params
    do {
      made = try await waitForAction(id, name: method)
    } catch {
      if case .actionFailed = error { throw error }
      await tidyUp("PackagesApi.CancelRecordNewPackage", ["szwRequestId": .string(id)])
      throw error
    }
    return try asked(method) { () throws(ParamsError) in
      try made.required("KLPKG_NPI_PKGID", made.integer("KLPKG_NPI_PKGID"))
    }
  }

  /// All packages.
  package func packages() async throws(AdministrationServerError) -> [InstallationPackage] {
    let method = "PackagesApi.GetPackages2"
    let answer = try await call(method)
    let rows = try asked(method) { () throws(ParamsError) in try answer.returnedList() }
    return try converted(rows, method) { (row) throws(ParamsError) in try InstallationPackage(row) }
  }

  /// The stand-alone packages made from a package; without one, all.
  package func standalonePackages(
    of packageID: Int64? = nil
  ) async throws(AdministrationServerError) -> [StandalonePackage] {
    let method = "PackagesApi.GetExecutablePackages"
    let answer = try await call(method, ["nPackageId": .int(packageID ?? 0)])
    let rows = try asked(method) { () throws(ParamsError) in
      try answer.returnedParams().paramsList("KLPKG_evpExecs") ?? []
    }
    return try converted(rows, method) { (row) throws(ParamsError) in try StandalonePackage(row) }
  }

  /// Makes a stand-alone package of a package, and waits until that is done.
  ///
  /// - Parameter packageID: the package's number.
  package func makeStandalonePackage(of packageID: Int64) async throws(AdministrationServerError) {
    let method = "PackagesApi.CreateExecutablePkgAsync"
    let answer = try await call(method, ["pData": ["KLPKG_evpPkgId": .int(packageID)]])
    let id = try asked(method) { () throws(ParamsError) in try answer.returnedString() }
    do {
      _ = try await waitForAction(id, name: method)
    } catch {
      if case .actionFailed = error { throw error }
      await tidyUp("PackagesApi.CancelCreateExecutablePkg", ["wstrRequestId": .string(id)])
      throw error
    }
  }

  /// Whether the Web server gives a stand-alone package out.
  package func isPublished(standalonePackage id: Int64) async throws(AdministrationServerError) -> Bool {
    let method = "PackagesApi.IsPackagePublished"
    let answer = try await call(method, ["nPkgExecId": .int(id)])
    return try asked(method) { () throws(ParamsError) in try answer.returnedBool() }
  }

  /// Has the Web server give a stand-alone package out, or no longer.
  ///
  /// - Returns: where it is given out; empty where it no longer is.
  @discardableResult
  package func publish(
    _ isPublished: Bool = true,
    standalonePackage id: Int64
  ) async throws(AdministrationServerError) -> String {
    let method = "PackagesApi.PublishStandalonePackage"
    let answer = try await call(method, ["bPublish": .bool(isPublished), "nPkgExecId": .int(id)])
    return try asked(method) { () throws(ParamsError) in try answer.returnedString() }
  }

  /// Has the server update the databases inside of packages, and waits until that is done.
  ///
  /// - Parameter parameters: which packages, in the server's own attributes.
  package func updateDatabasesInPackages(_ parameters: Params) async throws(AdministrationServerError) {
    let method = "PackagesApi.UpdateBasesInPackagesAsync"
    let answer = try await call(method, ["pParams": .params(parameters)])
    let id = try asked(method) { () throws(ParamsError) in try answer.returnedString() }
    _ = try await waitForAction(id, name: method)
  }
}
