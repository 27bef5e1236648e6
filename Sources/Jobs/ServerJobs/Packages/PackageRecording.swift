import AdministrationServer
import BundleFormat
import ContentStore
import FileSystem
import JobCore
import MirrorTypes
import SystemPackage

/// Sending an installer, and having the server make a package of it.
extension PackageJob {
  /// Uploads an installer and has the server make a package of it.
  ///
  /// - Returns: the package's number.
  func record(
    _ package: ShelvedPackage,
    _ shelf: PackageShelf,
    _ server: AdministrationServer
  ) async throws -> Int64 {
    let pending = PendingPackage(context)
    if let id = try await awaited(package, pending, server) { return id }
    let path = shelf.store.path(of: package.object)
    try refuseDamaged(package, path)
    try refuseOther(package)
    try refuseForeign(package)
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
    case .refused, .actionFailed, .httpStatus: true
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
    guard isArchive(package) else { return package.fileName }
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
    } while found == nil && (0..<PendingPackage.patience).contains(clock.now.seconds(since: asked))
    try pending.clear()
    return found
  }

  /// Refuses an installer whose maker tells another digest, in the file beside it.
  private func refuseOther(_ package: ShelvedPackage) throws {
    guard package.notVerified.contains(.otherDigestFile) else { return }
    throw JobError(
      .wrongContent,
      "packages/\(package.path) does not have the SHA-256 in packages/\(package.path).sha256",
      remedy: "Get both again from their maker, and run 'kscmirror sync'; nothing was sent."
    )
  }

  private func refuseDamaged(_ package: ShelvedPackage, _ path: FilePath) throws {
    guard try VolumeCopy.digest(of: [Place(at: path)], atMost: .max).digest.hex != package.sha256 else { return }
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
    return try await server.upload(size: size, isArchive: isArchive(package)) { offset, count in
      var bytes = [UInt8](repeating: 0, count: count)
      try bytes.withUnsafeMutableBytes { try input.read($0, at: offset) }
      reporter.report(.progress(JobProgress(bytes: offset + Int64(count), totalBytes: size)))
      return bytes
    }
  }

  /// Whether the server is to unpack it: by its bytes, whatever it is called.
  private func isArchive(_ package: ShelvedPackage) -> Bool { package.kind?.isUnpackedByServer ?? false }

  /// Refuses an archive that the server would take for a program.
  private func refuseForeign(_ package: ShelvedPackage) throws {
    guard let kind = package.kind, kind.isForeignArchive, options.executable == nil else { return }
    throw JobError(
      .usage,
      "packages/\(package.path): the server does not unpack \(kind.rawValue), and nothing runs it as it is",
      remedy: "Publish it as zip, cab, tar or tar.gz."
    )
  }
}
