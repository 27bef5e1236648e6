import Catalogue
import FileSystem
import Glibc
import MirrorTypes
import SystemPackage

/// Whether what is published can be read by whoever is to read it: all of the current release and of the metadata, and
/// each folder on the way there.
package struct PublishedAccess: Sendable {
  /// Something that somebody may not read, or pass.
  package struct Obstacle: Sendable, Hashable {
    /// The file or folder.
    package let path: FilePath
    /// Its permission bits.
    package let permissions: UInt32
    /// Whether it is a folder.
    package let isFolder: Bool
  }

  /// What stands in the way.
  package struct Finding: Sendable, Hashable {
    /// Folders on the way to what is published, outermost first: the store's own, and those around it.
    package var around: [Obstacle] = []
    /// What is published itself: the first that were found.
    package var published: [Obstacle] = []
    /// How many there are.
    package var publishedCount = 0
    /// How many files were looked at.
    package var files = 0

    /// Whether nothing stands in the way.
    package var isClear: Bool { around.isEmpty && publishedCount == 0 }
  }

  /// How many obstacles are kept by name.
  private static let kept = 20
  /// How deep a tree may be that is looked at; a release is as deep as its paths, which are bounded.
  private static let deepest = 128

  private let map: StoreMap
  private let reader: FileReader

  /// - Parameters:
  ///   - root: the store's folder.
  ///   - reader: who is to read.
  /// - Throws: ``FileError`` where there is no such folder.
  package init(_ root: FilePath, for reader: FileReader) throws(FileError) {
    map = StoreMap(try Files.resolvingLinks(root))
    self.reader = reader
  }

  /// Looks at all of it.
  ///
  /// - Parameter mends: whether this user opens what is closed of what is published itself: what others may read is the
  ///   store's to say. Whose it is not is left as it is. The store's lock is held.
  /// - Throws: ``FileError`` where this user cannot look.
  package func finding(mending mends: Bool = false) throws(FileError) -> Finding {
    var finding = Finding()
    for folder in around where try !reader.may(.passing, folder) {
      finding.around.append(try Self.obstacle(folder))
    }
    for place in try places() { try look(place.path, place.wish, 0, mends, &finding) }
    return finding
  }

  /// The folders that lead to what is published.
  private var around: [FilePath] {
    var folders = [map.root]
    while let folder = folders.last, !folder.removingLastComponent().isEmpty, folder.removingLastComponent() != folder {
      folders.append(folder.removingLastComponent())
    }
    return folders.reversed()
  }

  private func places() throws(FileError) -> [(path: FilePath, wish: FileReader.Wish)] {
    var places: [(FilePath, FileReader.Wish)] = []
    // What a web server gives out by digest lies in folders that it need not list.
    if try Files.status(map[.objects])?.kind == .folder { places.append((map[.objects], .passing)) }
    if try Files.status(map[.metadata])?.kind == .folder {
      places.append((map[.metadata], .passing))
      // A lock lies there, too, which is nobody else's to open.
      for entry in try Files.entries(of: map[.metadata]) where Self.isMetadata(entry.name) {
        places.append((map[.metadata].appending(entry.name), .reading))
      }
    }
    guard try Files.status(map[.releases])?.kind == .folder else { return places }
    places.append((map[.releases], .passing))
    if let number = try? Publication.release(map[.current]) {
      places.append((StoreLayout(map.root).release(number), .reading))
    }
    return places
  }

  private static func isMetadata(_ name: String) -> Bool {
    name.hasByteSuffix(".json") && !name.hasBytePrefix(".")
  }

  /// Looks at a file, or at a folder with all below it; of one that only has to be passed, at the folders in it.
  private func look(
    _ path: FilePath,
    _ wish: FileReader.Wish,
    _ depth: Int,
    _ mends: Bool,
    _ finding: inout Finding
  ) throws(FileError) {
    // What a prune removes meanwhile is no obstacle.
    guard let status = try Files.status(path), status.kind == .file || status.kind == .folder, depth < Self.deepest
    else {
      return
    }
    if status.kind == .file { finding.files += 1 }
    let wanted: FileReader.Wish = status.kind == .file ? .reading : wish.union(.passing)
    let isOpen = try reader.may(wanted, path)
    let isMended = mends && !isOpen ? try mend(path, status, wanted) : false
    if !isOpen && !isMended {
      finding.publishedCount += 1
      if finding.published.count < Self.kept { finding.published.append(try Self.obstacle(path)) }
    }
    guard status.kind == .folder, wish.contains(.reading) || depth == 0 && path == map[.objects] else { return }
    for entry in try Files.entries(of: path) where wish.contains(.reading) || entry.kind == .folder {
      try look(path.appending(entry.name), wish, depth + 1, mends, &finding)
    }
  }

  /// Opens a file or folder to everybody, if it is this user's.
  private func mend(_ path: FilePath, _ status: FileStatus, _ wanted: FileReader.Wish) throws(FileError) -> Bool {
    guard status.owner == geteuid() || geteuid() == 0 else { return false }
    let bits: UInt32 = status.kind == .folder ? (wanted.contains(.reading) ? 0o555 : 0o111) : 0o444
    guard chmod(path.string, status.permissions | bits) == 0 else { return false }
    return try reader.may(wanted, path)
  }

  private static func obstacle(_ path: FilePath) throws(FileError) -> Obstacle {
    let status = try Files.status(path)
    return Obstacle(path: path, permissions: status?.permissions ?? 0, isFolder: status?.kind == .folder)
  }
}
