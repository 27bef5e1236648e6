import MirrorTypes

/// Under which keys a bucket holds what.
///
///     PREFIX/objects/ab/cdef…            the bytes of a file, by their SHA-256; never changed
///     PREFIX/releases/N-DIGEST           the manifest of release N, by its own SHA-256; never changed
///     PREFIX/current                     which release is the current one; the only key that changes
package struct BucketLayout: Hashable, Sendable {
  /// What all keys begin with; empty, or it ends with a slash.
  package let prefix: String

  /// The layout below a prefix, with or without a slash at its end; `nil` for one with other characters than letters,
  /// digits, `-`, `_`, `.` and `/`, or with an empty part, `.` or `..`.
  package init?(prefix: String) {
    let bare = prefix.removing(suffix: "/") ?? prefix
    guard bare.utf8.count <= 512 else { return nil }
    if bare.isEmpty {
      guard prefix.isEmpty else { return nil }
      self.prefix = ""
      return
    }
    let parts = bare.byteParts(keepingEmpty: true)
    guard parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." && $0.utf8.allSatisfy(Self.isPlain) }) else {
      return nil
    }
    self.prefix = bare + "/"
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
      true
    default: false
    }
  }

  /// Where all objects are.
  package var objects: String { prefix + "objects/" }
  /// Where all manifests are.
  package var releases: String { prefix + "releases/" }
  /// The key of the pointer.
  package var pointer: String { prefix + "current" }

  /// The key of an object.
  package func key(of object: ObjectDigest) -> String {
    let hex = object.hex
    return "\(objects)\(hex.prefix(2))/\(hex.dropFirst(2))"
  }

  /// The key of a release's manifest.
  package func key(ofRelease number: Int, manifest: ObjectDigest) -> String { "\(releases)\(number)-\(manifest.hex)" }

  /// The object that a key is of; `nil` for any other key.
  package func object(at key: String) -> ObjectDigest? {
    guard let parts = key.removing(prefix: objects)?.byteParts(keepingEmpty: true) else { return nil }
    guard parts.count == 2, parts[0].utf8.count == 2, let digest = ObjectDigest(hex: parts[0] + parts[1]),
      self.key(of: digest) == key
    else { return nil }
    return digest
  }

  /// The release that a key is the manifest of; `nil` for any other key.
  package func release(at key: String) -> (number: Int, manifest: ObjectDigest)? {
    guard let parts = key.removing(prefix: releases)?.split(separator: "-", omittingEmptySubsequences: false) else {
      return nil
    }
    guard parts.count == 2, let number = Int(parts[0]), number > 0, let digest = ObjectDigest(hex: parts[1]),
      self.key(ofRelease: number, manifest: digest) == key
    else { return nil }
    return (number, digest)
  }
}
