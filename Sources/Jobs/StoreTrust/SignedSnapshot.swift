import BundleFormat
import Catalogue
import JobCore
import MirrorTypes
import StrictJSON
import Trust

/// What of a snapshot is signed beside its files: fields of the metadata that other clients skip.
package struct SignedSnapshot: Sendable, Hashable {
  /// The name of the field.
  static let field = "x-kscmirror"
  /// The version of the format that this program writes, and the newest that it reads.
  static let formatVersion: Int64 = 1

  /// The snapshot's number.
  package var number: Int
  /// When it was sealed.
  package var created: UTCTime
  /// Its digest.
  package var treeDigest: ObjectDigest
  /// How many files it has.
  package var fileCount: Int
  /// Their bytes.
  package var totalBytes: Int64
  /// What it notes of its sources, JSON as a text.
  package var notes: String
  /// The program that signed it.
  package var generator: String

  /// What is signed of a store's snapshot.
  package init(_ snapshot: Snapshot) {
    number = snapshot.number
    created = snapshot.created
    treeDigest = snapshot.treeDigest
    fileCount = snapshot.fileCount
    totalBytes = snapshot.totalBytes
    notes = snapshot.notes
    generator = Program.generator
  }

  /// The most bytes of the name of the program that has made it.
  private static let longestGenerator = 200

  /// Reads the field of targets metadata.
  package init(_ metadata: TargetsMetadata, at place: String) throws {
    guard let object = metadata.extensions[Self.field]?.object, let format = object["format"]?.integer else {
      throw JobError(.notABundle, "\(place): this is a TUF repository, but none that kscmirror has made")
    }
    guard format <= Self.formatVersion else {
      throw JobError(
        .notABundle,
        "\(place): it has format version \(format), which needs a newer kscmirror",
        remedy: "Update kscmirror on this side."
      )
    }
    guard let number = object["snapshot"]?.integer, (1...Int64(BundleNames.maximumSnapshot)).contains(number),
      let created = object["created"]?.string.flatMap(UTCTime.init(_:)),
      let tree = object["tree"]?.string.flatMap({ ObjectDigest(hex: $0) }),
      let files = object["files"]?.integer, files >= 0, files <= 1 << 32,
      let bytes = object["bytes"]?.integer, bytes >= 0, bytes < ByteCount.beyond.value,
      let notes = object["notes"]?.string, let generator = object["generator"]?.string,
      ShownText.isClean(generator, atMost: Self.longestGenerator)
    else { throw JobError(.damagedBundle, "\(place): a field of '\(Self.field)' is missing or of the wrong kind") }
    self.number = Int(number)
    self.created = created
    treeDigest = tree
    fileCount = Int(files)
    totalBytes = bytes
    self.notes = notes
    self.generator = generator
  }

  /// The field.
  var object: JSONObject {
    [
      "format": .integer(Self.formatVersion), "snapshot": .integer(Int64(number)),
      "created": .string(created.text), "tree": .string(treeDigest.hex),
      "files": .integer(Int64(fileCount)), "bytes": .integer(totalBytes), "notes": .string(notes),
      "generator": .string(generator),
    ]
  }
}

extension TargetFile {
  /// A snapshot's file, as targets metadata lists it.
  package init(_ file: SnapshotFile) {
    var custom: JSONObject = ["source": .string(file.source)]
    if !file.component.isEmpty { custom["component"] = .string(file.component) }
    if let index = file.namedBy { custom["named-by"] = .string(index) }
    // The server's own date goes along: on the other side it would be the day on which the stick came.
    if let time = file.modified { custom["modified"] = .integer(time.seconds) }
    self.init(path: file.path.string, length: file.size, sha256: file.object, custom: custom)
  }
}

extension SnapshotFile {
  /// A file that targets metadata lists, as a snapshot has it.
  ///
  /// - Throws: an error for a path that leads out of the tree or that some file system would not take, and for a file
  ///   without a SHA-256.
  package init(_ target: TargetFile, origin: String, fetched: UTCTime) throws {
    let path: TreePath
    do throws(TreePathError) { path = try TreePath(target.path) } catch {
      throw JobError(.damagedBundle, "\(origin): the signed list has a path that is refused: \(error)")
    }
    guard let object = target.sha256 else {
      throw JobError(.damagedBundle, "\(origin): the signed list has no SHA-256 of \(path)")
    }
    self.init(
      path: path,
      object: object,
      size: target.length,
      source: target.custom?["source"]?.string ?? "",
      component: target.custom?["component"]?.string ?? "",
      namedBy: target.custom?["named-by"]?.string,
      origin: origin,
      fetched: fetched,
      modified: target.custom?["modified"]?.integer.flatMap(Self.modified)
    )
  }

  /// A server's date that is one; anything else is no date, and no reason to refuse a file.
  private static func modified(_ seconds: Int64) -> UTCTime? {
    let time = UTCTime(seconds: seconds)
    return time >= .epoch && time <= .last ? time : nil
  }
}
