import FileSystem
import Glibc
import JobCore

extension ExportPlace {
  /// What the file system can do that the folder lies on.
  struct Abilities {
    /// Whether a file may have two names.
    let links: Bool
    /// Whether files have the owner and the permissions that they are given.
    let owners: Bool
  }

  /// Tries it with a file in the folder beside.
  func tryAbilities() throws -> Abilities {
    let (probe, second) = (work.appending("probe"), work.appending("probe-2"))
    for place in [probe, second] { try place.remove() }
    defer { for place in [probe, second] { try? place.remove() } }
    _ = try OutputFile(probe, permissions: 0o600)
    try probe.setPermissions(ExportPermissions.file)
    return Abilities(links: try probe.link(to: second), owners: try probe.status()?.isExported ?? false)
  }

  /// Guesses it, for what changes nothing: by the kind of the file system, and by what lies there.
  func guessAbilities() throws -> Abilities {
    let mark = try tree.appending(ExportedTree.mark).status()
    return Abilities(links: tree.parent.mayTakeLinks, owners: mark?.isExported ?? false)
  }
}

extension FileStatus {
  /// Whether it has the owner and the permissions that an export gives.
  var isExported: Bool { owner == geteuid() && permissions == ExportPermissions.file }
}
