import AdministrationServer
import FileSystem
import JobCore
import Journal
import SystemPackage

/// What was done with a mobile package.
package struct MobilePackageReport: Sendable, Encodable {
  /// The server's address.
  package let server: String
  /// The profile's identifier.
  package let profile: String
  /// Where it is given out; `nil`: it no longer is.
  package internal(set) var address: String?
  /// Whether this was a dry run: nothing was done.
  package let dryRun: Bool
}

extension PackageJob {
  /// The most bytes of a file with what belongs to a profile.
  private static let mostData = 1 << 20

  /// Has the Web server give out the package of a mobile profile.
  ///
  /// - Parameters:
  ///   - profile: the profile's identifier, as the server knows it.
  ///   - data: a JSON file with what belongs to it, in the Open API's typed values; `nil`: nothing does.
  package func publishMobile(_ profile: String, data: FilePath?) async throws -> MobilePackageReport {
    try check(profile)
    let parameters = try Self.parameters(data)
    return try await changeMobile(profile) { server in
      let address = try await server.prepareMobilePackage(profile)
      try await server.publishMobilePackage(profile, data: parameters)
      return address
    }
  }

  /// Has the Web server give it out no longer.
  package func unpublishMobile(_ profile: String) async throws -> MobilePackageReport {
    try check(profile)
    return try await changeMobile(profile) { server in
      try await server.unpublishMobilePackage(profile)
      return nil
    }
  }

  private func changeMobile(
    _ profile: String,
    _ body: (AdministrationServer) async throws -> String?
  ) async throws -> MobilePackageReport {
    let connection = try ServerConnection(context)
    var report = MobilePackageReport(server: connection.address, profile: profile, dryRun: options.dryRun)
    guard !options.dryRun else { return report }
    let facts: [String: JournalValue] = ["profile": .string(profile), "server": .string(connection.address)]
    let beginning = AuditNote(
      .package,
      "a change of what \(connection.address) gives out of mobile profile \(profile)",
      facts
    )
    report.address = try await audit.noting(beginning) { _ in
      let address = try await connection.use { server in try await body(server) }
      let how = address.map { "given out by \(connection.address), at \($0)" }
      let note = AuditNote(
        .package,
        "the package of mobile profile \(profile) is \(how ?? "no longer given out by \(connection.address)")",
        facts.merging(["published": .boolean(address != nil)]) { $1 }
      )
      return (address, note)
    }.value
    return report
  }

  private func check(_ profile: String) throws {
    guard (1...256).contains(profile.utf8.count), profile.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
      throw JobError(.usage, "\(profile.debugDescription) cannot be a profile's identifier")
    }
  }

  private static func parameters(_ file: FilePath?) throws -> Params {
    guard let file else { return Params() }
    let bytes = try Files.read(file, atMost: mostData)
    do throws(ParamsError) { return try Params(json: bytes) } catch {
      throw JobError(.usage, "\(file): \(error)", remedy: "It has to be a JSON object of the Open API's values.")
    }
  }
}
