import JobCore
import MirrorTypes
import ObjectBucket

/// The inside of an nginx `map` from paths to where a bucket holds them.
enum NginxMap {
  /// One line a file.
  ///
  /// - Throws: an error for paths that nginx, which ignores their case, would take for the same.
  static func bytes(of manifest: ReleaseManifest, _ layout: BucketLayout, _ base: String) throws -> [UInt8] {
    var seen: [FoldedPath: String] = [:]
    var text = Array("# Written by kscmirror publish: release \(manifest.number).\n".utf8)
    for entry in manifest.entries {
      let path = entry.path.string
      if let other = seen.updateValue(path, forKey: entry.path.folded) {
        throw JobError(.cannotCreate, "nginx's map ignores the case of paths, and there are '\(other)' and '\(path)'")
      }
      text += "\"/\(path)\" \"\(base)\(layout.key(of: entry.object))\";\n".utf8
    }
    return text
  }
}
