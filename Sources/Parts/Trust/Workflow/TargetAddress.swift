import MirrorTypes

/// How the files of a repository are addressed (specification, section 6.2).
package enum TargetAddress {
  /// A file's address below that of all files: percent-encoded, and in a consistent snapshot with its digest before its
  /// name, `dir/DIGEST.name`.
  package static func path(of target: TargetFile, consistent: Bool) -> String {
    guard consistent, let digest = target.nameDigest else { return encoded(target.path) }
    guard let slash = target.path.utf8.lastIndex(of: UInt8(ascii: "/")) else {
      return encoded("\(digest).\(target.path)")
    }
    let name = target.path[target.path.utf8.index(after: slash)...]
    return encoded("\(target.path[..<slash])/\(digest).\(name)")
  }

  /// Percent-encodes what is not a letter, a digit or one of `-._~`.
  ///
  /// - Parameter slash: whether slashes are encoded too, for a text that is one part of an address or a file's name.
  package static func encoded(_ text: String, slash: Bool = false) -> String {
    var result: [UInt8] = []
    result.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        result.append(byte)
      case UInt8(ascii: "/") where !slash: result.append(byte)
      default: result += "%\(Hexadecimal.digits([byte]).uppercased())".utf8
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
