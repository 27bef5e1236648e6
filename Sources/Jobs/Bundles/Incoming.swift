import BundleFormat
import FileSystem
import JobCore
import MirrorTypes
import StoreTrust
import SystemPackage

/// The folder in which what has come of a bundle waits for the rest: `incoming/BUNDLE-VERSION/` in the store.
package struct Incoming: Sendable {
  /// The bundle's own folder.
  package let folder: Place
  private let root: Place
  private let version: Int

  /// Belongs to streams.
  private static let others: Set<String> = ["stream"]
  private static let unfinished = ".unfinished"
  /// How names of pieces are written here, however a medium writes them.
  private static let digits = 5

  /// The folder for a bundle.
  package init(_ bundle: VerifiedBundle, in store: FilePath) throws {
    root = try Self.root(in: store)
    version = bundle.header.version
    folder = root.appending("\(bundle.facts.names.folder)-\(version)")
  }

  private static func root(in store: FilePath) throws -> Place {
    let folders = StoreFolders(store)
    return try folders.place(of: folders.incoming)
  }

  /// Where its volumes are looked for.
  package var place: VolumePlace { VolumePlace(folder) }

  /// Whether a file lies here.
  package func holds(_ file: Place) -> Bool { file.parent == folder }

  /// Where a volume or a piece of one is kept.
  package func place(of volume: String, piece: Int? = nil) -> Place {
    folder.appending(VolumeFileName(volume: volume, piece: piece, digits: Self.digits).text)
  }

  /// Makes a file under another name, and gives it its own when it is whole.
  package func make(_ file: Place, _ body: (Place) throws -> Void) throws {
    try folder.makeFolder()
    let temporary = unfinished(file.name)
    try temporary.remove()
    try body(temporary)
    try temporary.rename(to: file)
    try folder.syncFolder()
  }

  /// The place of a file that is not whole yet.
  package func unfinished(_ name: String) -> Place { folder.appending(name + Self.unfinished) }

  /// Removes what a run has left that was killed, and what was taken in of older bundles.
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
    try folder.removeTree()
    if try root.status() != nil, try root.entries().isEmpty { try root.removeTree() }
  }

  /// Removes what was kept of any bundle of a store.
  package static func forget(in store: FilePath) throws {
    try remove(below: root(in: store)) { _ in true }
  }

  private static func remove(
    below folder: Place,
    names kept: Set<String> = others,
    _ isOld: (String) -> Bool
  ) throws(FileError) {
    guard try folder.status()?.kind == .folder else { return }
    for entry in try folder.entries() where !kept.contains(entry.name) && isOld(entry.name) {
      try folder.appending(entry).removeTree()
    }
  }

  // MARK: - Hints

  /// What all media so far have reported about each other.
  package func hints(of bundle: VerifiedBundle) throws -> VolumeHints {
    let names = Set((bundle.volumes + bundle.parity).map(\.name))
    var hints = VolumeHints(
      (try? folder.appending(BundleNames.hints).read(atMost: VolumeHints.maximumSize)) ?? [],
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
    try folder.makeFolder()
    try folder.appending(BundleNames.hints).replace(with: Array(hints.lines.utf8))
  }
}

extension VerifiedBundle {
  /// The bundle with what was taken in of it before.
  package func withIncoming(of store: FilePath) throws -> VerifiedBundle {
    var bundle = self
    let place = try Incoming(self, in: store).place
    if !bundle.reader.places.contains(place) { bundle.reader.places.append(place) }
    return bundle
  }
}
