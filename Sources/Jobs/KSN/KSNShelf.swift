import FileSystem
import JobCore
import MirrorTypes
import SiteDocuments
import StrictJSON
import SystemPackage

/// What the connected side keeps of what a site has reported about KSN: a folder for each parcel in `ksn/SITE/`, with the
/// document and the bodies of statistics; and beside them what has become of these bodies.
package struct KSNShelf {
  private static let partialMark = ".part"
  private static let formerMark = ".former"

  let site: String
  let folder: FilePath

  /// The shelf of a site in the store in the folder `store`.
  package init(_ store: FilePath, site: String) {
    self.site = site
    folder = Self.root(store).appending(site)
  }

  static func root(_ store: FilePath) -> FilePath { StoreFolders(store).ksn }

  /// The sites of which there is something, sorted.
  static func sites(_ store: FilePath) throws -> [String] { try StoreFolders.sites(in: root(store)) }

  /// What has become of the bodies.
  var log: FilePath { folder.appending(".deliveries") }

  /// The numbers of the parcels whose content is here, in order.
  func numbers() throws -> [Int64] {
    guard try Files.status(folder)?.kind == .folder else { return [] }
    return try Files.entries(of: folder).compactMap { entry in
      Int64(entry.name).flatMap { Self.name(of: $0) == entry.name ? $0 : nil }
    }.sorted()
  }

  private static func name(of number: Int64) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 9 - digits.count)) + digits
  }

  private func place(_ number: Int64) -> FilePath { folder.appending(Self.name(of: number)) }

  private func marked(_ number: Int64, _ mark: String) -> FilePath {
    folder.appending(".\(Self.name(of: number))\(mark)")
  }

  // MARK: - Writing

  /// Keeps what came in a parcel: its folder appears at once, whole, and is readable for its owner alone.
  func keep(_ content: KSNParcelContent, number: Int64) throws {
    let (partial, former) = (marked(number, Self.partialMark), marked(number, Self.formerMark))
    try Files.makeFolder(folder.removingLastComponent(), permissions: 0o700)
    try Files.makeFolder(folder, permissions: 0o700)
    for leftover in [partial, former] { try Files.removeTree(leftover) }
    try Files.makeFolder(partial.appending(StatisticsPath.folder), permissions: 0o700)
    try Self.write(content.documentBytes, to: partial.appending(KSNDocument.fileName))
    for (name, bytes) in content.bodies {
      try Self.write(bytes, to: partial.pushing(FilePath(StatisticsPath.path(of: name))))
    }
    try Files.syncFileSystem(containing: partial)
    // A run that was killed, or a site that was forgotten, may have left one.
    if try Files.status(place(number)) != nil { try Files.rename(place(number), to: former) }
    try Files.rename(partial, to: place(number))
    try Files.syncFolder(folder)
    try Files.removeTree(former)
  }

  private static func write(_ bytes: [UInt8], to path: FilePath) throws(FileError) {
    var output = try OutputFile(path, permissions: 0o600)
    try output.write(bytes)
    try output.close()
  }

  /// Removes what came in a parcel; its folder vanishes at once.
  func remove(_ number: Int64) throws {
    let former = marked(number, Self.formerMark)
    try Files.removeTree(former)
    try Files.rename(place(number), to: former)
    try Files.removeTree(former)
  }

  /// Removes what came in parcels of the site. What has become of the bodies stays known, so that none is handed over
  /// twice, should the site's parcels come once more.
  package func removeContents() throws {
    for number in try numbers() { try remove(number) }
  }

  // MARK: - Reading

  /// The document that came in a parcel.
  func document(_ number: Int64) throws -> KSNDocument {
    let path = place(number).appending(KSNDocument.fileName)
    let bytes = try Files.read(path, atMost: JSONLimits.document.bytes)
    return try KSNDocument(parsing: bytes, name: path.string)
  }

  /// The bytes of a body that came in a parcel.
  ///
  /// - Throws: an error with ``ExitStatus/damagedStore`` when they are not those that came.
  func body(_ name: String, _ digest: Digest256, number: Int64) throws -> [UInt8] {
    let path = place(number).pushing(FilePath(StatisticsPath.path(of: name)))
    let bytes = try Files.read(path, atMost: StatisticsBody.maximumSize)
    guard Digest256.sha256(of: bytes) == digest else {
      throw JobError(.damagedStore, "\(path): this is not the body that the site has sent")
    }
    return bytes
  }
}
