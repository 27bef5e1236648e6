import JobCore
import Trust

/// Trusted metadata that is kept only when all that it lists has been verified too: an import is taken whole or not at
/// all. A new root is kept at once, since it may revoke keys.
package struct PendingCache: MetadataCache {
  private let kept: FileCache
  private let keepsRoot: Bool
  private let served: FileCache?
  private var changes: [String: [UInt8]?] = [:]

  /// Changes to what `kept` has.
  ///
  /// - Parameters:
  ///   - keepsRoot: whether a new root is kept at once; not so in a dry run.
  ///   - served: where clients of this store find roots; `nil`: nowhere.
  package init(_ kept: FileCache, keepsRoot: Bool, served: FileCache? = nil) {
    self.kept = kept
    self.keepsRoot = keepsRoot
    self.served = served
  }

  package func load(_ name: String) throws -> [UInt8]? {
    if let change = changes[name] { return change }
    return try kept.load(name)
  }

  package mutating func save(_ name: String, _ bytes: [UInt8]) throws {
    guard StoreFolders.keptMetadata.contains(name) else { return }
    if name == "root.json" && keepsRoot {
      // First where clients find it: the bundle that brought it may be refused, and the next one is asked for newer roots.
      if let served { try served.save("\(try Self.version(bytes)).root.json", bytes) }
      return try kept.save(name, bytes)
    }
    changes[name] = bytes
  }

  private static func version(_ root: [UInt8]) throws -> Int {
    try RootMetadata(SignedMetadata(parsing: root).signed).header.version
  }

  package mutating func remove(_ name: String) throws { changes.updateValue(nil, forKey: name) }

  /// Keeps all that was saved; the timestamp last, since it leads to the others.
  package func commit() throws {
    for (name, bytes) in changes.sorted(by: { $0.key < $1.key }) {
      if let bytes { try kept.save(name, bytes) } else { try kept.remove(name) }
    }
  }
}
