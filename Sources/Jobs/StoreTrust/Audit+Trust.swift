import JobCore
import Journal

extension Audit {
  /// Notes a change to the keys.
  func noteKeys(_ text: String) throws { _ = try append(.keys, .ok, text) }

  /// Notes whose bundles are trusted.
  package func noteTrust(_ text: String, version: Int) throws {
    _ = try append(.trust, .ok, text, ["root-version": .integer(Int64(version))])
  }
}
