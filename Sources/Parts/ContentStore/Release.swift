import Catalogue
import FileSystem
import Glibc
import MirrorTypes
import SystemPackage

/// A snapshot published as a plain folder tree.
package struct Release: Hashable, Sendable {
  /// The number of its snapshot, and the name of its folder.
  package let number: Int
  /// When it was made.
  package let published: UTCTime
  /// How many of its files are copies, because the file system refused a link; 0 as a rule.
  package let copiedFiles: Int
  /// Whether `current` leads to it.
  package let isCurrent: Bool
  /// Its folder.
  package let path: FilePath
}

extension ContentStore {
  /// All releases, by number.
  package func releases() throws(StoreError) -> [Release] {
    let current = try Publication.current(layout)
    return try catalogue.listedReleases().map { listed in
      Release(
        number: listed.number,
        published: listed.published,
        copiedFiles: listed.copiedFiles,
        isCurrent: listed.number == current,
        path: layout.release(listed.number)
      )
    }
  }

  /// The release that `current` leads to; `nil` if there is none.
  package func current() throws(StoreError) -> Release? { try releases().first { $0.isCurrent } }

  /// Makes a snapshot the current release.
  ///
  /// Its tree is built beside the others by hard links, written to the disk, and gets its name by one rename; then
  /// `current` moves by another. A reader sees the old release or the new one. Publishing what is current does nothing.
  ///
  /// - Throws: ``StoreError/noSuchSnapshot(_:)``, ``StoreError/missingObject(_:path:)``, ``StoreError/outOfSpace(_:)``;
  ///   `current` is then as it was.
  package func publish(_ number: Int) throws(StoreError) -> Release {
    try requireWriting()
    let snapshot = try snapshot(number)
    if let release = try current(), release.number == number { return release }
    let isListed = try catalogue.releaseNumbers().contains(number)
    let isThere = try hasFolder(number)
    if !isListed || !isThere { try build(snapshot) }
    return try makeCurrent(number)
  }

  /// The release that a rollback leads to.
  ///
  /// - Parameter number: the release; `nil`: the one before the current one, by number.
  /// - Throws: ``StoreError/noSuchRelease(_:)``.
  package func earlierRelease(_ number: Int? = nil) throws(StoreError) -> Release {
    let releases = try releases()
    if let number {
      guard let release = releases.first(where: { $0.number == number }) else { throw .noSuchRelease(number) }
      return release
    }
    guard let position = releases.firstIndex(where: \.isCurrent), position > 0 else { throw .noSuchRelease(nil) }
    return releases[position - 1]
  }

  /// Makes an earlier release current again, by one rename.
  ///
  /// - Parameter number: the release; `nil`: the one before the current one, by number.
  /// - Throws: ``StoreError/noSuchRelease(_:)``.
  package func rollback(to number: Int? = nil) throws(StoreError) -> Release {
    try requireWriting()
    let release = try earlierRelease(number)
    return release.isCurrent ? release : try makeCurrent(release.number)
  }

  private func build(_ snapshot: Snapshot) throws(StoreError) {
    let number = snapshot.number
    let partial = layout.partialRelease(number)
    do {
      // Neither is in the catalogue: whatever is there is a leftover.
      try Files.removeTree(partial)
      try Files.removeTree(layout.release(number))
      var publication = Publication(layout: layout, folder: partial)
      try Files.makeFolder(partial)
      try forEachListed(in: number) { object, _, path in try publication.add(object, as: try TreePath(path)) }
      try Files.syncFileSystem(containing: partial)
      try Files.rename(partial, to: layout.release(number))
      try Files.syncFolder(layout.releases)
      try catalogue.list(ListedRelease(number: number, published: Self.now, copiedFiles: publication.copiedFiles))
    } catch {
      try? Files.removeTree(partial)
      throw StoreError(catalogue: error, path: layout.catalogue)
    }
  }

  private func hasFolder(_ number: Int) throws(StoreError) -> Bool {
    try withFiles { () throws(FileError) in try Files.status(layout.release(number))?.kind == .folder }
  }

