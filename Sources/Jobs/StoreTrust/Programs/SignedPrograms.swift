import BundleFormat
import MirrorTypes
import Trust

/// The packages of this program that a bundle carries: targets of the role `program`, which targets delegates to.
///
/// A reader that knows nothing of the role passes over it, so that a program of any age imports a bundle that brings it a
/// newer one.
package enum SignedPrograms {
  /// The role's name.
  package static let role = "program"
  /// Patterns of the paths that it may list.
  static let paths = ["program/*"]
  /// The most packages that are looked at.
  private static let most = 16
  private static let prefix = "program/"

  /// The file of the role's metadata, as snapshot metadata lists it.
  package static let file = "program.json"

  /// The packages that metadata of the role lists. What has another name than a package, or too many bytes, is passed
  /// over: a later version may carry other things.
  package static func read(_ metadata: TargetsMetadata) -> [CarriedProgram] {
    metadata.targets.prefix(most).compactMap { target in
      guard let name = target.path.removing(prefix: prefix), let package = ProgramPackage(name: String(name)),
        let digest = target.sha256, (1...ProgramPackage.mostBytes).contains(target.length)
      else { return nil }
      return CarriedProgram(package, size: target.length, sha256: digest)
    }.inOrder
  }

  /// A package as metadata lists it.
  static func target(_ program: CarriedProgram) -> TargetFile {
    TargetFile(
      path: prefix + program.package.name,
      length: program.size,
      sha256: program.sha256,
      custom: ["version": .string(program.package.version.text)]
    )
  }
}
