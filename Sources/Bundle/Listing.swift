import Crypto
import FileSystem
import MirrorTypes
import SystemPackage

/// One file of a snapshot, as a bundle lists it.
public struct ListedFile: Sendable, Hashable {
  /// Its path as published.
  public var path: TreePath
  /// Its object.
  public var object: ObjectDigest
  /// Its bytes.
  public var size: Int64
  /// The source that it is of.
  public var source: String
  /// Its components, joined by commas.
  public var component: String
  /// The index that names it; empty if none.
  public var namedBy: String

  /// A file.
  public init(
    path: TreePath,
    object: ObjectDigest,
    size: Int64,
    source: String,
    component: String,
    namedBy: String
  ) {
    self.path = path
    self.object = object
    self.size = size
    self.source = source
    self.component = component
    self.namedBy = namedBy
  }

  /// What the tree digest is computed over.
  var treeLine: String { "\(object.hex) \(size) \(path.string)\n" }

  /// The line in the listing: kscmirror-bundle(5), section "The listing".
  var line: String { "\(object.hex) \(size) \(path.string)\t\(source)\t\(component)\t\(namedBy)\n" }

  /// Reads a line without its line break; `nil` for what is none.
  init?(line: ArraySlice<UInt8>) {
    let columns = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
    guard columns.count == 4, columns[0].count > 66 else { return nil }
    let head = columns[0]
    let digestEnd = head.startIndex + 64
    guard let object = ObjectDigest(hex: String(decoding: head[..<digestEnd], as: UTF8.self)),
      head[digestEnd] == UInt8(ascii: " "),
      let sizeEnd = head[(digestEnd + 1)...].firstIndex(of: UInt8(ascii: " ")),
      let size = Int64(String(decoding: head[(digestEnd + 1)..<sizeEnd], as: UTF8.self)), size >= 0, size <= 1 << 50,
      let path = try? TreePath(String(decoding: head[(sizeEnd + 1)...], as: UTF8.self))
    else { return nil }
    self.path = path
    self.object = object
    self.size = size
    source = String(decoding: columns[1], as: UTF8.self)
    component = String(decoding: columns[2], as: UTF8.self)
    namedBy = String(decoding: columns[3], as: UTF8.self)
  }
}

/// Writes a listing, and computes its digest and the tree's.
struct ListingWriter: ~Copyable {
  private var file: OutputFile
  private var buffer: [UInt8] = []
  private var listingHash = SHA256()
  private var treeHash = SHA256()
  private(set) var fileCount = 0
  private(set) var totalBytes: Int64 = 0

  init(_ path: FilePath) throws(FileError) { file = try OutputFile(path) }

  mutating func add(_ listed: ListedFile) throws(FileError) {
    buffer.append(contentsOf: listed.line.utf8)
    treeHash.update(data: Array(listed.treeLine.utf8))
    fileCount += 1
    totalBytes += listed.size
    if buffer.count > 1 << 18 { try flush() }
  }

  private mutating func flush() throws(FileError) {
    listingHash.update(data: buffer)
    try file.write(buffer)
    buffer.removeAll(keepingCapacity: true)
  }

  /// Writes the rest to the disk, and gives the listing's part of the manifest and the tree's digest.
  consuming func finish(name: String) throws(FileError) -> (part: BundleManifest.Part, treeDigest: ObjectDigest?) {
    try flush()
    try file.sync()
    let size = file.count
    try file.close()
    guard let digest = ObjectDigest(bytes: listingHash.finalize()) else {
      throw FileError("digest", FilePath(name), .invalidArgument)
    }
    return (BundleManifest.Part(name: name, size: size, sha256: digest), ObjectDigest(bytes: treeHash.finalize()))
  }
}

/// Reads a listing as a stream, and checks that it is the one that the manifest means.
struct ListingReader {
  let path: FilePath
  let manifest: BundleManifest

  /// The most bytes of a line.
  private static let maximumLine = 8192

  /// Calls `body` with each file.
  ///
  /// - Throws: ``BundleError`` when anything is not as the manifest says; what `body` was given before must not be
  ///   acted upon then.
  func forEach(_ body: (ListedFile) throws -> Void) throws(BundleError) {
    try bundling {
      let file = try InputFile(path)
      guard file.size == manifest.listing.size else {
        throw BundleError.listingDamaged(path, "it has \(file.size) bytes, not \(manifest.listing.size)")
      }
      var check = Check()
      var buffer = [UInt8](repeating: 0, count: 1 << 18)
      var rest: [UInt8] = []
      var number = 0
      while true {
        let count = try file.read(into: &buffer)
        if count == 0 { break }
        check.hash.update(data: buffer[..<count])
        rest.append(contentsOf: buffer[..<count])
        var start = rest.startIndex
        while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
          number += 1
          guard end - start <= Self.maximumLine, let listed = ListedFile(line: rest[start..<end]) else {
            throw BundleError.listingDamaged(path, "line \(number) is malformed")
          }
          guard check.take(listed) else {
            throw BundleError.listingDamaged(path, "line \(number) is out of order, or listed twice")
          }
          try body(listed)
          start = end + 1
        }
        rest.removeSubrange(..<start)
        guard rest.count <= Self.maximumLine else { throw BundleError.listingDamaged(path, "a line is too long") }
      }
      guard rest.isEmpty else { throw BundleError.listingDamaged(path, "its last line is cut short") }
      try check.finish(manifest, path)
    }
  }

  /// What has to add up at the end.
  private struct Check {
    var hash = SHA256()
    private var tree = SHA256()
    private var last: TreePath?
    private var fileCount = 0
    private var totalBytes: Int64 = 0

    mutating func take(_ listed: ListedFile) -> Bool {
      if let last, last >= listed.path { return false }
      last = listed.path
      tree.update(data: Array(listed.treeLine.utf8))
      fileCount += 1
      totalBytes &+= listed.size
      return true
    }

    func finish(_ manifest: BundleManifest, _ path: FilePath) throws(BundleError) {
      guard ObjectDigest(bytes: hash.finalize()) == manifest.listing.sha256 else {
        throw .listingDamaged(path, "its SHA-256 is not what the manifest says")
      }
      guard ObjectDigest(bytes: tree.finalize()) == manifest.treeDigest, fileCount == manifest.fileCount,
        totalBytes == manifest.totalBytes
      else { throw .listingDamaged(path, "its digest, count or sum is not what the manifest says") }
    }
  }
}
