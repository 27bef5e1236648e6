import FileSystem
import JobCore
import MirrorConfiguration
import MirrorTypes
import Mirroring
import ServerJobs
import StoreTrust
import SystemPackage
import Transfer
import VendorChecks
import VendorSignatures

/// Says what a configuration means, and whether all that it names can be used. Nothing is fetched.
package struct ConfigurationCheckJob: Sendable, InContext {
  package let context: JobContext

  /// A job on a configuration that was read, and so is sound in itself.
  package init(_ context: JobContext) { self.context = context }

  /// Checks it.
  ///
  /// - Throws: an error for the first source that cannot work: a file that cannot be read, a pattern that is none.
  package func run() throws -> ConfigurationReport {
    var lines = [
      ConfigurationReport.Line("store", configuration.store.string),
      ConfigurationReport.Line("keep", Words.count(configuration.keep, "snapshot")),
      ConfigurationReport.Line(
        "parcels",
        "keeps \(configuration.parcels.keep), others \(Words.count(configuration.parcels.keepFor / 86_400, "day")) at the most"
      ),
      ConfigurationReport.Line("pack", configuration.pack.output?.string ?? "no output folder: name one with --output"),
    ]
    if configuration.pack.parity > 0 {
      lines.append(ConfigurationReport.Line("parity", Words.count(configuration.pack.parity, "volume")))
    }
    lines.append(
      ConfigurationReport.Line(
        "site",
        configuration.site ?? "no name: bundles made for one are refused, and no receipts written"
      )
    )
    lines.append(ConfigurationReport.Line("language", configuration.language.code))
    lines.append(ConfigurationReport.Line("vendor's signatures", try vendorLine()))
    if let server = configuration.administrationServer {
      lines.append(ConfigurationReport.Line("Administration Server", try check(server)))
    }
    for source in configuration.sources {
      do {
        lines.append(ConfigurationReport.Line("source \(source.name)", try check(source)))
      } catch {
        let failure = JobError(error)
        throw JobError(
          .configuration,
          "\(configuration.file): source \(source.name): \(failure.message)",
          remedy: failure.remedy
        )
      }
    }
    if configuration.sources.isEmpty {
      lines.append(ConfigurationReport.Line("sources", "none: fit for an isolated server"))
    }
    return ConfigurationReport(file: configuration.file.string, lines: lines)
  }

  private func vendorLine() throws -> String {
    let trust = try VendorTrust(configuration.vendor)
    let whose = configuration.vendor.intermediates == nil ? "built in" : "of the configuration"
    return "\(configuration.vendor.signatures.rawValue); \(trust.intermediates.count) authorities, \(whose)"
  }

  /// The transport takes certificates, pins and limits, or says what is wrong with them. No password is asked for.
  private func check(_ server: AdministrationServerSettings) throws -> String {
    let address = ServerConnection.withPort(server.url)
    do {
      _ = try ServerConnection.transport(server, address, transports)
    } catch {
      let failure = JobError(error)
      throw JobError(
        .configuration,
        "\(configuration.file): [administration_server]: \(failure.message)",
        remedy: failure.remedy
      )
    }
    let who = server.tokenFile.map { "by the token in \($0)" } ?? "as \(server.user ?? "nobody")"
    return "\(address), \(who)" + (server.virtualServer.map { ", virtual server \($0)" } ?? "")
  }

  private func check(_ source: Source) throws -> String {
    switch source.kind {
    case .files(let files):
      try checkTransport(source, servers: [])
      for file in files where FileAddress.isMeant(by: file.url) {
        let path = FilePath(try FileAddress(file.url).path)
        guard try Files.status(path) != nil else {
          throw JobError(.configuration, "\(path): there is no such file", remedy: "Mount the share, or correct 'url'.")
        }
      }
      return Words.count(files.count, "file")
    case .tuf(let repository):
      try checkTransport(source, servers: [])
      guard try PendingRoot.read(repository.root) != nil else {
        throw JobError(
          .configuration,
          "\(repository.root): there is no such file",
          remedy: "Put the root of that web store there."
        )
      }
      return "\(repository.url), trusted by \(repository.root)"
    case .kaspersky(let tree):
      try checkTransport(source, servers: tree.servers)
      if let folder = tree.servers.first, folder.isFolder {
        try FolderServer(folder.url).examine()
      }
      let plan = try TreePlan(tree)
      try SelectionOfStore(of: source.name, tree, in: configuration.store)?.refuseUnknown()
      let indexes =
        plan.primaries.map(\.string)
        + (tree.products.isEmpty && tree.reported == nil || !tree.indexes.isEmpty
          ? [] : ["what else the products need"])
      let reported = tree.reported.map { _ in ["what the sites report"] } ?? []
      let narrowed = tree.applications + tree.operatingSystems + tree.architectures + tree.languages
      let names = reported + tree.products + tree.components + narrowed
      let place = tree.servers.first.flatMap { $0.isFolder ? "the folder \($0.url)" : nil }
      return "\(place ?? Words.count(tree.servers.count, "server")); \(indexes.joined(separator: ", ")); "
        + (names.isEmpty ? "all components" : names.joined(separator: ", "))
        + (tree.diffs ? "; with difference files" : "")
    }
  }

  /// A client takes certificates, keys, pins and limits, or says what is wrong with them.
  private func checkTransport(_ source: Source, servers: [Server]) throws {
    let options = try TransferOptions(source.transport, servers: servers)
    try transports.files(options).shutdown()
  }
}

/// What a configuration means.
package struct ConfigurationReport: Sendable, Encodable {
  /// The configuration's file.
  package let file: String
  /// What it says, a setting a line.
  package let lines: [Line]

  /// A setting and what it means.
  package struct Line: Sendable, Encodable {
    /// The setting.
    package let name: String
    /// What it means.
    package let value: String

    init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }
}
