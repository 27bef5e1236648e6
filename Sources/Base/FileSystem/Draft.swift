import Glibc

/// A new file that gets its name when it is whole: until then, it has a random one beside it. One that is not kept is
/// removed.
package struct Draft: ~Copyable {
  /// The file being written.
  package var file: OutputFile
  private let place: Place
  private let temporary: Place
  private var isKept = false

  /// Makes the file beside `place`.
  package init(for place: Place, permissions: UInt32 = 0o644) throws(FileError) {
    self.place = place
    temporary = place.parent.appending(Self.randomName())
    file = try OutputFile(temporary, permissions: permissions)
  }

  deinit { if !isKept { try? temporary.remove() } }

  /// Syncs the file and gives it its name, in the place of what had it.
  package mutating func keep() throws(FileError) {
    try file.sync()
    try file.close()
    try temporary.rename(to: place)
    isKept = true
  }

  /// What names of unfinished files begin with.
  package static let prefix = ".kscmirror-"

  /// A name that nobody can guess and lay something under.
  package static func randomName() -> String {
    prefix + String(UInt64.random(in: .min ... .max), radix: 36) + ".tmp"
  }
}
