import MirrorTypes

/// An installation package of the server ("List of package attributes").
package struct InstallationPackage: Hashable, Sendable {
  /// All attributes, as they came.
  package let attributes: Params
  /// Its number.
  package let id: Int64
  /// Its name.
  package let name: String?
  /// The product, by the vendor's short name.
  package let productName: String?
  /// The product's version.
  package let productVersion: String?
  /// The product, by the name that is shown.
  package let productDisplayName: String?
  /// Its size, in bytes.
  package let size: Int64?
  /// When it was made.
  package let created: UTCTime?
  /// When the databases inside were updated last.
  package let databasesUpdated: UTCTime?
  /// What its agreements are named by; `nil` where it has none.
  package let agreementUID: [UInt8]?

  init(_ attributes: Params) throws(ParamsError) {
    self.attributes = attributes
    id = try attributes.required("KLPKG_NPI_PKGID", attributes.integer("KLPKG_NPI_PKGID"))
    name = try attributes.string("KLPKG_NPI_NAME")
    productName = try attributes.string("KLPKG_NPI_PRODUCT_NAME")
    productVersion = try attributes.string("KLPKG_NPI_PRODUCT_VERSION")
    productDisplayName = try attributes.string("KLPKG_NPI_PRODUCT_DISPL_NAME")
    size = try attributes.integer("KLPKG_NPI_SIZE")
    created = try attributes.time("KLPKG_NPI_CREATION_TIME")
    databasesUpdated = try attributes.time("KLPKG_NPI_AV_BASES_UPDATE_TIME")
    // It stands among the further data, or, by the older list of attributes, beside them.
    let further = attributes.tolerantly { try $0.params("KLPKG_NPI_EXTRA_DATA") }
    agreementUID =
      further?.tolerantly { try $0.binary("KLPKG_EULA_UID") }
      ?? attributes.tolerantly { try $0.binary("KLPKG_EULA_UID") }
  }
}

/// A package that installs itself: one file, that the Web server can give out.
package struct StandalonePackage: Hashable, Sendable {
  /// All attributes, as they came.
  package let attributes: Params
  /// Its number.
  package let id: Int64
  /// The number of the package that it was made from.
  package let packageID: Int64?
  /// Its name.
  package let name: String?
  /// The product's version, as it is shown.
  package let productVersion: String?
  /// Its size, in bytes.
  package let size: Int64?
  /// Whether the Web server gives it out.
  package let isPublished: Bool?
  /// Where the Web server gives it out.
  package let address: String?
  /// The SHA-256 of the file, in hexadecimal digits.
  package let digest: String?

  init(_ attributes: Params) throws(ParamsError) {
    self.attributes = attributes
    id = try attributes.required("KLPKG_evpExecPkgId", attributes.integer("KLPKG_evpExecPkgId"))
    packageID = try attributes.integer("KLPKG_evpPkgId")
    name = try attributes.string("KLPKG_NAME")
    productVersion = try attributes.string("KLPKG_ProdDisplayVersion")
    size = try attributes.integer("KLPKG_evpPkgSize")
    isPublished = try attributes.bool("KLPKG_IsPublished")
    address = try attributes.string("KLPKG_WebURL")
    digest = try attributes.string("KLPKG_EP_SHA256")
  }
}

/// What an archive that was sent to the server holds.
package struct PackageArchive: Hashable, Sendable {
  /// All attributes, as they came.
  package let attributes: Params
  /// The description of the package (`.kpd`), as it is in the archive; `nil` where there is none.
  package let description: String?
  /// The licence agreement.
  package let agreement: String?
  /// The files in the archive's outermost folder.
  package let files: [String]

  init(_ attributes: Params) throws(ParamsError) {
    self.attributes = attributes
    description = try attributes.string("KLPKG_KPD")
    agreement = try attributes.string("KLPKG_EULA")
    files = try (attributes.array("KLPKG_FILES") ?? []).compactMap(\.string)
  }
}
