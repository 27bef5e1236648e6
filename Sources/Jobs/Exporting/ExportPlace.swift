import FileSystem
import Glibc
import JobCore
import MirrorTypes
import SystemPackage

/// The folder that an update tree is exported to, and what lies there.
struct ExportPlace {
  /// The folder.
  let tree: Place
  /// What is built and kept beside it, which is its owner's alone.
  let work: Place
  /// How it is called in messages.
  let path: FilePath

  /// - Throws: an error with ``ExitStatus/usage`` for a folder that nothing may be exported to.
  init(_ named: FilePath, store: FilePath) throws {
    let parent = named.removingLastComponent()
    guard let name = named.lastComponent?.string, name != "..", name != "." else {
      throw JobError(.usage, "\(named): name the folder itself", remedy: Self.remedy)
    }
    let around: FilePath
    do throws(FileError) {
      around = try Files.resolvingLinks(parent.isEmpty ? "." : parent)
    } catch {
      throw JobError(
        .notThere,
        "\(error)",
        remedy: "Make the folder \(parent) first, so that its owner and group are right."
      )
    }
    path = around.appending(name)
    let resolvedStore = (try? Files.resolvingLinks(store)) ?? store
    if let reason = Self.refusal(of: path, store: resolvedStore) {
      throw JobError(.usage, "\(path) \(reason)", remedy: Self.remedy)
    }
    tree = try Place(at: path)
    work = tree.parent.appending(".\(name).kscmirror")
  }

  private static let remedy =
    "Export to a folder of its own, such as /srv/updates/tree, and have others read it there: see kscmirror-export(1)."

  /// Why nothing may be exported to a path; `nil` where nothing is against it.
  ///
  /// - Parameters:
  ///   - path: the path, from the root, all links resolved but the last.
  ///   - store: the store, resolved as well.
  static func refusal(of path: FilePath, store: FilePath) -> String? {
    if path.starts(with: store) { return "lies in the store" }
    if store.starts(with: path) { return "holds the store" }
    let names = path.components.map { $0.string.lowercased() }
    for own in ownFolders where names.indices.contains(where: { names[$0...].starts(with: own) }) {
      return "is a folder of Kaspersky's own, which only its programs may change"
    }
    return nil
  }

  /// Folders that the vendor's programs keep for themselves, wherever they are mounted: a server's share on Linux and
  /// Windows, and what its programs work with.
  private static let ownFolders = [
    ["var", "opt", "kaspersky"], ["opt", "kaspersky"], ["klnagent_srv", "1093"], ["adminkit", "1093"],
    ["1093", ".working"], ["kasperskylab", "adminkit"],
  ]

  /// Refuses to build in a folder that somebody else has laid beside: whose it is could change there whatever is built.
  ///
  /// - Throws: an error with ``ExitStatus/permission``.
  func refuseOthersWork() throws {
    guard let status = try work.status(), let around = try work.parent.status() else { return }
    // Whoever owns the folder around may change the tree as it is. A FAT gives all to one user.
    guard ![geteuid(), 0, around.owner].contains(status.owner) else { return }
    throw JobError(
      .permission,
      "\(work): this folder is not ours, but user \(status.owner)'s, and the new tree would be built in it",
      remedy: "Find out who has made it, and remove it."
    )
  }

  // MARK: - What is there

  /// What lies in the folder's place.
  enum State: Hashable {
    case nothing
    case empty
    /// Something that we have exported.
    case ours(ExportMark)
    /// What somebody else has put there: the first name.
    case foreign(String)
  }

  /// - Throws: an error with ``ExitStatus/usage`` for what is no folder of this file system.
  func state() throws -> State {
    guard let status = try tree.status() else { return .nothing }
    guard status.kind == .folder else {
      let what = status.kind == .link ? "is a link: name the folder that it leads to" : "is not a folder"
      throw JobError(.usage, "\(path) \(what)", remedy: Self.remedy)
    }
    guard try tree.parent.status()?.device == status.device else {
      throw JobError(
        .usage,
        "\(path): something is mounted here, and such a folder cannot be exchanged for another one",
        remedy: "Name a folder on it: \(path.appending("Updates"))."
      )
    }
    switch try ExportMark.read(in: tree) {
    case .mark(let mark): return .ours(mark)
    case .tooNew(let format):
      throw JobError(
        .usage,
        "\(path) was exported in format \(format), and this kscmirror knows 1",
        remedy: "Use the newer kscmirror that has written it."
      )
    case .none:
      guard let first = try tree.entries(atMost: 1).first else { return .empty }
      return .foreign(ShownText.quoted(first.name))
    }
  }
}
