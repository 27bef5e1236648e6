import MirrorTypes

/// One entry of a journal.
package struct JournalEntry: Sendable, Hashable {
  /// What it is about.
  package let event: JournalEvent
  /// How that ended.
  package let outcome: JournalOutcome
  /// One sentence for people.
  package let text: String
  /// The same for programs.
  package let facts: [String: JournalValue]
  /// Its number in the journal, from 1.
  package let number: Int
  /// When it was written.
  package let time: UTCTime
  /// Who had it done.
  package let user: String
  /// On which machine.
  package let host: String
  /// The digest of the entry before; 64 zeros in the first.
  package let previous: ObjectDigest

  /// The SHA-256 of its line without the line feed: what the next entry has as ``previous``.
  package var digest: ObjectDigest { ObjectDigest.sha256(of: JournalLine.bytes(of: self)) }
  /// Its number and digest.
  package var position: JournalPosition { JournalPosition(number: number, digest: digest) }
}

extension JournalEntry: Codable {
  private enum Key: String, CodingKey { case event, facts, host, number, outcome, previous, text, time, user }

  /// The numbers an entry may have: those that any JSON reader takes exactly.
  static let numbers = 1...(1 << 53 - 1)

  /// Reads the object that a line is. Whether it follows the entry before is not looked at.
  package init(from decoder: any Decoder) throws {
    let object = try decoder.container(keyedBy: Key.self)
    event = try object.decode(JournalEvent.self, forKey: .event)
    outcome = try object.decode(JournalOutcome.self, forKey: .outcome)
    text = try object.decode(String.self, forKey: .text)
    facts = try object.decode([String: JournalValue].self, forKey: .facts)
    number = try object.decode(Int.self, forKey: .number)
    user = try object.decode(String.self, forKey: .user)
    host = try object.decode(String.self, forKey: .host)
    previous = try object.decode(ObjectDigest.self, forKey: .previous)
    guard Self.numbers.contains(number) else {
      throw DecodingError.dataCorruptedError(forKey: .number, in: object, debugDescription: "no number of an entry")
    }
    guard let time = UTCTime(try object.decode(String.self, forKey: .time)), time == time.writable else {
      throw DecodingError.dataCorruptedError(forKey: .time, in: object, debugDescription: "no time in UTC")
    }
    self.time = time
  }

  /// Writes the same object, with the encoder's choice of form: for reports. The journal has a form of its own.
  package func encode(to encoder: any Encoder) throws {
    var object = encoder.container(keyedBy: Key.self)
    try object.encode(event, forKey: .event)
    try object.encode(outcome, forKey: .outcome)
    try object.encode(text, forKey: .text)
    try object.encode(facts, forKey: .facts)
    try object.encode(number, forKey: .number)
    try object.encode(user, forKey: .user)
    try object.encode(host, forKey: .host)
    try object.encode(previous, forKey: .previous)
    try object.encode(time.writable.text, forKey: .time)
  }
}

extension ObjectDigest {
  /// What the first entry has in the place of a digest.
  static let zero = exactly(repeatElement(0, count: byteCount))

  private static func exactly(_ bytes: some Sequence<UInt8>) -> ObjectDigest {
    guard let digest = ObjectDigest(bytes: bytes) else { preconditionFailure("a SHA-256 has 32 bytes") }
    return digest
  }
}
