import Trust

/// Trusted metadata that is kept only when all that it lists has been verified too: an import is taken whole or not at
/// all. A new root is kept at once, since it may revoke keys.
struct PendingCache: MetadataCache {
  private let kept: FileCache
  private let keepsRoot: Bool
  private var changes: [String: [UInt8]?] = [:]

  /// Changes to what `kept` has.
  ///
  /// - Parameter keepsRoot: whether a new root is kept at once; not so in a dry run.
  init(_ kept: FileCache, keepsRoot: Bool) {
    self.kept = kept
    self.keepsRoot = keepsRoot
  }

  func load(_ name: String) throws -> [UInt8]? {
    if let change = changes[name] { return change }
    return try kept.load(name)
  }

  mutating func save(_ name: String, _ bytes: [UInt8]) throws {
    guard StoreFolders.keptMetadata.contains(name) else { return }
    if name == "root.json" && keepsRoot { return try kept.save(name, bytes) }
    changes[name] = bytes
  }

  mutating func remove(_ name: String) throws { changes.updateValue(nil, forKey: name) }

  /// Keeps all that was saved; the timestamp last, since it leads to the others.
  func commit() throws {
    for (name, bytes) in changes.sorted(by: { $0.key < $1.key }) {
      if let bytes { try kept.save(name, bytes) } else { try kept.remove(name) }
    }
  }
}
