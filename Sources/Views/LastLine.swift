import Console
import FileSystem
import MirrorTypes
import SystemPackage

/// The last line of a command that has used a stick: what lies where, how large it is, how long it took, and that the stick
/// is not needed any more.
package enum LastLine {
  /// - Parameters:
  ///   - what: what was done, as `wrote kscmirror-000042 to`.
  ///   - bytes: how large that is; `nil` where nobody asks.
  ///   - place: the folder, mostly of a stick.
  ///   - seconds: how long it took.
  ///   - media: where media are mounted.
  package static func text(
    _ what: String,
    bytes: Int64?,
    _ place: FilePath,
    seconds: Double,
    media: [FilePath] = MountTable.current().media()
  ) -> String {
    let size = bytes.map { ", \(Words.bytes($0))" } ?? ""
    let medium = media.first { place.starts(with: $0) }
    let end = medium.map { " Unmount \($0); then the stick may be removed." } ?? ""
    return "\(what) \(place)\(size), in \(Words.duration(seconds)).\(end)"
  }
}
