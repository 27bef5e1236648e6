/// What an entry is about, as one word in the file.
///
/// No enumeration: a program must be able to continue the journal of a newer one that knows more events.
public struct JournalEvent: RawRepresentable, Sendable, Hashable {
  /// The word.
  public let rawValue: String

  /// Takes a word of 1 to 32 characters of `a` to `z` and `-`; `nil` for any other.
  public init?(rawValue: String) {
    let allowed = rawValue.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == 0x2D }
    guard allowed, (1...32).contains(rawValue.utf8.count) else { return nil }
    self.rawValue = rawValue
  }

  private init(_ word: StaticString) { rawValue = "\(word)" }

  /// A bundle was taken into the store.
  public static let `import` = JournalEvent("import")
  /// A bundle or a file was turned away.
  public static let refusal = JournalEvent("refusal")
  /// An older snapshot was made the current one again.
  public static let rollback = JournalEvent("rollback")
  /// Keys were made, added or removed.
  public static let keys = JournalEvent("keys")
  /// What is trusted was changed.
  public static let trust = JournalEvent("trust")
  /// A site's receipt was taken in.
  public static let receipt = JournalEvent("receipt")
  /// A parcel was made, written to a medium, taken in or removed.
  public static let parcel = JournalEvent("parcel")
  /// Statistics that a site has sent were handed to KSN.
  public static let delivery = JournalEvent("delivery")
  /// An Administration Server was told to fetch a release.
  public static let serverUpdate = JournalEvent("server-update")
  /// An Administration Server was told to give out an installer, or no longer.
  public static let package = JournalEvent("package")
  /// An agreement of a package was accepted on an Administration Server.
  public static let agreement = JournalEvent("agreement")
  /// A licence key was installed.
  public static let licence = JournalEvent("licence")
  /// A site came to be known, or was forgotten.
  public static let site = JournalEvent("site")
  /// A bundle was written.
  public static let pack = JournalEvent("pack")
  /// Files were taken from another store.
  public static let sync = JournalEvent("sync")
  /// A release was put into a bucket.
  public static let publish = JournalEvent("publish")
  /// Old snapshots or objects were removed.
  public static let prune = JournalEvent("prune")
  /// The rest of an entry that was never finished was removed from the journal; the journal writes this by itself.
  public static let `repair` = JournalEvent("repair")
}

/// How what an entry is about ended.
public enum JournalOutcome: String, Sendable, Hashable, CaseIterable, Codable {
  /// It was done.
  case ok
  /// It was not done, because a rule forbids it.
  case refused
  /// It was not done, or not wholly, because something went wrong.
  case failed
}

extension JournalEvent: Codable {
  /// Reads the word.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let event = Self(rawValue: try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "no word for an event")
    }
    self = event
  }

  /// Writes the word.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }
}
