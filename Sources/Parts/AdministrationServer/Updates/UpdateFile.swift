import MirrorTypes

/// A file of the server's update repository, or what stands for a whole component ("List of attributes of a retranslated
/// update component bundle" of the Open API's description).
package struct UpdateFile: Hashable, Sendable {
  /// All attributes, as they came.
  package let attributes: Params
  /// The primary index below which it is named: `index/u1313g.xml`.
  package let index: String?
  /// The components that it belongs to: `KDB`.
  package let components: [String]
  /// What it is: `Desc` stands for the component itself, `Base` for a file of it.
  package let type: String?
  /// Its name.
  package let fileName: String?
  /// Its date.
  package let date: UTCTime?
  /// Its size, in bytes.
  package let size: Int64?
  /// Where it lies on the server.
  package let localPath: String?
  /// Its path below the source.
  package let relativePath: String?
  /// When the set that it belongs to came to the server.
  package let bundleDownloaded: UTCTime?

  init(_ attributes: Params) throws(ParamsError) {
    self.attributes = attributes
    index = try attributes.string("Index")
    // The vendor's description calls the single name obsolete, and knows a list beside it.
    if let list = try attributes.array("ComponentList") {
      components = list.compactMap(\.string)
    } else if let name = try attributes.string("Component") {
      components = [name]
    } else {
      components = try attributes.string("CompId").map { [$0] } ?? []
    }
    type = try attributes.string("Type")
    fileName = try attributes.string("FileName")
    date = try attributes.time("Date")
    size = try attributes.integer("Size")
    localPath = try attributes.string("LocalPath")
    relativePath = try attributes.string("RelativeSrvPath")
    bundleDownloaded = try attributes.time("KLUPDSRV_BUNDLE_DWL_DATE")
  }
}

/// A component that the server can fetch updates of.
package struct UpdateComponent: Hashable, Sendable {
  /// What the indexes call it: `KDB`.
  package let id: String
  /// Its title.
  package let name: String?
  /// What it is.
  package let summary: String?
  /// The number of the application that it is for; only some components have one.
  package let applicationID: String?

  init(_ attributes: Params) throws(ParamsError) {
    id = try attributes.required("CompId", attributes.string("CompId"))
    name = try attributes.string("Name")
    summary = try attributes.string("Descr")
    applicationID = try attributes.string("AppId")
  }
}
