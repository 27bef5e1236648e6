import MirrorTypes

/// Notices when a server gives the same short body for several files that nothing proves. Trees do have such files; but it
/// may be a page that a server or a gateway gives for whatever it is asked for, which one more question shows: for a name
/// that no tree has.
struct SameBodies {
  private var first: [ObjectDigest: TreePath] = [:]
  private var suspected: Set<ObjectDigest> = []

  /// The longest body that counts as short.
  private static let longest: Int64 = 64 << 10
  /// How many such bodies are looked into in one walk.
  private static let most = 8

  /// Takes a file that has come.
  ///
  /// - Returns: the file that had the same body before, if that is to be looked into.
  mutating func take(_ path: TreePath, _ object: ObjectDigest, size: Int64) -> TreePath? {
    guard size > 0, size <= Self.longest else { return nil }
    guard let other = first[object] else {
      first[object] = path
      return nil
    }
    // A file that lies in two folders is one file.
    guard other.name != path.name, suspected.count < Self.most, suspected.insert(object).inserted else { return nil }
    return other
  }
}