  private func makeCurrent(_ number: Int) throws(StoreError) -> Release {
    guard try hasFolder(number) else { throw .noSuchRelease(number) }
    let old = try Publication.current(layout)
    try withFiles { () throws(FileError) in try Publication.makeCurrent(number, after: old, layout) }
    try noteServed(number)
    guard let release = try current() else { throw .noSuchRelease(number) }
    return release
  }
}

/// A release in the making.
struct Publication {
  private let layout: StoreLayout
  private let folder: String
  /// Folders that were made, without the release's own.
  private var folders: Set<TreePath> = []
  private(set) var copiedFiles = 0
  /// Whether the file system takes hard links; `false` after it refused one for good.
  private var canLink = true

  init(layout: StoreLayout, folder: FilePath) {
    self.layout = layout
    self.folder = folder.string + "/"
  }

  /// Adds a file. The paths are those of a snapshot, proven to stay below the folder.
  mutating func add(_ object: ObjectDigest, as path: TreePath) throws {
    try makeFolders(of: path)
    let source = layout.path(of: object)
    let place = FilePath(folder + path.string)
    do throws(FileError) {
      if canLink {
        do { return try Files.link(source, to: place) } catch { try allowCopy(error) }
      }
      try FileCopy.copy(source, to: place)
      copiedFiles += 1
    } catch {
      guard error.reason == .noSuchFileOrDirectory, try Files.status(source) == nil else { throw error }
      throw StoreError.missingObject(object, path: path)
    }
  }

  /// An inode takes no more names: copy this one. The file system takes no links at all: copy all that follow.
  private mutating func allowCopy(_ error: FileError) throws(FileError) {
    switch error.reason.rawValue {
    case EMLINK: break
    case EPERM, ENOTSUP, EOPNOTSUPP, ENOSYS, EXDEV: canLink = false
    default: throw error
    }
  }

  private mutating func makeFolders(of path: TreePath) throws(FileError) {
    guard let parent = path.folder, !folders.contains(parent) else { return }
    for place in path.folders where folders.insert(place).inserted {
      try Files.makeFolder(FilePath(folder + place.string))
    }
  }

  /// Where `current` leads; `nil` if it is missing or leads to no release.
  static func current(_ layout: StoreLayout) throws(StoreError) -> Int? { try release(layout.current) }

  /// The release that a link leads to; `nil` if it is missing or leads to none.
  static func release(_ link: FilePath) throws(StoreError) -> Int? {
    let target = try withFiles { () throws(FileError) in try Files.linkTarget(link) }
    guard let number = target?.removing(prefix: "releases/") else { return nil }
    return StoreLayout.releaseNumber(number)
  }

  /// Makes `current` lead to a release, in one step, after `previous` was made to lead where it led.
  ///
  /// A kill between the two leaves both leading to one release, which is as good as no `previous`.
  static func makeCurrent(_ number: Int, after old: Int?, _ layout: StoreLayout) throws(FileError) {
    if let old, old != number { try makeLink(layout.previous, to: old, layout) }
    try makeLink(layout.current, to: number, layout)
    try Files.syncFolder(layout.root)
  }

  private static func makeLink(_ link: FilePath, to number: Int, _ layout: StoreLayout) throws(FileError) {
    let temporary = StoreMap(layout.root)[.nextLink]
    try Files.remove(temporary)
    try Files.makeLink(temporary, to: "releases/\(number)")
    try Files.rename(temporary, to: link)
  }
}

/// Copies where a link is refused.
enum FileCopy {
  /// Makes a read-only copy of a plain file.
  static func copy(_ source: FilePath, to place: FilePath) throws(FileError) {
    let input = try InputFile(source)
    var output = try OutputFile(place, permissions: 0o444)
    var buffer = [UInt8](repeating: 0, count: 262_144)
    while true {
      let count = try input.read(into: &buffer)
      if count == 0 { break }
      try buffer.withUnsafeBufferPointer { (bytes) throws(FileError) in
        try output.write(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[..<count])))
      }
    }
    try output.close()
  }
}
