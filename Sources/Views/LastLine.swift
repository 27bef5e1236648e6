import Console
import FileSystem
import MirrorTypes
import SystemPackage

/// The last line of a command that has read a stick: what came from where, how long it took, and that the stick is not needed
/// any more.
package enum LastLine {
  /// - Parameters:
  ///   - what: what was done, as `read kscmirror-000042 from`.
  ///   - place: the folder, mostly of a stick.
  ///   - seconds: how long it took.
  package static func text(_ what: String, _ place: FilePath, seconds: Double) -> String {
    let medium = MountTable.current().media().first { place.starts(with: $0) }
    let end = medium.map { " Unmount \($0); then the stick may be removed." } ?? ""
    return "\(what) \(place), in \(Words.duration(seconds)).\(end)"
  }
}
