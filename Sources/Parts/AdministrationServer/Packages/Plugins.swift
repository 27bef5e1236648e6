/// The plug-in by which consoles manage a package's program.
package struct PackagePlugin: Hashable, Sendable {
  /// The file's name, without folders.
  package let fileName: String
  /// Its bytes; `nil` where the server does not say.
  package let size: Int64?
  /// Where it can be fetched.
  package let address: String

  /// `nil`: the package has none.
  init?(_ attributes: Params) throws(ParamsError) {
    guard let fileName = try attributes.string("KLPKG_PLUGIN_FILENAME"), !fileName.isEmpty,
      let address = try attributes.string("KLPKG_PLUGIN_FILEURL"), !address.isEmpty
    else { return nil }
    self.fileName = fileName
    self.address = address
    size = try attributes.integer("KLPKG_PLUGIN_FILESIZE")
  }
}

extension AdministrationServer {
  /// The management plug-in that a package brings; `nil`: none.
  ///
  /// - Parameter packageID: the package's number.
  package func plugin(of packageID: Int64) async throws(AdministrationServerError) -> PackagePlugin? {
    let method = "PackagesApi.GetPackagePlugin"
    let answer = try await call(method, ["nPackageId": .int(packageID)])
    return try asked(method) { () throws(ParamsError) in try PackagePlugin(answer.returnedParams()) }
  }
}

/// Packages for mobile devices: `PackagesApi`.
extension AdministrationServer {
  /// Prepares a mobile package to be given out.
  ///
  /// - Parameter profile: the profile's identifier.
  /// - Returns: where it will be given out.
  package func prepareMobilePackage(_ profile: String) async throws(AdministrationServerError) -> String {
    let method = "PackagesApi.PrePublishMobilePackage"
    let answer = try await call(method, ["wstrProfileId": .string(profile)])
    return try asked(method) { () throws(ParamsError) in try answer.returnedString() }
  }

  /// Has the Web server give a mobile package out.
  ///
  /// - Parameters:
  ///   - profile: the profile's identifier.
  ///   - data: what belongs to this package; the vendor's description leaves open what that is.
  package func publishMobilePackage(_ profile: String, data: Params) async throws(AdministrationServerError) {
    _ = try await call(
      "PackagesApi.PublishMobilePackage",
      ["wstrProfileId": .string(profile), "pProfileData": .params(data)]
    )
  }

  /// Has the Web server give a mobile package out no longer.
  package func unpublishMobilePackage(_ profile: String) async throws(AdministrationServerError) {
    _ = try await call("PackagesApi.UnpublishMobilePackage", ["wstrProfileId": .string(profile)])
  }
}
