import MirrorTypes

/// How the files of a repository are addressed (specification, section 6.2).
package enum TargetAddress {
  /// A file's address below that of all files: percent-encoded, and in a consistent snapshot with its digest before its
  /// name, `dir/DIGEST.name`.
  package static func path(of target: TargetFile, consistent: Bool) -> String {
    guard consistent, let digest = target.nameDigest else { return PercentEncoding.encoded(target.path) }
    guard let slash = target.path.utf8.lastIndex(of: UInt8(ascii: "/")) else {
      return PercentEncoding.encoded("\(digest).\(target.path)")
    }
    let name = target.path[target.path.utf8.index(after: slash)...]
    return PercentEncoding.encoded("\(target.path[..<slash])/\(digest).\(name)")
  }
}
