import ContentStore
import FileSystem
import JobCore
import MirrorTypes
import SystemPackage
import UpdateIndex

/// An update tree whose files lie on a disk, for the verification of the vendor's signatures.
package protocol VendorTree: Sendable {
  /// The primary indexes that are there.
  func primaries() throws -> [TreePath]
  /// Where a file lies; `nil` when the tree does not have it.
  func place(of path: TreePath) throws -> FilePath?
  /// How many files the tree has.
  func count() throws -> Int
  /// Goes through the paths of all files, in no order.
  func forEachPath(_ body: (TreePath) throws -> Void) throws
  /// A Streebog-256 of a file's content that was computed earlier.
  func contentHash(of path: TreePath) throws -> Digest256?
  /// Keeps what was computed.
  func remember(_ hashes: [TreePath: Digest256]) throws
}

/// The update tree of a snapshot, whose objects lie in a store.
package struct StoreTree: VendorTree {
  private let store: ContentStore
  private let files: [TreePath: ObjectDigest]

  private static let prefix = StoreFolders.updates + "/"

  /// - Parameter files: the objects by path, as published; what is not below `updates/` is not part of the tree.
  package init(store: ContentStore, files: [TreePath: ObjectDigest]) {
    self.store = store
    self.files = files
  }

  /// What could be an index of a snapshot.
  package init(indexesOf snapshot: Int, _ store: ContentStore) throws {
    var files: [TreePath: ObjectDigest] = [:]
    try store.forEachFile(in: snapshot) { file in
      if file.path.hasSuffix(".xml") { files[file.path] = file.object }
    }
    self.init(store: store, files: files)
  }

  private func object(of path: TreePath) throws -> ObjectDigest? { files[try TreePath(Self.prefix + path.string)] }

  package func primaries() throws -> [TreePath] {
    files.keys.compactMap { $0.relative(to: StoreFolders.updates) }.filter(PrimaryIndexes.contains).sorted()
  }

  package func place(of path: TreePath) throws -> FilePath? { try object(of: path).map(store.path(of:)) }

  package func count() -> Int { files.keys.count { $0.lies(below: StoreFolders.updates) } }

  package func forEachPath(_ body: (TreePath) throws -> Void) throws {
    for path in files.keys.compactMap({ $0.relative(to: StoreFolders.updates) }) { try body(path) }
  }

  package func contentHash(of path: TreePath) throws -> Digest256? {
    try object(of: path).flatMap(store.vendorHash(of:))
  }

  package func remember(_ hashes: [TreePath: Digest256]) throws {
    guard store.access.isWriting else { return }
    var byObject: [ObjectDigest: Digest256] = [:]
    for (path, hash) in hashes {
      if let object = try object(of: path) { byObject[object] = hash }
    }
    try store.remember(vendorHashes: byObject)
  }
}

/// An update tree in a folder, as any mirror has it.
struct FolderTree: VendorTree {
  private let root: FilePath

  /// - Throws: an error when there is no update tree.
  init(_ root: FilePath) throws {
    self.root = try Files.resolvingLinks(root)
    guard try Files.status(self.root.appending(PrimaryIndexes.folder))?.kind == .folder
    else {
      throw JobError(
        .notThere,
        "\(root): there is no update tree here: it has no folder '\(PrimaryIndexes.folder)'",
        remedy: "Name the folder that holds 'index', 'bases' and 'updates'."
      )
    }
  }

  func primaries() throws -> [TreePath] {
    var found: [TreePath] = []
    for entry in try Files.entries(of: root.appending(PrimaryIndexes.folder)) where entry.name.hasByteSuffix(".xml") {
      found.append(try TreePath("\(PrimaryIndexes.folder)/\(entry.name)"))
    }
    let updater = try TreePath(PrimaryIndexes.updater)
    if try place(of: updater) != nil { found.append(updater) }
    return found
  }

  func place(of path: TreePath) throws -> FilePath? {
    for candidate in [path, path.withLowercasedName] {
      let place = root.pushing(FilePath(candidate.string))
      if try Files.status(place)?.kind == .file { return place }
    }
    return nil
  }

  func count() throws -> Int {
    var count = 0
    try forEachFile { _ in count += 1 }
    return count
  }

  func forEachPath(_ body: (TreePath) throws -> Void) throws {
    try forEachFile { name in
      // What cannot be a path is not a file of a tree.
      if let path = try? TreePath(name) { try body(path) }
    }
  }

  /// Goes through all files, with their names from the root; folders wait in a list, however deep they lie.
  private func forEachFile(_ body: (String) throws -> Void) throws {
    var folders = [""]
    while let folder = folders.popLast() {
      for entry in try Files.entries(of: root.appending(folder)) {
        let name = folder.isEmpty ? entry.name : "\(folder)/\(entry.name)"
        switch entry.kind {
        case .folder: folders.append(name)
        // What kscmirror says of a folder that it has exported to is no part of the vendor's tree.
        case .file where name != ExportedTree.mark: try body(name)
        default: break
        }
      }
    }
  }

  func contentHash(of path: TreePath) -> Digest256? { nil }

  func remember(_ hashes: [TreePath: Digest256]) {}
}
