import FileSystem
import JobCore
import SiteDocuments
import SystemPackage

/// The two folders by which third-party patches go to and from a server, as `doctor` gets them.
package struct PatchFolders: Sendable, Hashable {
  /// Which server has the settings.
  package enum Side: String, Sendable, Hashable, CaseIterable {
    /// The one without internet.
    case isolated
    /// The one with internet.
    case connected
  }

  /// Which server has the settings.
  package var side: Side
  /// The folder of the lists of required updates.
  package var requirements: FilePath
  /// The folder of the patches.
  package var patches: FilePath

  /// The folders.
  package init(side: Side, requirements: FilePath, patches: FilePath) {
    self.side = side
    self.requirements = requirements
    self.patches = patches
  }
}

/// Whether the folders for third-party patches are there, and what the server must be informed of them.
struct PatchFoldersCheck: DoctorCheck {
  private let folders: PatchFolders

  init(_ folders: PatchFolders) { self.folders = folders }

  func findings(in patient: Patient) -> [Finding] {
    let lines = PatchFolder.lines(
      folders.side == .isolated ? .isolated : .connected,
      requirements: folders.requirements.string,
      patches: folders.patches.string
    )
    let intro: Finding = .ok(
      "patches.settings",
      "the \(folders.side.rawValue) server's settings for third-party patches, to be made there as root:",
      lines: lines
    )
    return [intro] + Self.look(at: folders.requirements) + Self.look(at: folders.patches)
  }

  private static func look(at folder: FilePath) -> [Finding] {
    do throws(FileError) {
      let status = try Files.status(folder) == nil ? nil : try Files.status(try Files.resolvingLinks(folder))
      guard status?.kind == .folder else {
        return [
          .warning(
            "patches.folder",
            "\(folder): there is no such folder on this host",
            remedy: "Make it, and give the group \(PatchFolder.group) the right to change it."
          )
        ]
      }
      return [.ok("patches.folder", "\(folder) is there")]
    } catch {
      return [.error("patches.folder", JobError(error))]
    }
  }
}
