import FileSystem
import JobCore
import SiteDocuments
import SystemPackage

/// The secret by which a site's devices get their pseudonyms: it stays in the store, readable for its owner alone.
struct PseudonymKey {
  private let folders: StoreFolders
  private var path: FilePath { folders.keys.appending("pseudonyms.secret") }

  /// The secret of the store in the folder `store`.
  init(_ store: FilePath) { folders = StoreFolders(store) }

  /// The secret; a new one if there is none yet.
  func readOrMake() throws -> SiteSecret {
    if try Files.status(path) == nil {
      try StoreLock.receipts.holding(folders) { try make() }
    }
    return try read()
  }

  /// The secret; one that is forgotten again if there is none yet.
  func readOrImprovise() throws -> SiteSecret {
    guard try Files.status(path) != nil else { return SiteSecret.make().secret }
    return try read()
  }

  private func make() throws {
    // Of two runs at a time the first one's counts: names must not change.
    guard try Files.status(path) == nil else { return }
    let partial = FilePath(path.string + ".part")
    try Files.makeFolder(path.removingLastComponent(), permissions: 0o700)
    try Files.remove(partial)
    var output = try OutputFile(partial, permissions: 0o600)
    try output.write(SiteSecret.make().bytes)
    try output.sync()
    try output.close()
    try Files.rename(partial, to: path)
    try Files.syncFolder(path.removingLastComponent())
  }

  private func read() throws -> SiteSecret {
    guard let secret = SiteSecret(try Files.read(path, atMost: 1024)) else {
      throw JobError(
        .keyUnusable,
        "\(path): this is too short for a secret",
        remedy: "Put the right file back from a backup; without one, remove it: devices get new pseudonyms then."
      )
    }
    return secret
  }
}
