import AdministrationServer
import Bundle
import ContentStore
import FileSystem
import MirrorConfiguration
import MirrorTypes
import SystemPackage

/// Has the Web server of an Administration Server give out installers of the current release, or no longer.
public struct PackageJob: Sendable {
  /// How an installer is made a package.
  public struct Options: Sendable {
    /// The paths below `packages/`; none: all.
    public var paths: [String] = []
    /// The file that is run, for archives without a description of their own (`.kpd`).
    public var executable: String?
    /// What it is run with.
    public var arguments: String?
    /// Whether nothing is done, and what would be is told.
    public var dryRun = false

    /// The defaults.
    public init() {}
  }

  /// Shows what would be done, and says whether it shall be.
  public typealias Confirmation = ([ShelvedPackage]) throws -> Bool

  private let configuration: Configuration
  private let options: Options
  private let password: (@Sendable (String) throws -> String)?
  private let reporter: any JobReporter

  /// A job.
  ///
  /// - Parameters:
  ///   - configuration: tells how the Administration Server is reached, and where the store is.
  ///   - options: what is done with which installers.
  ///   - password: asks a person for the password of a user, where no other place has it.
  ///   - reporter: takes what the job tells.
  public init(
    configuration: Configuration,
    options: Options = Options(),
    password: (@Sendable (String) throws -> String)? = nil,
    reporter: any JobReporter
  ) {
    self.configuration = configuration
    self.options = options
    self.password = password
    self.reporter = reporter
  }

  /// What the release has, and what the server has of it.
  public func list() async throws(JobError) -> PackageReport {
    let chosen = try PackageShelf(configuration.store).chosen(options.paths)
    let connection = try ServerConnection(configuration, password: password)
    let compared = try await connection.use { server in try await chosen.compared(with: server) }
    return PackageReport(server: connection.address, packages: compared)
  }

  /// Makes packages of installers, and publishes them; what is there already is not made again.
  ///
  /// - Parameter confirm: is asked once, when there is something to do.
  /// - Throws: ``JobError``; what was published before it stays.
  public func publish(confirm: Confirmation) async throws(JobError) -> PackageReport {
    try await change("publishing packages", where: { !$0.isPublished }, confirm) { package, shelf, server in
      try await publish(package, shelf, server)
    }
  }

  /// Has the Web server give installers out no longer. The packages stay.
  ///
  /// - Parameter confirm: is asked once, when there is something to do.
  public func unpublish(confirm: Confirmation) async throws(JobError) -> PackageReport {
    try await change("unpublishing packages", where: \.isPublished, confirm) { package, _, server in
      var package = package
      if let id = package.standalone { try await server.publish(false, standalonePackage: id) }
      (package.isPublished, package.address) = (false, nil)
      return package
    }
  }

  private func change(
    _ what: String,
    where isDue: (ShelvedPackage) -> Bool,
    _ confirm: Confirmation,
    _ body: (ShelvedPackage, PackageShelf, AdministrationServer) async throws -> ShelvedPackage
  ) async throws(JobError) -> PackageReport {
    let lock = try PatientLock.take(configuration.store.appending("packages.lock"), for: what)
    defer { withExtendedLifetime(lock) {} }
    let shelf = try PackageShelf(configuration.store)
    let chosen = try shelf.chosen(options.paths)
    let connection = try ServerConnection(configuration, password: password)
    let address = connection.address
    return try await connection.use { server in
      var report = PackageReport(server: address, packages: try await chosen.compared(with: server))
      report.due = report.packages.filter(isDue).map(\.path)
      report.dryRun = options.dryRun
      guard !options.dryRun, !report.due.isEmpty else { return report }
      guard try confirm(report.packages.filter(isDue)) else { return report }
      report.isConfirmed = true
      for (position, package) in report.packages.enumerated() where isDue(package) {
        let changed = try await body(package, shelf, server)
        report.packages[position] = changed
        report.done.append(changed.path)
        try Audit(StoreFolders(configuration.store).journal).note(changed, on: address)
      }
      return report
    }
  }

  // MARK: - One installer

  private func publish(
    _ package: ShelvedPackage,
    _ shelf: PackageShelf,
    _ server: AdministrationServer
  ) async throws -> ShelvedPackage {
    var package = package
    if package.package == nil { package.package = try await record(package, shelf, server) }
    guard let id = package.package else { return package }
    if package.standalone == nil {
      reporter.report(.phase("having a stand-alone package made of \(package.path)"))
      var made = try await server.standalonePackages(of: id)
      if made.isEmpty {
        try await server.makeStandalonePackage(of: id)
        made = try await server.standalonePackages(of: id)
      }
      package.standalone = made.first?.id
    }
    guard let standalone = package.standalone else {
      throw JobError(
        .badAnswer,
        "packages/\(package.path): the server has made no stand-alone package of package \(id)",
        remedy: "See on the server what became of it, and run it again."
      )
    }
    package.address = try await server.publish(standalonePackage: standalone)
    package.isPublished = true
    return package
  }

