import FileSystem
import MirrorTypes
import SystemPackage
import WebStore

/// Finds the files of a release, and those of the one before where that is still asked.
struct ReleaseLookup: Sendable {
  /// The folder of the store, all links followed.
  let folder: FilePath
  let current: ReleaseIndex
  /// The release before, as long as it is asked for what the current one does not have.
  var previous: ReleaseIndex?

  /// Looks up a path.
  func find(_ path: String) -> WebLookup {
    if let entry = current.entry(path) ?? previous?.entry(path) { return .file(file(path, entry)) }
    guard path.lowercased().hasPrefix(ReleaseIndex.foldedFolder),
      let found = current.entryIgnoringCase(path) ?? previous?.entryIgnoringCase(path)
    else { return .nothing }
    return .file(file(found.path, found.entry))
  }

  private func file(_ path: String, _ entry: ReleaseIndex.Entry) -> WebFile {
    WebFile(
      path: path,
      size: entry.size,
      digest: entry.digest,
      changed: entry.changed,
      bytes: .at(Self.place(of: entry.digest, in: folder))
    )
  }

  /// Where an object lies in the store in `folder`.
  static func place(of object: ObjectDigest, in folder: FilePath) -> FilePath {
    let hex = object.hex
    return FilePath("\(folder)/objects/\(hex.prefix(2))/\(hex.dropFirst(2))")
  }
}
