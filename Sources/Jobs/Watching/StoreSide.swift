import FileSystem
import JobCore
import StoreTrust

/// Which side a store is on, by what lies in it and what is configured.
package struct StoreSide: Sendable, Hashable {
  /// Whether it signs bundles. One that has lost a key is one that signs all the same.
  package let isSigning: Bool
  /// Whether it imports bundles.
  package let isTrusting: Bool
  /// Whether it has sources.
  package let hasSources: Bool

  /// Looks at a store.
  ///
  /// - Parameter hasSources: whether sources are configured.
  package init(_ folders: StoreFolders, hasSources: Bool) {
    isSigning = OnlineKeys.Role.allCases.contains { (try? Files.status(folders.key($0.rawValue))) != nil }
    isTrusting = (try? PendingRoot.read(folders.trust.appending("root.json"))) != nil
    self.hasSources = hasSources
  }

  /// Whether it fetches: it has sources or keys.
  package var isConnected: Bool { isSigning || hasSources }

  /// The side in a word.
  package var word: String {
    switch (isConnected, isTrusting) {
    case (true, true): "both"
    case (true, false): "connected"
    case (false, _): "isolated"
    }
  }
}
