import BundleFormat
import FileSystem
import JobCore
import MirrorTypes
import StoreTrust
import SystemPackage
import Trust

/// Finds the root that a person means who names a stick: the newest one of the bundles there, whose fingerprint the
/// connected side shows. Nothing of it is believed: its fingerprint is compared.
enum NewestRoot {
  /// A root that lies in a bundle.
  private struct Candidate {
    let file: Place
    let version: Int
    let snapshot: Int
  }

  /// How many names of a bundle's folder of metadata are looked at.
  private static let mostEntries = 10_000

  /// A root, and the file that it was read from.
  struct Found {
    let file: FilePath
    let root: SignedMetadata
  }

  /// The root at a path: that of the file itself, or the newest root of the bundles in a folder.
  ///
  /// - Parameter wanted: the fingerprint that was read out: of several roots, the one that has it is meant.
  /// - Throws: an error with ``ExitStatus/notABundle`` for a folder without a bundle that has a root; with
  ///   ``ExitStatus/notThere`` where the newest roots of two bundles are not the same one, and none has the fingerprint.
  static func find(at path: FilePath, wanted: Fingerprint? = nil) throws -> Found {
    guard try OpenFolder.ifFolder(Files.resolvingLinks(path)) != nil else {
      guard let root = try PendingRoot.read(path) else { throw JobError(.notThere, "\(path): there is no such file") }
      return Found(file: path, root: root)
    }
    let candidates = try BundleReader.find(at: path).compactMap(newest)
    if let wanted {
      let roots = candidates.lazy.compactMap { try? read($0.file) }
      if let meant = roots.first(where: { RootMetadata.fingerprint(of: $0.root) == wanted }) { return meant }
    }
    guard let best = candidates.map(\.version).max() else {
      throw JobError(
        .notABundle,
        "\(path): there is no bundle with a root here",
        remedy: "Name the stick that 'kscmirror pack' wrote to, a bundle's folder on it, or the root's own file."
      )
    }
    let newest = candidates.filter { $0.version == best }.sorted { $0.snapshot < $1.snapshot }
    let roots = try newest.map { try read($0.file) }
    let fingerprints = roots.map { RootMetadata.fingerprint(of: $0.root) }
    guard let last = roots.last, Set(fingerprints).count == 1 else {
      throw JobError(
        .notThere,
        "\(path): its bundles come from different connected sides, and have different roots",
        details: zip(roots, fingerprints).map { "\($0.file): \($1)" },
        remedy: "Ask which of them is right, and name that file."
      )
    }
    return last
  }

  private static func newest(of bundle: BundleReader) -> Candidate? {
    let names = (try? bundle.metadata.entries(atMost: mostEntries).map(\.name)) ?? []
    let versions = names.compactMap(RepositoryState.parts).filter { $0.role == "root" }.map(\.version)
    return versions.max().map {
      Candidate(file: bundle.metadata.appending("\($0).root.json"), version: $0, snapshot: bundle.snapshot)
    }
  }

  private static func read(_ file: Place) throws -> Found {
    guard let root = try PendingRoot.read(file) else { throw JobError(.notThere, "\(file): there is no such file") }
    return Found(file: file.shown, root: root)
  }
}
