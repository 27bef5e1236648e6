import BundleFormat
import FileSystem
import JobCore
import MirrorTypes
import StoreTrust
import SystemPackage
import Trust

/// Finds the root that a person means who names a stick: the newest one of the bundles there, whose fingerprint the
/// connected side shows. Nothing of it is believed: its fingerprint is compared.
///
/// Names of files say no more than where to look first. What is no root is passed over, so that nobody keeps the right one
/// out by laying something beside it.
enum NewestRoot {
  /// A file that has the name of a root, in a bundle.
  private struct Candidate {
    let file: Place
    let version: Int
    let snapshot: Int
  }

  /// How many names of a bundle's folder of metadata are looked at.
  private static let mostEntries = 10_000
  /// How many files are read as roots.
  private static let mostRoots = 1000

  /// A root, and the file that it was read from.
  struct Found {
    let file: FilePath
    let root: SignedMetadata

    /// The version that it says it has.
    var version: Int { Int(clamping: root.signed["version"]?.integer ?? 0) }
    var fingerprint: Fingerprint { RootMetadata.fingerprint(of: root) }
  }

  /// The root at a path: that of the file itself, or the newest root of the bundles in a folder.
  ///
  /// - Parameter wanted: the fingerprint that was read out: of several roots, the one that has it is meant.
  /// - Throws: an error with ``ExitStatus/notABundle`` for a folder without a bundle that has a root; with
  ///   ``ExitStatus/notThere`` where the newest roots of two bundles are not the same one, and none has the fingerprint.
  static func find(at path: FilePath, wanted: Fingerprint? = nil) throws -> Found {
    guard try OpenFolder.ifFolder(Files.resolvingLinks(path)) != nil else {
      guard let root = try PendingRoot.read(path) else { throw JobError(.notThere, "\(path): there is no such file") }
      return try believable(Found(file: path, root: root))
    }
    let candidates = try BundleReader.find(at: path).flatMap(roots)
      .sorted { ($0.version, $0.snapshot) > ($1.version, $1.snapshot) }
    guard !candidates.isEmpty else {
      throw JobError(
        .notABundle,
        "\(path): there is no bundle with a root here",
        remedy: "Name the stick that 'kscmirror pack' wrote to, a bundle's folder on it, or the root's own file."
      )
    }
    var found: [Found] = []
    var problem: (any Error)?
    for candidate in candidates.prefix(mostRoots) {
      do {
        let root = try read(candidate.file)
        if root.fingerprint == wanted { return root }
        found.append(root)
      } catch {
        problem = problem ?? error
      }
    }
    guard let best = found.map(\.version).max() else {
      throw problem ?? JobError(.software, "\(path): no root was read")
    }
    return try only(of: found.filter { $0.version == best }, path)
  }

  /// The root that several files have.
  private static func only(of newest: [Found], _ path: FilePath) throws -> Found {
    var different: [Found] = []
    for root in newest where !different.contains(where: { $0.fingerprint == root.fingerprint }) {
      different.append(root)
    }
    if let first = newest.first, different.count == 1 { return first }
    throw JobError(
      .notThere,
      "\(path): its bundles come from different connected sides, and have different roots",
      details: different.prefix(mostShown).map { "\($0.file): \($0.fingerprint)" },
      remedy: "Ask which of them is right, and name that file."
    )
  }

  private static let mostShown = 5

  private static func roots(of bundle: BundleReader) -> [Candidate] {
    let names = (try? bundle.metadata.entries(atMost: mostEntries)) ?? []
    return names.compactMap { entry in
      guard let parts = RepositoryState.parts(of: entry.name), parts.role == "root" else { return nil }
      return Candidate(file: bundle.metadata.appending(entry), version: parts.version, snapshot: bundle.snapshot)
    }
  }

  private static func read(_ file: Place) throws -> Found {
    guard let root = try PendingRoot.read(file) else { throw JobError(.notThere, "\(file): there is no such file") }
    return try believable(Found(file: file.shown, root: root))
  }

  /// Sees that it is a root that has signed itself.
  private static func believable(_ found: Found) throws -> Found {
    do {
      _ = try TrustedMetadata(trustedRoot: found.root.serialized, now: .epoch)
    } catch {
      throw JobError(error, at: found.file.string)
    }
    return found
  }
}
