import MirrorTypes
import SystemPackage

/// What a web store has to offer. The server knows no more of a store than this.
///
/// All methods may be called from any thread. ``find(_:)`` must not wait for a disk; the others may.
package protocol WebContent: Sendable {
  /// Looks up a path below the root, without a slash at its beginning.
  func find(_ path: String) -> WebLookup

  /// Looks whether there is something newer to serve, and serves that from then on. Called about twice a second.
  func refresh() throws

  /// What the status page tells.
  func status() throws -> WebStatus
}

/// What comes of looking up a path.
package enum WebLookup: Sendable {
  /// A file.
  case file(WebFile)
  /// There is no such file.
  case nothing
  /// A disk has to be asked: to be called on a thread that may wait. `nil` if there is no such file.
  case onDisk(@Sendable () throws -> WebFile?)
}

/// A file that is served.
package struct WebFile: Sendable {
  /// Where its bytes are.
  package enum Bytes: Sendable {
    /// In a file whose content never changes.
    case at(FilePath)
    /// Here.
    case inMemory([UInt8])
  }

  /// How long an answer may be used without asking again.
  package enum Freshness: Sendable {
    /// Another release may have other bytes under this path: ask each time.
    case mayChange
    /// This path will never have other bytes.
    case forever
  }

  /// Its path, which shows its type.
  package var path: String
  /// Its size in bytes.
  package var size: Int64
  /// Its SHA-256, the strong entity tag.
  package var digest: Digest256
  /// When this path got this content here.
  package var changed: UTCTime
  /// Where its bytes are.
  package var bytes: Bytes
  /// How long an answer may be used.
  package var freshness: Freshness

  /// A file.
  package init(
    path: String,
    size: Int64,
    digest: Digest256,
    changed: UTCTime,
    bytes: Bytes,
    freshness: Freshness = .mayChange
  ) {
    self.path = path
    self.size = size
    self.digest = digest
    self.changed = changed
    self.bytes = bytes
    self.freshness = freshness
  }
}
