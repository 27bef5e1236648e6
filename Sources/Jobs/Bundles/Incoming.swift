import BundleFormat
import FileSystem
import JobCore
import MirrorTypes
import StoreTrust
import SystemPackage

/// The folder in which what has come of a bundle waits for the rest: `incoming/BUNDLE-VERSION/` in the store.
package struct Incoming: Sendable {
  /// The bundle's own folder.
  package let folder: FilePath
  private let root: FilePath
  private let version: Int

  /// Belongs to streams.
  private static let others: Set<String> = ["stream"]
  private static let unfinished = ".unfinished"
  /// How names of pieces are written here, however a medium writes them.
  private static let digits = 5

  /// The folder for a bundle.
  package init(_ bundle: VerifiedBundle, in store: FilePath) {
    root = StoreFolders(store).incoming
    version = bundle.header.version
    folder = root.appending("\(bundle.facts.names.folder)-\(version)")
  }

  /// Where its volumes are looked for.
  package var place: VolumePlace { VolumePlace(folder) }

  /// Whether a file lies here.
  package func holds(_ path: FilePath) -> Bool { path.removingLastComponent() == folder }

  /// Where a volume or a piece of one is kept.
  package func path(of volume: String, piece: Int? = nil) -> FilePath {
    folder.appending(VolumeFileName(volume: volume, piece: piece, digits: Self.digits).text)
  }

  /// Makes a file under another name, and gives it its own when it is whole.
  package func make(_ path: FilePath, _ body: (FilePath) throws -> Void) throws {
    try Files.makeFolder(folder)
    let temporary = folder.appending((path.lastComponent?.string ?? "") + Self.unfinished)
    try body(temporary)
    try Files.rename(temporary, to: path)
    try Files.syncFolder(folder)
  }

  /// Removes what a run has left that was killed, and what was kept of older bundles.
  package func removeLeftovers() throws {
    try Self.remove(below: root) { name in
      guard let number = name.split(separator: "-").last.flatMap({ Int($0) }) else { return true }
      return number < version
    }
    try Self.remove(below: folder, names: []) { $0.hasSuffix(Self.unfinished) }
  }

  /// Removes what was kept of this bundle and of older ones.
  package func removeAll() throws {
    try removeLeftovers()
    try Files.removeTree(folder)
    if try Files.status(root) != nil, try Files.entries(of: root).isEmpty { try Files.removeTree(root) }
  }

  /// Removes what was kept of any bundle of a store.
  package static func forget(in store: FilePath) throws {
    try remove(below: StoreFolders(store).incoming) { _ in true }
  }

  private static func remove(
    below folder: FilePath,
    names kept: Set<String> = others,
    _ isOld: (String) -> Bool
  ) throws(FileError) {
    guard try Files.status(folder)?.kind == .folder else { return }
    for entry in try Files.entries(of: folder) where !kept.contains(entry.name) && isOld(entry.name) {
      try Files.removeTree(folder.appending(entry.name))
    }
  }

  // MARK: - Hints

  /// What all media so far have reported about each other.
  package func hints(of bundle: VerifiedBundle) throws -> VolumeHints {
    let names = Set((bundle.volumes + bundle.parity).map(\.name))
    var hints = VolumeHints(
      (try? Files.read(folder.appending(BundleNames.hints), atMost: VolumeHints.maximumSize)) ?? [],
      of: names
    )
    // Whatever is wrong with a hint: the bundle is none the worse for it.
    if let text = try? bundle.reader.read(BundleNames.hints, atMost: VolumeHints.maximumSize) {
      hints.merge(VolumeHints(text, of: names))
    }
    return hints
  }

  /// Keeps what media have told.
  package func keep(_ hints: VolumeHints) throws {
    guard !hints.sticks.isEmpty else { return }
    try Files.makeFolder(folder)
    try Files.replace(folder.appending(BundleNames.hints), with: Array(hints.lines.utf8))
  }
}

extension VerifiedBundle {
  /// The bundle with what was kept of it before.
  package func withIncoming(of store: FilePath) -> VerifiedBundle {
    var bundle = self
    let place = Incoming(self, in: store).place
    if !bundle.reader.places.contains(place) { bundle.reader.places.append(place) }
    return bundle
  }
}