  /// Uploads an installer and has the server make a package of it.
  ///
  /// - Returns: the package's number.
  private func record(
    _ package: ShelvedPackage,
    _ shelf: PackageShelf,
    _ server: AdministrationServer
  ) async throws -> Int64 {
    let pending = PendingPackage(configuration.store)
    if let id = try await awaited(package, pending, server) { return id }
    let path = shelf.store.path(of: package.object)
    try refuseDamaged(package, path)
    let file = try await upload(package, path, server)
    do {
      let executable = try await executable(of: package, file, server)
      try pending.note(package.sha256)
      reporter.report(.phase("having a package made of \(package.path)"))
      let id = try await server.recordPackage(
        file,
        name: package.name,
        executable: executable,
        arguments: options.arguments
      )
      try pending.clear()
      return id
    } catch {
      await server.cancelUpload(file)
      if Self.isAnswer(error) { try pending.clear() }
      throw error
    }
  }

  /// Whether the server itself has said no, so that nothing is under way there any more.
  private static func isAnswer(_ error: any Error) -> Bool {
    switch error as? AdministrationServerError {
    case .refused, .actionFailed, .status: true
    default: false
    }
  }

  /// The file of a package that is run; `nil`: the archive says it itself.
  private func executable(
    of package: ShelvedPackage,
    _ file: UploadedFile,
    _ server: AdministrationServer
  ) async throws -> String? {
    if let executable = options.executable { return executable }
    guard Self.isArchive(package.path) else { return package.fileName }
    let archive = try await server.packageArchive(file)
    guard archive.description == nil else { return nil }
    throw JobError(
      .usage,
      "packages/\(package.path): the archive has no description (.kpd) that says which file is run",
      remedy: "Name one with --executable; outermost in it are: \(archive.files.prefix(10).joined(separator: ", "))."
    )
  }

  /// Waits for what a killed run has asked for; `nil` when it asked for nothing, or nothing came of it.
  private func awaited(
    _ package: ShelvedPackage,
    _ pending: PendingPackage,
    _ server: AdministrationServer
  ) async throws -> Int64? {
    guard let asked = try pending.asked(for: package.sha256) else { return nil }
    reporter.report(.phase("waiting for what a stopped run has made of \(package.path)"))
    var found: Int64?
    repeat {
      found = try await [package].compared(with: server).first?.package
      if found == nil { try await Task.sleep(for: .seconds(2)) }
    } while found == nil && (0..<PendingPackage.patience).contains(WallClock.seconds - asked)
    try pending.clear()
    return found
  }

  private func refuseDamaged(_ package: ShelvedPackage, _ path: FilePath) throws {
    guard try VolumeCopy.digest(of: [path]).digest.hex != package.sha256 else { return }
    throw JobError(
      .damagedStore,
      "\(path): packages/\(package.path) is not what was published any more",
      remedy: "Run 'kscmirror verify'; nothing was sent."
    )
  }

  private func upload(
    _ package: ShelvedPackage,
    _ path: FilePath,
    _ server: AdministrationServer
  ) async throws -> UploadedFile {
    let input = try InputFile(path)
    let size = input.size
    return try await server.upload(size: size, isArchive: Self.isArchive(package.path)) { offset, count in
      var bytes = [UInt8](repeating: 0, count: count)
      try bytes.withUnsafeMutableBytes { try input.read($0, at: offset) }
      reporter.report(.progress(JobProgress(bytes: offset + Int64(count), totalBytes: size)))
      return bytes
    }
  }

  /// What the server unpacks: zip, cab, tar, tar.gz.
  private static func isArchive(_ path: String) -> Bool {
    let name = path.lowercased()
    return [".zip", ".cab", ".tar", ".tar.gz", ".tgz"].contains { name.hasSuffix($0) }
  }
}

extension Audit {
  /// Notes that an installer is given out, or no longer.
  func note(_ package: ShelvedPackage, on server: String) throws(JobError) {
    let address = package.address.map { ", at \($0)" } ?? ""
    _ = try append(
      .package,
      .ok,
      "packages/\(package.path) is \(package.isPublished ? "" : "no longer ")given out by \(server)\(address)",
      [
        "path": .string(package.path), "sha256": .string(package.sha256), "server": .string(server),
        "package": .integer(package.package ?? 0), "published": .boolean(package.isPublished),
      ]
    )
  }
}
