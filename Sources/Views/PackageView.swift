import Console
import MirrorTypes
import ServerJobs

/// Installers as people read them.
package enum PackageView {
  package static func table(_ packages: [ShelvedPackage]) -> String {
    let rows = packages.map { package in
      [
        package.path, Words.bytes(package.size), "\(package.sha256.prefix(16))…",
        package.kind?.rawValue ?? "-", package.package.map { "\($0)" } ?? "-",
        package.standalone.map { "\($0)" } ?? "-",
        package.isPublished ? "yes" : "no", package.address ?? "-",
      ]
    }
    let head = ["path", "size", "SHA-256", "kind", "package", "stand-alone", "published", "address"]
    return Console.table([head] + rows, rightAligned: [1], below: [2, 3, 4, 5, 7])
  }

  /// Tells what of an installer's digests and signatures is verified, and what not.
  package static func showProofs(_ package: ShelvedPackage) {
    let path = package.path
    if !package.verified.isEmpty {
      Console.line("\(path): verified: \(package.verified.map(Self.words).joined(separator: ", "))")
    }
    if !package.notVerified.isEmpty {
      Console.line("\(path): not verified: \(package.notVerified.map(Self.words).joined(separator: ", "))")
    }
  }

  private static func words(_ proof: ShelvedPackage.Proof) -> String {
    switch proof {
    case .configuredDigest: "its SHA-256 is the configuration's"
    case .digestFile: "its SHA-256 is that of the .sha256 file beside it"
    case .otherDigestFile: "the .sha256 file beside it has another SHA-256"
    case .detachedSignature: "the signature in a file beside it"
    case .embeddedSignature: "the signature inside it"
    case .perhapsEmbeddedSignature: "a signature inside it, if it has one"
    }
  }

  package static func show(_ report: PackageReport, _ done: String, _ what: String) {
    for package in report.packages {
      let path = package.path
      if report.done.contains(package.path) {
        Console.line("\(done) \(path)\(package.address.map { " at \($0)" } ?? "")")
      } else if report.due.contains(package.path) {
        Console.line(
          report.dryRun ? "would \(what) \(path), \(Words.bytes(package.size))" : "\(path): nothing was done"
        )
      } else {
        Console.line("\(path) was \(done) already")
      }
    }
  }
}
