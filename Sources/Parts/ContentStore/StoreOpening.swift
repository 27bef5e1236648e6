import Catalogue
import FileSystem
import SystemPackage

/// Tells a store from what is none before anything is changed.
struct StoreOpening {
  enum Finding: Equatable {
    /// Nothing there, an empty folder, or a store whose making was cut short.
    case nothing
    case store
  }

  private let root: FilePath

  init(_ root: FilePath) { self.root = root }

  /// - Throws: ``StoreError/foreign(_:)``, ``StoreError/catalogue(_:_:)`` for a store that lost its catalogue.
  func recognise() throws(StoreError) -> Finding {
    let path = root
    do {
      let resolved = try Files.resolvingLinks(path)
      guard try Files.status(resolved)?.kind == .folder else { throw StoreError.foreign(path) }
      let layout = StoreLayout(resolved)
      if try Files.status(layout.catalogue) != nil { return try recogniseCatalogue(layout) }
      let names = try Files.entries(of: resolved).map(\.name)
      guard names.allSatisfy(StoreMap.knows) else { throw StoreError.foreign(path) }
      if try holdsContent(layout) {
        throw StoreError.catalogue(layout.catalogue, "it is missing, though the store holds objects or releases")
      }
      return .nothing
    } catch let error as FileError {
      if error.reason == .noSuchFileOrDirectory { return .nothing }
      throw StoreError(error)
    } catch let error as StoreError {
      throw error
    } catch {
      throw .catalogue(path, String(describing: error))
    }
  }

  /// Looks at the header of the database: "SQLite format 3", and our mark at byte 68.
  private func recogniseCatalogue(_ layout: StoreLayout) throws -> Finding {
    let file = try InputFile(layout.catalogue)
    var header = [UInt8](repeating: 0, count: 100)
    let count = try file.read(into: &header)
    let mark = header[68..<72].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    let isDatabase = count == 100 && header.starts(with: "SQLite format 3\0".utf8)
    if isDatabase, Int32(bitPattern: mark) == CatalogueSchema.applicationID { return .store }
    let isStore = try Files.status(layout.objects)?.kind == .folder && Files.status(layout.lock)?.kind == .file
    guard isStore, !isDatabase else { throw StoreError.foreign(root) }
    throw StoreError.catalogue(layout.catalogue, "it is damaged: not an SQLite database any more")
  }

  private func holdsContent(_ layout: StoreLayout) throws -> Bool {
    if try Files.status(layout.releases) != nil, try !Files.entries(of: layout.releases).isEmpty { return true }
    guard try Files.status(layout.objects) != nil else { return false }
    for folder in try Files.entries(of: layout.objects) where folder.kind == .folder {
      if try !Files.entries(of: layout.objects.appending(folder.name)).isEmpty { return true }
    }
    return false
  }

  /// Makes the folder of a new store. Before anything is put into it, its file system is tried: that it does not do is not to
  /// be learned after a download.
  ///
  /// - Throws: ``StoreError/unfit(_:_:)``; nothing was left there then.
  static func makeRoot(_ path: FilePath) throws(StoreError) {
    let lack = try withFiles { () throws(FileError) -> FileSystemLack? in
      let isNew = try Files.status(path) == nil
      try StorePermissions.makeRoot(path)
      let lack = try FileSystemLack.found(in: path)
      if lack != nil, isNew { try? Files.removeTree(path) }
      return lack
    }
    if let lack { throw .unfit(path, lack) }
  }

  /// Makes the folders that a store has; each must be a folder and no link to one.
  static func makeFolders(_ layout: StoreLayout) throws(StoreError) {
    try withFiles { () throws(FileError) in
      for folder in [layout.objects, layout.partial, layout.releases] { try makeFolder(folder) }
      // One reading of the folder instead of 256 looks: opening takes a few milliseconds.
      let entries = try Files.entries(of: layout.objects)
      let folders = Set(entries.filter { $0.kind == .folder }.map(\.name))
      for name in StoreLayout.fanOut where !folders.contains(name) {
        try makeFolder(layout.objects.appending(name))
      }
    }
  }

  private static func makeFolder(_ path: FilePath) throws(FileError) {
    guard let status = try Files.status(path) else { return try Files.makeFolder(path) }
    guard status.kind == .folder else { throw FileError("use as a folder", path, .notDirectory) }
  }
}
