import AdministrationServer
import BundleFormat
import ContentStore
import FileSystem
import JobCore
import Journal
import MirrorTypes
import SystemPackage

/// Has the Web server of an Administration Server give out installers of the current release, or no longer.
package struct PackageJob: Sendable, InContext {
  /// How an installer is made a package.
  package struct Options: Sendable {
    /// The paths below `packages/`; none: all.
    package var paths: [String] = []
    /// The file that is run, for archives without a description of their own (`.kpd`).
    package var executable: String?
    /// What it is run with.
    package var arguments: String?
    /// Whether nothing is done, and what would be done is reported.
    package var dryRun = false
    /// The agreements that somebody accepts: numbers, names, or digits of a text's SHA-256.
    package var agreements: [String] = []

    /// The defaults.
    package init() {}
  }

  /// Shows what would be done, and says whether it shall be.
  package typealias Confirmation = ([ShelvedPackage]) throws -> Bool

  /// Shows an agreement and its text, and says whether it is accepted.
  package typealias Agreeing = (PackageAgreement, String) throws -> Bool

  package let context: JobContext
  let options: Options

  /// A job.
  ///
  /// - Parameters:
  ///   - options: what is done with which installers.
  package init(_ context: JobContext, options: Options = Options()) {
    self.context = context
    self.options = options
  }

  /// What the release has, and what the server has of it.
  package func list() async throws -> PackageReport {
    let shelf = try PackageShelf(configuration.store)
    let chosen = try inspected(try shelf.chosen(options.paths), shelf)
    let connection = try ServerConnection(context)
    return try await connection.use { server in
      var report = PackageReport(server: connection.address, packages: try await chosen.compared(with: server))
      // Good to know, and no more: a user who may not ask sees the rest all the same.
      report.sharedFolder = try? await server.sharedFolder()
      return report
    }
  }

  /// Has the Web server give installers out no longer. The packages stay.
  ///
  /// - Parameter confirm: is asked once, when there is something to do.
  package func unpublish(confirm: Confirmation) async throws -> PackageReport {
    try await change("unpublishing packages", where: \.isPublished) { report, _, server in
      guard try self.confirmed(&report, confirm) else { return }
      for position in report.packages.indices where report.due.contains(report.packages[position].path) {
        try await noting(position, &report) { report in
          if let id = report.packages[position].standalone { try await server.publish(false, standalonePackage: id) }
          report.packages[position].isPublished = false
          report.packages[position].address = nil
        }
      }
    }
  }

  /// Works on the chosen installers, one run at a time.
  ///
  /// - Parameters:
  ///   - what: what is done, for whoever has to wait.
  ///   - isDue: tells with which installers something is to be done.
  ///   - body: does it.
  func change(
    _ what: String,
    where isDue: (ShelvedPackage) -> Bool,
    _ body: (inout PackageReport, PackageShelf, AdministrationServer) async throws -> Void
  ) async throws -> PackageReport {
    let lock = try StoreLock.packages.take(in: configuration.store, for: what)
    defer { withExtendedLifetime(lock) {} }
    let shelf = try PackageShelf(configuration.store)
    let chosen = try shelf.chosen(options.paths)
    let connection = try ServerConnection(context)
    let address = connection.address
    return try await connection.use { server in
      var report = PackageReport(server: address, packages: try await chosen.compared(with: server))
      report.due = report.packages.filter(isDue).map(\.path)
      report.dryRun = options.dryRun
      try await body(&report, shelf, server)
      return report
    }
  }

  /// Whether something is to be done, and somebody says that it shall be.
  func confirmed(_ report: inout PackageReport, _ confirm: Confirmation) throws -> Bool {
    guard !options.dryRun, !report.due.isEmpty else { return false }
    let due = report.due
    report.isConfirmed = try confirm(report.packages.filter { due.contains($0.path) })
    return report.isConfirmed
  }

  /// Changes what is given out of an installer, and notes it in report and journal.
  func noting(
    _ position: Int,
    _ report: inout PackageReport,
    _ body: (inout PackageReport) async throws -> Void
  ) async throws {
    let package = report.packages[position]
    let how = package.isPublished ? "withdrawing" : "giving out"
    let beginning = AuditNote.package(package, "\(how) packages/\(package.path) by \(report.server)", on: report.server)
    try await audit.noting(beginning) { _ in
      try await body(&report)
      return ((), .package(report.packages[position], on: report.server))
    }
    report.done.append(package.path)
  }

  /// The same installers with what their bytes say.
  func inspected(_ packages: [ShelvedPackage], _ shelf: PackageShelf) throws -> [ShelvedPackage] {
    var found: [ShelvedPackage] = []
    for package in packages { found.append(try shelf.inspected(package, configuration)) }
    return found
  }
}

extension AuditNote {
  /// An installer is given out, or no longer.
  fileprivate static func package(_ package: ShelvedPackage, _ text: String? = nil, on server: String) -> AuditNote {
    let address = package.address.map { ", at \($0)" } ?? ""
    return AuditNote(
      .package,
      text ?? "packages/\(package.path) is \(package.isPublished ? "" : "no longer ")given out by \(server)\(address)",
      [
        "path": .string(package.path), "sha256": .string(package.sha256), "server": .string(server),
        "package": .integer(package.package ?? 0), "published": .boolean(package.isPublished),
      ]
    )
  }
}
