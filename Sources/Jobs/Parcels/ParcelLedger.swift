import MirrorTypes
import StoreTrust
import Trust

/// What is remembered of parcels of or for a site where they come: which have come, and which have not.
package struct ParcelLedger: Sendable {
  /// A parcel that has come.
  package struct Entry: Sendable {
    var reference: ParcelHeader.Previous
    /// When it was made, by the site's clock.
    var made: UTCTime
    /// When it came here.
    var received: UTCTime
    /// The bytes of its sealed content.
    var bytes: Int64
    var carries: [ParcelKind]
    /// What of that was used.
    var consumed: [ParcelKind] = []
    /// How often it was refused when it was to be used.
    var refusals = 0
    /// Whether it is not tried again.
    var isSetAside: Bool { refusals >= ParcelInbox.mostRefusals }
    /// Whether it is still here.
    package var isKept = true

    var number: Int64 { reference.number }
    /// Whether all that it carries was used.
    package var isConsumed: Bool { carries.allSatisfy(consumed.contains) }
  }

  /// The site.
  let site: String
  /// The fingerprint of its key.
  let fingerprint: Fingerprint
  /// The parcels that have come, by number.
  package private(set) var entries: [Entry] = []
  /// The numbers that have not come.
  private(set) var missing = NumberRanges()
  /// All numbers up to this one are too long ago to be distinguished from each other.
  private(set) var settled: Int64 = 0

  /// How many parcels are remembered that are not here any more, and how many stretches of missing ones.
  static let maximumEntries = 1000
  static let maximumMissing = 1000

  /// The greatest number that has come.
  var highest: Int64 { entries.last?.number ?? settled }

  init(site: String, fingerprint: Fingerprint) {
    self.site = site
    self.fingerprint = fingerprint
  }

  init(site: String, fingerprint: Fingerprint, settled: Int64, missing: NumberRanges, entries: [Entry]) {
    self.init(site: site, fingerprint: fingerprint)
    (self.settled, self.missing, self.entries) = (settled, missing, entries)
  }

  func entry(_ number: Int64) -> Entry? { entries.first { $0.number == number } }

  /// Changes what is remembered of a parcel.
  mutating func change(_ number: Int64, _ body: (inout Entry) -> Void) {
    guard let place = entries.firstIndex(where: { $0.number == number }) else { return }
    body(&entries[place])
  }

  /// How a parcel stands to those that have come.
  func order(of signed: SignedParcelHeader) -> ParcelOrder {
    let number = signed.header.number
    if let entry = entry(number) { return entry.reference.digest == signed.digest ? .same : .numberTaken }
    if number <= settled { return .tooOld }
    if entries.isEmpty && settled == 0 { return .first }
    if number < highest { return .late }
    return hasForgotten(signed.header.previous) ? .restored : .next
  }

  /// Whether a site that makes a new parcel does not know its newest one that has come here: its store was restored from
  /// a backup.
  private func hasForgotten(_ previous: ParcelHeader.Previous?) -> Bool {
    guard let previous, previous.number >= highest else { return true }
    return entry(previous.number).map { $0.reference != previous } ?? false
  }

  /// Remembers a parcel that has come.
  mutating func note(_ signed: SignedParcelHeader, received: UTCTime) {
    let header = signed.header
    let before = header.previous?.number ?? 0
    if header.number > highest + 1 { missing.append((highest + 1)...(header.number - 1)) }
    // The numbers between were never given to a parcel.
    missing.remove((before + 1)...header.number)
    let entry = Entry(
      reference: .init(number: header.number, digest: signed.digest),
      made: header.time,
      received: received,
      bytes: header.payload.size,
      carries: header.carries
    )
    entries.insert(entry, at: entries.firstIndex { $0.number > header.number } ?? entries.count)
    missing.keepLast(Self.maximumMissing)
    forgetOldest()
  }

  private mutating func forgetOldest() {
    while entries.count > Self.maximumEntries, let oldest = entries.first, !oldest.isKept {
      entries.removeFirst()
      settled = oldest.number
      missing.remove(1...settled)
    }
  }

  /// What the site learns.
  package var answer: ParcelAnswer? {
    guard highest > 0 else { return nil }
    return ParcelAnswer(
      highest: highest,
      missing: missing.ranges,
      taken: entries.map(\.reference),
      used: entries.filter(\.isConsumed).map(\.number)
    )
  }
}

/// How a parcel stands to those that have come of its site.
enum ParcelOrder: String, Sendable, Encodable {
  /// The first one.
  case first
  /// One that follows.
  case next
  /// One whose number is below the greatest.
  case late
  /// One that follows, of a site whose store was restored from a backup.
  case restored
  /// The very same as one that has come.
  case same
  /// Another one of the same number has come.
  case numberTaken = "number-taken"
  /// One whose number is so long ago that nothing is remembered of it.
  case tooOld = "too-old"

  /// Whether the parcel is collected.
  var isTaken: Bool { [.first, .next, .late, .restored].contains(self) }
}
