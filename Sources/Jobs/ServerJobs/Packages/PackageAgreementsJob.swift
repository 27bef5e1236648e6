import AdministrationServer
import FileSystem
import JobCore
import MirrorTypes
import SystemPackage

/// The agreements of a server's packages.
package struct PackageAgreementsReport: Sendable, Encodable {
  /// The server's address.
  package let server: String
  /// The agreements.
  package internal(set) var agreements: [PackageAgreement]
  /// The text that was asked for; with a file, it is there instead.
  package internal(set) var text: String?
  /// The file that the text was written to.
  package internal(set) var file: String?
}

/// What describes a package's management plug-in.
package struct PackagePluginReport: Sendable, Encodable {
  /// The installer's path below `packages/`.
  package let path: String
  /// The number of the server's package.
  package let package: Int64
  /// The plug-in's file name, as the server names it; `nil`: the package brings none.
  package let fileName: String?
  /// Its bytes, as the server says.
  package let size: Int64?
  /// Where the server gives it out.
  package let address: String?
  /// The file that it was written to.
  package internal(set) var file: String?
  /// The SHA-256 of what was written. Nothing says what it has to be: the server is trusted.
  package internal(set) var sha256: String?
}

extension PackageJob {
  /// The agreements of the packages made of the chosen installers; of all packages of the server, with none chosen.
  ///
  /// - Parameters:
  ///   - text: the agreement whose text is wanted: a number, a name, or digits of its SHA-256.
  ///   - file: where the text is written, as the server has it.
  package func agreements(text: String? = nil, file: FilePath? = nil) async throws -> PackageAgreementsReport {
    let chosen = options.paths.isEmpty ? nil : try PackageShelf(configuration.store).chosen(options.paths)
    let connection = try ServerConnection(context)
    return try await connection.use { server in
      let numbers = try await chosen?.compared(with: server).compactMap(\.package)
      let shelf = try await AgreementShelf(of: numbers.map(Set.init), on: server)
      var report = PackageAgreementsReport(server: connection.address, agreements: shelf.agreements)
      guard let text else { return report }
      let agreement = try AgreementChoice.agreement(text, among: shelf.agreements)
      report.agreements = [agreement]
      if let file {
        try Files.replace(file, with: Array(shelf.text(of: agreement).utf8))
        report.file = file.string
      } else {
        report.text = shelf.text(of: agreement)
      }
      return report
    }
  }

  /// Tells of the management plug-in that the package of one installer brings, and fetches it.
  ///
  /// - Parameter file: where it is written; `nil`: it is not fetched.
  package func plugin(file: FilePath? = nil) async throws -> PackagePluginReport {
    guard let installer = try PackageShelf(configuration.store).chosen(options.paths).first else {
      throw JobError(.usage, "no installer is named")
    }
    let connection = try ServerConnection(context)
    return try await connection.use { server in
      guard let package = try await [installer].compared(with: server).first?.package else {
        throw JobError(
          .notOnServer,
          "the server has no package of packages/\(installer.path)",
          remedy: "Run 'kscmirror package publish' first."
        )
      }
      let found = try await server.plugin(of: package)
      var report = PackagePluginReport(
        path: installer.path,
        package: package,
        fileName: found?.fileName,
        size: found?.size,
        address: found?.address
      )
      guard let file else { return report }
      guard let found else {
        throw JobError(.notOnServer, "the package of packages/\(installer.path) brings no management plug-in")
      }
      let fetching = try PluginFetching(found, from: connection.address, context)
      report.sha256 = try await fetching.fetch(to: file)
      report.file = file.string
      return report
    }
  }
}
