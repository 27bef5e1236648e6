import FileSystem
import JobCore
import MirrorConfiguration
import MirrorTypes
import Parcels
import StoreTrust
import SystemPackage
import Trust

/// The exchange folders of a configuration, and which side this is: a store with a site's name and no keys to sign with
/// is a site's.
struct ExchangeSide: InContext {
  let context: JobContext
  let isSite: Bool

  init(_ context: JobContext) throws {
    self.context = context
    let isSigning = try OnlineKeys.arePresent(in: context.folders)
    isSite = context.configuration.site != nil && !isSigning
  }

  var store: FilePath { configuration.store }

  /// The folders with some names; all when none is named.
  func folders(_ names: [String]) throws -> [ExchangeFolder] {
    guard !configuration.exchange.isEmpty else {
      throw JobError(
        .configuration,
        "\(configuration.file): there is no [[exchange]]",
        remedy: "Name the folders there; see kscmirror.toml(5)."
      )
    }
    if let unknown = names.first(where: { name in !configuration.exchange.contains { $0.name == name } }) {
      let known = configuration.exchange.map(\.name).joined(separator: ", ")
      throw JobError(.configuration, "there is no exchange folder '\(unknown)'", remedy: "There are: \(known).")
    }
    return configuration.exchange.filter { names.isEmpty || names.contains($0.name) }
  }

  /// Whether this side sends the files of a folder.
  func sends(_ folder: ExchangeFolder) -> Bool { (folder.direction == .out) == isSite }

  func kind(of folder: ExchangeFolder) throws -> ParcelKind {
    guard let kind = ParcelKind.exchange(folder.name) else {
      throw JobError(.configuration, "'\(folder.name)' cannot be the name of an exchange folder")
    }
    return kind
  }

  /// Where the connected side keeps what a site has listed, with the preset for patches.
  func lists(_ folder: ExchangeFolder, of site: String) throws -> Place {
    try root().appending("from-\(site)").appending(folder.name)
  }

  private func root() throws -> Place {
    let folders = StoreFolders(store)
    return try folders.place(of: folders.exchange)
  }

  /// The sites that have lists here, sorted.
  func listingSites(_ folder: ExchangeFolder) throws -> [String] {
    let root = try root()
    guard try root.status()?.kind == .folder else { return [] }
    return try root.entries().compactMap { $0.name.removing(prefix: "from-") }
      .filter { try SiteName.isValid($0) && lists(folder, of: $0).status()?.kind == .folder }.sorted()
  }

  /// The folder that goes the other way with the same preset.
  func counterpart(of folder: ExchangeFolder) -> ExchangeFolder? {
    configuration.exchange.first { $0.preset != nil && $0.preset == folder.preset && $0.direction != folder.direction }
  }

  func outbox(_ folder: ExchangeFolder, to site: String?) throws -> ParcelOutbox {
    guard let name = site ?? configuration.site else {
      throw JobError(.configuration, ParcelListJob.nameless, remedy: ParcelListJob.naming)
    }
    return try ParcelOutbox(context, site == nil ? .fromSite : .toSite, site: name)
  }
}
