import FileSystem
import JobCore

/// Puts a whole tree in the place of the one that is read.
///
/// - One exchange of the two names, where the file system can: whoever looks sees the old tree or the new one.
/// - Else (exFAT, NTFS by FUSE, old kernels) two renames: between them nothing has the name, for less than a millisecond
///   as a rule; never a part of a tree. A run that is killed between them is finished by the next one.
struct ExportSwitch {
  /// In what way it was done.
  enum Way: String, Encodable {
    /// By one exchange of names.
    case exchange
    /// By one rename: nothing was there, or an empty folder.
    case rename
    /// By two renames.
    case renames
  }

  let place: ExportPlace

  /// The tree that was built.
  var built: Place { place.work.appending("tree") }
  /// The tree that was read, while the new one takes its place.
  private var old: Place { place.work.appending("old") }

  /// Switches over. What was read until now lies where the new tree was built.
  func run(_ state: ExportPlace.State) throws -> Way {
    switch state {
    case .nothing, .empty:
      try built.rename(to: place.tree)
      try sync()
      return .rename
    case .ours, .foreign:
      if try built.exchange(with: place.tree) {
        try sync()
        return .exchange
      }
      try place.tree.rename(to: old)
      try built.rename(to: place.tree)
      try sync()
      try old.rename(to: built)
      return .renames
    }
  }

  private func sync() throws {
    try place.tree.parent.syncFolder()
    try place.work.syncFolder()
  }

  /// Brings a switch to its end that was cut short between its renames.
  ///
  /// - Returns: whether there was one.
  func finishEarlier() throws -> Bool {
    guard try old.status() != nil else { return false }
    if try place.tree.status() == nil {
      guard case .mark = try ExportMark.read(in: built) else {
        try old.rename(to: place.tree)
        try sync()
        return true
      }
      try built.rename(to: place.tree)
    }
    if try built.status() == nil { try old.rename(to: built) } else { try old.removeTree() }
    try sync()
    return true
  }
}
