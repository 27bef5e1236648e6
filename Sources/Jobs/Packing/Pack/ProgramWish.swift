import JobCore
import StoreTrust
import SystemPackage

/// Whether packages of this program ride along with a bundle.
package enum ProgramWish: Hashable, Sendable {
  /// None do.
  case none
  /// Those that rode along before, or have come with a bundle.
  case asBefore
  /// Those of a file or a folder, which are kept for the next time.
  case from(FilePath)

  /// The packages.
  ///
  /// - Throws: an error with ``ExitStatus/notThere`` where there are none.
  func programs(on shelf: ProgramShelf, _ reporter: any JobReporter, dryRun: Bool) throws -> [CarriedProgram] {
    switch self {
    case .none: return []
    case .asBefore: break
    case .from(let path):
      if dryRun { return try ProgramShelf.carried(at: path) }
      reporter.report(.phase("taking in the packages of \(path)"))
      try shelf.take(from: path)
    }
    let programs = try shelf.carried()
    guard !programs.isEmpty else { throw ProgramShelf.noPackage("no package of kscmirror was named yet") }
    return programs
  }
}
