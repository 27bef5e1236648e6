/// What an entry is about, as one word in the file.
///
/// No enumeration: a program must be able to continue the journal of a newer one that knows more events.
package struct JournalEvent: RawRepresentable, Sendable, Hashable {
  /// The word.
  package let rawValue: String

  /// Takes a word of 1 to 32 characters of `a` to `z` and `-`; `nil` for any other.
  package init?(rawValue: String) {
    let allowed = rawValue.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == 0x2D }
    guard allowed, (1...32).contains(rawValue.utf8.count) else { return nil }
    self.rawValue = rawValue
  }

  private init(_ word: StaticString) { rawValue = "\(word)" }

  /// A bundle was taken into the store.
  package static let `import` = JournalEvent("import")
  /// A bundle or a file was turned away.
  package static let refusal = JournalEvent("refusal")
  /// An older snapshot was made the current one again.
  package static let rollback = JournalEvent("rollback")
  /// Keys were made, added or removed.
  package static let keys = JournalEvent("keys")
  /// What is trusted was changed.
  package static let trust = JournalEvent("trust")
  /// A site's receipt was collected.
  package static let receipt = JournalEvent("receipt")
  /// A parcel was made, written to a medium, collected or removed.
  package static let parcel = JournalEvent("parcel")
  /// Statistics that a site has sent were handed to KSN.
  package static let delivery = JournalEvent("delivery")
  /// An Administration Server was asked to fetch a release.
  package static let serverUpdate = JournalEvent("server-update")
  /// An Administration Server was asked to give out an installer, or no longer.
  package static let package = JournalEvent("package")
  /// An agreement of a package was accepted on an Administration Server.
  package static let agreement = JournalEvent("agreement")
  /// A licence key was installed.
  package static let licence = JournalEvent("licence")
  /// An Administration Server was asked what its devices need.
  package static let demand = JournalEvent("demand")
  /// A site came to be known, or was forgotten.
  package static let site = JournalEvent("site")
  /// A bundle was written.
  package static let pack = JournalEvent("pack")
  /// Files were taken from another store.
  package static let sync = JournalEvent("sync")
  /// A release was put into a bucket.
  package static let publish = JournalEvent("publish")
  /// The update tree of a release was written to a folder that others read.
  package static let export = JournalEvent("export")
  /// An administrator's command was run after a publication.
  package static let hook = JournalEvent("hook")
  /// Files of a folder were taken into the store, for the next sync.
  package static let adoption = JournalEvent("adoption")
  /// Old snapshots or objects were removed.
  package static let prune = JournalEvent("prune")
  /// A change begins. The entry that tells how it ended has the number of this one as the fact `begun`; without such an
  /// entry, nobody knows how it ended.
  package static let begins = JournalEvent("begins")
  /// The rest of an entry that was never finished was removed from the journal; the journal writes this by itself.
  package static let `repair` = JournalEvent("repair")
}

/// How what an entry is about ended.
package enum JournalOutcome: String, Sendable, Hashable, CaseIterable, Codable {
  /// It was done.
  case ok
  /// It was not done, because a rule forbids it.
  case refused
  /// It was not done, or not wholly, because something went wrong.
  case failed
}

extension JournalEvent: Codable {
  /// Reads the word.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let event = Self(rawValue: try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "no word for an event")
    }
    self = event
  }

  /// Writes the word.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }
}
