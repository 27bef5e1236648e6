import Catalogue
import FileSystem
import MirrorTypes
import SystemPackage

/// Which release `current` leads to, and since when.
package struct CurrentRelease: Hashable, Sendable {
  /// The release's number.
  package let number: Int
  /// When `current` was made to lead to it.
  package let moved: UTCTime
  /// What tells one move from another, however soon it comes.
  fileprivate let link: UInt64
}

extension ContentStore {
  /// Looks at `current`; `nil` if it leads to no release. Costs two calls to the system.
  package func currentRelease() throws(StoreError) -> CurrentRelease? {
    guard let number = try Publication.current(layout) else { return nil }
    let path = layout.current
    guard let status = try withFiles({ () throws(FileError) in try Files.status(path) }) else { return nil }
    return CurrentRelease(number: number, moved: status.modified, link: status.inode)
  }

  /// The number of the release that was current before; `nil` if none was, or it is gone.
  package func previousRelease() throws(StoreError) -> Int? {
    guard let number = try Publication.release(layout.previous) else { return nil }
    if number == (try Publication.current(layout)) { return nil }
    return try catalogue.releaseNumbers().contains(number) ? number : nil
  }

  /// Keeps since when each path of the current release has its content: what is the same as before stays as old as it
  /// was. Done after `current` has moved; what is killed in between is made good by ``forEachServedFile(in:moved:_:)``.
  func noteServed(_ number: Int) throws(StoreError) {
    guard let current = try currentRelease(), current.number == number else { return }
    try catalogue.noteServed(number, since: current.moved)
  }
}
