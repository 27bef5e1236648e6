import MirrorTypes

/// A package by which this program is installed, as its file's name tells it.
package struct ProgramPackage: Hashable, Sendable {
  /// The two forms that are made of each version.
  package enum Form: String, Sendable, Hashable, CaseIterable {
    /// A package of Debian's.
    case debian
    /// An archive with all libraries, for any other Linux.
    case archive
  }

  /// Its form.
  package let form: Form
  /// The version that it installs.
  package let version: ProgramVersion
  /// The file's name.
  package let name: String

  /// The most bytes that a package may have.
  package static let mostBytes: Int64 = 2 << 30

  /// Reads `kscmirror_0.1.0-1_amd64.deb` or `kscmirror-0.1.0-linux-x86_64.tar.gz`; `nil` for any other name.
  package init?(name: String) {
    guard name.utf8.count <= 128 else { return nil }
    if let rest = name.removing(prefix: "kscmirror_"), rest.hasByteSuffix("_amd64.deb") {
      let full = rest.dropLast("_amd64.deb".count)
      guard let hyphen = full.lastIndex(of: "-"), Self.isRevision(full[full.index(after: hyphen)...]),
        let version = Self.version(full[..<hyphen].split(separator: "~", omittingEmptySubsequences: false))
      else { return nil }
      (form, self.version) = (.debian, version)
    } else if let rest = name.removing(prefix: "kscmirror-"), rest.hasByteSuffix("-linux-x86_64.tar.gz") {
      guard let version = ProgramVersion(String(rest.dropLast("-linux-x86_64.tar.gz".count))) else { return nil }
      (form, self.version) = (.archive, version)
    } else {
      return nil
    }
    self.name = name
  }

  private static func isRevision(_ text: Substring) -> Bool {
    (1...9).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  /// Debian writes a tilde before what semver.org writes a hyphen before.
  private static func version(_ parts: [Substring]) -> ProgramVersion? {
    guard parts.count <= 2, !parts.contains(where: { $0.contains("-") }) else { return nil }
    return ProgramVersion(parts.joined(separator: "-"))
  }
}

extension [CarriedProgram] {
  /// The same, by their names: two lists of the same packages are alike.
  var inOrder: [CarriedProgram] { sorted { $0.package.name < $1.package.name } }
}

/// A package whose bytes are known.
package struct CarriedProgram: Hashable, Sendable {
  /// The package.
  package let package: ProgramPackage
  /// Its bytes.
  package let size: Int64
  /// Their SHA-256.
  package let sha256: ObjectDigest

  /// A package and its bytes.
  package init(_ package: ProgramPackage, size: Int64, sha256: ObjectDigest) {
    self.package = package
    self.size = size
    self.sha256 = sha256
  }
}
