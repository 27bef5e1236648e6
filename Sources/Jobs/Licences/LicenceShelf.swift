import FileSystem
import JobCore
import LicenceReports
import MirrorTypes
import SiteDocuments
import SystemPackage

/// What the connected side keeps of a site's licences: each document that came, by the number of its parcel, and the
/// bodies of keys that came with it.
package struct LicenceShelf {
  /// The most bytes of a document.
  static let maximumSize = 256 << 20
  private static let documents = ".licences.jsonl"
  private static let bodies = ".bodies.jsonl"

  let site: String
  let folder: FilePath

  /// The shelf of a site in the store in the folder `store`.
  package init(_ store: FilePath, site: String) {
    self.site = site
    folder = Self.root(store).appending(site)
  }

  static func root(_ store: FilePath) -> FilePath { StoreFolders(store).licences }

  /// The sites of which there is something, sorted.
  package static func sites(_ store: FilePath) throws -> [String] { try StoreFolders.sites(in: root(store)) }

  /// The numbers of the parcels whose documents are here, in order.
  func numbers() throws -> [Int64] {
    guard try Files.status(folder) != nil else { return [] }
    return try Files.entries(of: folder).compactMap { entry in
      entry.name.hasSuffix(Self.documents) ? Int64(entry.name.dropLast(Self.documents.count)) : nil
    }.sorted()
  }

  private func file(_ number: Int64, _ suffix: String) -> FilePath {
    let digits = String(number)
    return folder.appending(String(repeating: "0", count: max(0, 9 - digits.count)) + digits + suffix)
  }

  /// Keeps a document, and what bodies came with it. All is readable for its owner alone.
  func keep(_ document: [UInt8], bodies: [UInt8]?, number: Int64) throws {
    try Files.makeFolder(folder.removingLastComponent(), permissions: 0o700)
    try Files.makeFolder(folder, permissions: 0o700)
    if let bodies { try Self.write(bodies, to: file(number, Self.bodies)) }
    try Self.write(document, to: file(number, Self.documents))
  }

  private static func write(_ bytes: [UInt8], to path: FilePath) throws(FileError) {
    let partial = FilePath(path.string + ".part")
    try Files.remove(partial)
    var output = try OutputFile(partial, permissions: 0o600)
    try output.write(bytes)
    try output.sync()
    try output.close()
    try Files.rename(partial, to: path)
    try Files.syncFolder(path.removingLastComponent())
  }

  /// Removes all but the newest documents, and the bodies that came with the others.
  func prune(keeping count: Int) throws {
    for number in try numbers().dropLast(count) {
      try Files.remove(file(number, Self.bodies))
      try Files.remove(file(number, Self.documents))
    }
  }

  /// Removes all that is kept of the site's licences.
  package func remove() throws { try Files.removeTree(folder) }

  /// The document that came in a parcel, without the devices in it.
  func document(_ number: Int64) throws -> LicenceDocument {
    let path = file(number, Self.documents)
    let bytes = try Files.read(path, atMost: Self.maximumSize)
    return try LicenceDocument(parsing: bytes, name: path.string, withDevices: false)
  }

  /// The newest document by the time that it was made at.
  ///
  /// - Throws: an error with ``ExitStatus/notThere`` when the site has not reported anything.
  package func newest() throws -> LicenceDocument {
    guard let newest = try history().newest else {
      throw JobError(
        .notThere,
        "nothing is known here of the licences of site '\(site)'",
        remedy: "Run 'kscmirror licence export' there, 'kscmirror collect' and 'kscmirror licence import' here."
      )
    }
    return newest
  }

  /// All documents that are here.
  ///
  /// - Parameter read: those that are read already, by the numbers of their parcels.
  func history(knowing read: [Int64: LicenceDocument] = [:]) throws -> LicenceHistory {
    LicenceHistory(try numbers().map { try read[$0] ?? document($0) })
  }
}
