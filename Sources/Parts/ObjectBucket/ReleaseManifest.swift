import Crypto
import MirrorTypes

/// All files of a release, as a bucket names them: lines of SHA-256, size, media type and path, with tabs between,
/// after a first line `kscmirror-release 1 N`.
package struct ReleaseManifest: Hashable, Sendable {
  /// One file.
  package struct Entry: Hashable, Sendable {
    /// Its path, as an updater asks for it, without a slash before.
    package let path: TreePath
    /// Its bytes.
    package let object: ObjectDigest
    /// How many.
    package let size: Int64
    /// Its media type.
    package let type: String

    /// A file.
    package init(path: TreePath, object: ObjectDigest, size: Int64, type: String) {
      self.path = path
      self.object = object
      self.size = size
      self.type = type
    }
  }

  /// The release's number.
  package let number: Int
  /// Its files, ordered by path.
  package let entries: [Entry]

  /// The most bytes that a manifest may have.
  package static let maximumBytes = 256 << 20
  private static let heading = "kscmirror-release 1 "

  /// The manifest of a release.
  package init(number: Int, entries: [Entry]) {
    self.number = number
    self.entries = entries
  }

  /// As text.
  package var bytes: [UInt8] {
    var text = Array("\(Self.heading)\(number)\n".utf8)
    for entry in entries {
      text += "\(entry.object.hex)\t\(entry.size)\t\(entry.type)\t\(entry.path.string)\n".utf8
    }
    return text
  }

  /// Reads one; `nil` for anything that this program would not have written.
  package init?(reading bytes: [UInt8]) {
    guard bytes.count <= Self.maximumBytes, bytes.last == UInt8(ascii: "\n"),
      let text = String(validating: bytes.dropLast(), as: UTF8.self)
    else { return nil }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
    guard let number = lines.popFirst()?.removing(prefix: Self.heading).flatMap({ Int($0) }), number > 0
    else { return nil }
    var entries: [Entry] = []
    entries.reserveCapacity(lines.count)
    for line in lines {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
      guard fields.count == 4, let object = ObjectDigest(hex: fields[0]),
        let size = Int64(fields[1]).flatMap(ByteCount.ofFile),
        let path = try? TreePath(String(fields[3]))
      else { return nil }
      entries.append(Entry(path: path, object: object, size: size, type: String(fields[2])))
    }
    self.init(number: number, entries: entries)
  }

  /// The objects that it names, with their sizes.
  package var objects: [ObjectDigest: Int64] {
    Dictionary(entries.map { ($0.object, $0.size) }) { first, _ in first }
  }
}

/// The SHA-256 of bytes.
package enum BucketDigest {
  /// Of bytes in memory.
  package static func of(_ bytes: [UInt8]) -> ObjectDigest {
    guard let digest = ObjectDigest(bytes: SHA256.hash(data: bytes)) else {
      preconditionFailure("SHA-256 has 32 bytes")
    }
    return digest
  }
}
