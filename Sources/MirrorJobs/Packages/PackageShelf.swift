import AdministrationServer
import ContentStore
import MirrorTypes
import SystemPackage

/// An installer of the current release, and what an Administration Server has of it.
public struct ShelvedPackage: Sendable, Encodable {
  /// Its path below `packages/`.
  public let path: String
  /// Its bytes.
  public let size: Int64
  /// Its SHA-256, in hexadecimal digits.
  public let sha256: String
  /// The number of the server's package; `nil`: it has none.
  public internal(set) var package: Int64?
  /// The number of the stand-alone package made from it; `nil`: there is none.
  public internal(set) var standalone: Int64?
  /// Whether the server's Web server gives it out.
  public internal(set) var isPublished = false
  /// Where it is given out.
  public internal(set) var address: String?

  let object: ObjectDigest

  private enum CodingKeys: String, CodingKey { case path, size, sha256, package, standalone, isPublished, address }

  /// The file's name.
  var fileName: String { path.split(separator: "/").last.map(String.init) ?? path }

  /// What the package is called on the server. Its digest is part of it: by that it is found again, whatever became of the
  /// run that made it, so that none is made twice.
  var name: String { "\(fileName.prefix(100)) (kscmirror \(sha256.prefix(16)))" }
}

/// What lies below `packages/` of the current release.
struct PackageShelf {
  /// The most files that are looked at.
  static let mostFiles = 10_000

  let store: ContentStore
  private(set) var packages: [ShelvedPackage] = []

  /// Looks at a store.
  ///
  /// - Throws: ``JobError`` where it has no release.
  init(_ folder: FilePath) throws(JobError) {
    store = try translatingErrors { try ContentStore.open(folder, access: .reading) }
    let release = try store.published()
    let prefix = PackageFolder.prefix
    var found: [ShelvedPackage] = []
    try translatingErrors {
      try store.forEachFile(in: release.number) { file in
        guard file.path.string.hasPrefix(prefix) else { return }
        guard found.count < Self.mostFiles else {
          throw JobError(.usage, "release \(release.number) has more than \(Self.mostFiles) files below packages/")
        }
        let path = String(file.path.string.dropFirst(prefix.count))
        found.append(ShelvedPackage(path: path, size: file.size, sha256: file.object.hex, object: file.object))
      }
    }
    packages = found.sorted { $0.path < $1.path }
  }

  /// Those that are named, by their path below `packages/` or below the release; none named: all.
  ///
  /// - Throws: ``JobError`` for a path that is not there.
  func chosen(_ paths: [String]) throws(JobError) -> [ShelvedPackage] {
    guard !paths.isEmpty else { return packages }
    var chosen: [ShelvedPackage] = []
    for path in paths {
      let wanted = path.hasPrefix(PackageFolder.prefix) ? String(path.dropFirst(PackageFolder.prefix.count)) : path
      guard let package = packages.first(where: { $0.path == wanted }) else {
        throw JobError(
          .notThere,
          "packages/\(wanted) is not in the current release",
          remedy: "See 'kscmirror package list'."
        )
      }
      if !chosen.contains(where: { $0.path == wanted }) { chosen.append(package) }
    }
    return chosen
  }
}

extension [ShelvedPackage] {
  /// The same, with what a server has of each.
  func compared(with server: AdministrationServer) async throws(AdministrationServerError) -> [ShelvedPackage] {
    let recorded = try await server.packages()
    let standalone = try await server.standalonePackages()
    return map { package in
      var package = package
      let name = package.name
      guard let match = recorded.first(where: { $0.name == name }) else { return package }
      package.package = match.id
      guard let made = standalone.first(where: { $0.packageID == match.id }) else { return package }
      package.standalone = made.id
      package.isPublished = made.isPublished ?? false
      package.address = made.address.flatMap { $0.isEmpty ? nil : $0 }
      return package
    }
  }
}
