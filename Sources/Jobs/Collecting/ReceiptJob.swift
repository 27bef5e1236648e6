import ContentStore
import FileSystem
import JobCore
import MirrorTypes
import SystemPackage

/// Writes the receipt of a site's newest state, also when nothing was imported.
package struct ReceiptJob: Sendable, InContext {
  package let context: JobContext
  private let site: String?
  private let output: FilePath?

  /// A job on the context's store.
  ///
  /// - Parameters:
  ///   - site: the name of this site.
  ///   - output: the folder of the medium that it is written to; `nil`: it is kept in the store alone.
  package init(_ context: JobContext, site: String?, output: FilePath?) {
    self.context = context
    self.site = site
    self.output = output
  }

  /// Writes it.
  ///
  /// - Throws: an error with ``ExitStatus/configuration`` when the site has no name.
  package func run() throws -> WrittenReceipt {
    guard let site else {
      throw JobError(.configuration, "this site has no name, and a receipt needs one", remedy: Self.namingRemedy)
    }
    let writing = try ReceiptWriting(context, site: site)
    let store = try ContentStore.open(folder, access: .reading)
    let medium = try output.map { try Medium.open($0, configuration.parcels.mount, store: folder) }
    var written = try writing.write(of: store)
    if let medium {
      try written.write(to: medium.place)
      written.medium = try medium.finish()
    }
    return written
  }

  /// How a site gets a name.
  package static let namingRemedy = "Set site = \"NAME\" in the configuration, or pass --site NAME."
}
