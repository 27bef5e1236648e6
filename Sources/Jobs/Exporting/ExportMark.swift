import FileSystem
import JobCore
import MirrorTypes
import StrictJSON

/// What a folder with an exported tree says of itself, in ``ExportedTree/mark``: that it is ours, and what it holds. It is
/// written last, so that a tree with it is whole.
struct ExportMark: Hashable {
  /// The release that was exported.
  let release: Int
  /// The SHA-256 of the tree's listing.
  let tree: ObjectDigest
  /// How many files it has.
  let files: Int
  /// Their bytes.
  let bytes: Int64

  private static let kind = "kscmirror export"
  private static let format: Int64 = 1
  private static let maximumSize = 4096

  /// What a folder says.
  enum Reading: Hashable {
    /// Nothing, or nothing that we have written.
    case none
    case mark(ExportMark)
    /// It was written by a newer program.
    case tooNew(Int64)
  }

  /// Reads what the tree in a folder says of itself. Whatever else has the name is no mark.
  static func read(in tree: Place) throws(FileError) -> Reading {
    let place = tree.appending(ExportedTree.mark)
    guard let status = try place.status(), status.kind == .file, status.size <= maximumSize else { return .none }
    return reading(try place.read(atMost: maximumSize))
  }

  static func reading(_ bytes: [UInt8]) -> Reading {
    guard let object = (try? JSONValue(parsing: bytes))?.object, object["kind"]?.string == kind,
      let format = object["format"]?.integer
    else { return .none }
    guard format <= self.format else { return .tooNew(format) }
    guard let release = object["release"]?.integer, let tree = object["tree"]?.string,
      let digest = ObjectDigest(hex: tree), let files = object["files"]?.integer, let bytes = object["bytes"]?.integer
    else { return .none }
    return .mark(
      ExportMark(
        release: Int(clamping: release),
        tree: digest,
        files: Int(clamping: files),
        bytes: ByteCount(clamping: bytes).value
      )
    )
  }

  /// The mark as a file.
  var text: [UInt8] {
    var object = JSONObject()
    object["kind"] = .string(Self.kind)
    object["format"] = .integer(Self.format)
    object["release"] = .integer(Int64(release))
    object["tree"] = .string(tree.hex)
    object["files"] = .integer(Int64(files))
    object["bytes"] = .integer(bytes)
    return JSONValue.object(object).serialized + [UInt8(ascii: "\n")]
  }

  /// Says so in a tree that is whole and on the disk.
  func write(in tree: Place) throws(FileError) {
    let place = tree.appending(ExportedTree.mark)
    try place.replace(with: text, permissions: ExportPermissions.file)
    try place.setPermissions(ExportPermissions.file)
  }
}

/// Who may read an exported tree: everybody, whatever the umask is.
enum ExportPermissions {
  static let file: UInt32 = 0o644
  static let folder: UInt32 = 0o755
}
