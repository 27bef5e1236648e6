import Glibc
import MirrorTypes
import SystemPackage

/// The names below a folder that may be anybody's: plain files by path, folders, and all that has no place in a tree.
///
/// No link is followed, nothing is opened but folders, and both depth (``TreePath/maximumDepth``) and count have a bound.
package struct TreeScan: Sendable {
  /// The plain files.
  package private(set) var files: [TreePath: FileStatus] = [:]
  /// The folders, each before what lies in it.
  package private(set) var folders: [TreePath] = []
  /// Links, devices and pipes, and files or folders whose names cannot be paths or lie too deep: they are not entered.
  package private(set) var others: [Place] = []

  /// The most names that are read. The vendor's whole tree has some 100,000.
  package static let mostNames = 2_000_000

  private var room: Int

  /// Reads the names below a folder.
  ///
  /// - Parameter limit: how many names there may be.
  /// - Throws: ``FileError``, `EOVERFLOW` for more names than that.
  package init(_ folder: Place, atMost limit: Int = mostNames) throws(FileError) {
    room = limit
    var waiting: [(place: Place, path: TreePath?)] = [(folder, nil)]
    while let next = waiting.popLast() {
      let names = try next.place.entries(atMost: room + 1)
      guard names.count <= room else { throw FileError("read the folder", folder.shown, Errno(rawValue: EOVERFLOW)) }
      room -= names.count
      for name in names {
        let place = next.place.appending(name)
        let kind = try place.status()
        guard name.name.utf8.elementsEqual(name.bytes),
          let path = try? TreePath(next.path.map { "\($0.string)/\(name.name)" } ?? name.name),
          let status = kind
        else {
          if kind != nil { others.append(place) }
          continue
        }
        switch status.kind {
        case .file: files[path] = status
        case .folder:
          folders.append(path)
          waiting.append((place, path))
        case .link, .special: others.append(place)
        }
      }
    }
  }
}
