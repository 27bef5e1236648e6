import Catalogue
import JobCore
import MirrorTypes
import StrictJSON

/// What a backup says of itself: its first document.
struct BackupManifest: Hashable, Sendable {
  /// When it was made.
  var created: UTCTime
  /// The greatest numbers that the store had given then.
  var numbers: NumbersSeen
  /// How many files of the store follow.
  var files: Int

  /// Its path in the backup.
  static let path = "backup.json"
  static let maximumSize: Int64 = 4096
  private static let kind = "kscmirror backup"

  init(created: UTCTime, numbers: NumbersSeen, files: Int) {
    (self.created, self.numbers, self.files) = (created, numbers, files)
  }

  var serialized: [UInt8] {
    JSONValue.object([
      "kind": .string(Self.kind), "format": 1, "created": .string(created.text),
      "snapshot": .integer(Int64(numbers.snapshot)), "metadata": .integer(Int64(numbers.metadata)),
      "files": .integer(Int64(files)),
    ]).serialized
  }

  /// Reads it; `nil` for what this program has not written.
  init?(_ bytes: [UInt8]) {
    let bounds = 0...Int64(NumbersSeen.most)
    guard let object = (try? JSONValue(parsing: bytes))?.object, object["kind"]?.string == Self.kind,
      object["format"]?.integer == 1, let created = object["created"]?.string.flatMap(UTCTime.init(_:)),
      let snapshot = object["snapshot"]?.integer, bounds.contains(snapshot),
      let metadata = object["metadata"]?.integer, bounds.contains(metadata),
      let files = object["files"]?.integer, bounds.contains(files)
    else { return nil }
    self.init(
      created: created,
      numbers: NumbersSeen(snapshot: Int(snapshot), metadata: Int(metadata)),
      files: Int(files)
    )
  }

  /// What a store that is put back from it goes on behind: far enough that it gives nothing twice that was given since, even
  /// before the first receipt has shown how far it was.
  func numbersAfter(_ now: UTCTime) -> NumbersSeen {
    let days = max(0, now.seconds(since: created)) / 86_400
    let leap = Int(min(Self.leastLeap + days * Self.leapOfDay, Self.furthestLeap))
    return NumbersSeen(
      snapshot: min(numbers.snapshot + leap, NumbersSeen.most),
      metadata: min(numbers.metadata + leap, NumbersSeen.most)
    )
  }

  /// More than a store gives on a day that syncs every quarter of an hour.
  private static let leapOfDay: Int64 = 200
  private static let leastLeap: Int64 = 1000
  /// What sites still believe of a store (``StoreAhead``).
  private static let furthestLeap: Int64 = 500_000
}
