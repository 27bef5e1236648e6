import MirrorTypes

/// A place in a journal that vouches for everything up to it: what a sheet of evidence quotes.
///
/// The digest covers the entry and, by its `previous`, all entries before it. Whoever has noted a position elsewhere
/// can tell later that nothing up to it was changed or cut off: ``Journal/verify(containing:)``.
package struct JournalPosition: Sendable, Hashable, Codable {
  /// The number of the entry, from 1.
  package let number: Int
  /// The SHA-256 of the entry's line without its line feed.
  package let digest: ObjectDigest

  /// A position.
  package init(number: Int, digest: ObjectDigest) {
    self.number = number
    self.digest = digest
  }
}

extension JournalPosition: LosslessStringConvertible {
  /// The number, a colon and 64 hexadecimal digits.
  package var description: String { "\(number):\(digest.hex)" }

  /// Reads what ``description`` writes; `nil` for anything else.
  package init?(_ description: String) {
    let parts = description.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let number = Int(parts[0]), number > 0, let digest = ObjectDigest(hex: parts[1]) else {
      return nil
    }
    self.init(number: number, digest: digest)
  }
}

/// What a check of a whole journal found in order.
package struct JournalCheck: Sendable, Hashable {
  /// Where the last whole entry is; `nil` if there is none.
  package let position: JournalPosition?
  /// How many bytes an append that was killed has left behind the last entry; 0 as a rule. They are no entry, and the
  /// next append removes them and says so in the journal.
  package let tornBytes: Int
}
