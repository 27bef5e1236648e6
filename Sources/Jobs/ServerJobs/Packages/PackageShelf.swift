import AdministrationServer
import ContentStore
import FileSystem
import JobCore
import MirrorConfiguration
import MirrorTypes
import Releases
import SystemPackage

/// An installer of the current release, and what an Administration Server has of it.
package struct ShelvedPackage: Sendable, Encodable {
  /// Its path below `packages/`.
  package let path: String
  /// Its bytes.
  package let size: Int64
  /// Its SHA-256, in hexadecimal digits.
  package let sha256: String
  /// The number of the server's package; `nil`: it has none.
  package internal(set) var package: Int64?
  /// The number of the stand-alone package made from it; `nil`: there is none.
  package internal(set) var standalone: Int64?
  /// Whether the server's Web server gives it out.
  package internal(set) var isPublished = false
  /// Where it is given out.
  package internal(set) var address: String?
  /// What it is by its bytes; `nil`: nobody has looked.
  package internal(set) var kind: PackageKind?
  /// The vendor's description (.kpd, .kud) in it, where it is an archive with one.
  package internal(set) var descriptionFile: String?
  /// What of its maker's digests and signatures is verified: ``Proof``.
  package internal(set) var verified: [Proof] = []
  /// What is there and is not verified.
  package internal(set) var notVerified: [Proof] = []

  let object: ObjectDigest

  /// What somebody says of an installer beside its bytes.
  package enum Proof: String, Sendable, Encodable {
    /// The `sha256` of a source of kind `files` in the configuration.
    case configuredDigest = "configured-digest"
    /// A file of the same name with `.sha256` behind it.
    case digestFile = "digest-file"
    /// Such a file that tells another digest: the installer is not published.
    case otherDigestFile = "other-digest-file"
    /// A signature in a file beside it (.asc, .sig, .p7s): its maker's key is not known here.
    case detachedSignature = "detached-signature"
    /// A signature inside it: the authorities that it leads to are not known here.
    case embeddedSignature = "embedded-signature"
    /// Its format may have a signature inside, in a place that is not looked at.
    case perhapsEmbeddedSignature = "perhaps-embedded-signature"
  }

  private enum CodingKeys: String, CodingKey {
    case path, size, sha256, package, standalone, isPublished, address, kind, descriptionFile, verified, notVerified
  }

  /// The file's name.
  var fileName: String { path.byteParts.last.map(String.init) ?? path }

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
  /// - Throws: an error where it has no release.
  init(_ folder: FilePath) throws {
    store = try ContentStore.open(folder, access: .reading)
    let release = try store.published()
    let prefix = PackageFolder.prefix
    var found: [ShelvedPackage] = []
    try store.forEachFile(in: release.number) { file in
      guard let path = file.path.string.removing(prefix: prefix) else { return }
      guard found.count < Self.mostFiles else {
        throw JobError(.usage, "release \(release.number) has more than \(Self.mostFiles) files below packages/")
      }
      found.append(ShelvedPackage(path: path, size: file.size, sha256: file.object.hex, object: file.object))
    }
    packages = found.sorted { $0.path < $1.path }
  }

  /// Those that are named, by their path below `packages/` or below the release; none named: all.
  ///
  /// - Throws: an error for a path that is not there.
  func chosen(_ paths: [String]) throws -> [ShelvedPackage] {
    // What only accompanies an installer is none, unless somebody names it.
    guard !paths.isEmpty else { return packages.filter { !isCompanion($0.path) } }
    var chosen: [ShelvedPackage] = []
    for path in paths {
      let wanted = path.removing(prefix: PackageFolder.prefix) ?? path
      guard let package = packages.first(where: { $0.path == wanted }) else {
        let near = NearestName.of(wanted, among: packages.map(\.path)).map { "; did you mean '\($0)'?" } ?? ""
        throw JobError(
          .notThere,
          "packages/\(wanted) is not in the current release\(near)",
          remedy: "See 'kscmirror package list'."
        )
      }
      if !chosen.contains(where: { $0.path == wanted }) { chosen.append(package) }
    }
    return chosen
  }
}

// MARK: - What is known of an installer

extension PackageShelf {
  private static let digestEnding = ".sha256"
  private static let signatureEndings = [".asc", ".sig", ".p7s"]

  /// Whether a file only accompanies an installer: its digest or its signature.
  private func isCompanion(_ path: String) -> Bool {
    (Self.signatureEndings + [Self.digestEnding]).contains { ending in
      path.removing(suffix: ending).map { stem in packages.contains { $0.path.hasSameBytes(as: stem) } } ?? false
    }
  }

  /// The same installer with what its bytes and what lies beside it say.
  func inspected(_ package: ShelvedPackage, _ configuration: Configuration) throws -> ShelvedPackage {
    let found = try PackageInspection(store.path(of: package.object))
    var package = package
    package.kind = found.kind
    package.descriptionFile = found.description
    if Self.isConfigured(package, configuration) { package.verified.append(.configuredDigest) }
    if let told = try digestFile(of: package.path) {
      if told == package.sha256 {
        package.verified.append(.digestFile)
      } else {
        package.notVerified.append(.otherDigestFile)
      }
    }
    if packages.contains(where: { other in Self.signatureEndings.contains { other.path == package.path + $0 } }) {
      package.notVerified.append(.detachedSignature)
    }
    switch found.signature {
    case .present: package.notVerified.append(.embeddedSignature)
    case .unknown: package.notVerified.append(.perhapsEmbeddedSignature)
    case .none: break
    }
    return package
  }

  /// Whether the configuration names this very digest for the path.
  private static func isConfigured(_ package: ShelvedPackage, _ configuration: Configuration) -> Bool {
    configuration.sources.contains { source in
      guard case .files(let files) = source.kind else { return false }
      return files.contains { $0.path.is(package.path) && $0.sha256 == package.object }
    }
  }

  /// The digest that a file beside an installer tells, in small letters; `nil`: there is no such file.
  private func digestFile(of path: String) throws -> String? {
    guard let file = packages.first(where: { $0.path == path + Self.digestEnding }) else { return nil }
    let bytes = try Files.read(store.path(of: file.object), atMost: 65_536)
    return String(decoding: bytes.prefix { Character(.init($0)).isHexDigit }.prefix(65), as: UTF8.self).lowercased()
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
