import MirrorTypes

/// Points in time in sentences, for people: a job writes them in UTC, and so they stand in JSON and in the journal.
package enum LocalTimes {
  /// The text with each `2026-11-23T21:40:00Z` and `2026-11-23 21:40 UTC` that stands alone in it as local time with its
  /// zone.
  package static func shown(in text: String) -> String {
    guard text.contains("Z") || text.contains(" UTC") else { return text }
    return text.replacing(/(^|[ (])(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d:\d\d)Z|[ ](\d\d:\d\d)[ ]UTC)(?=$|[ ,;:.)])/) {
      match in
      let time = match.output.3.map(String.init) ?? "\(match.output.4 ?? ""):00"
      guard let point = UTCTime("\(match.output.2)T\(time)Z") else { return String(match.output.0) }
      return match.output.1 + (time.hasSuffix(":00") ? Timestamp.local(point) : Timestamp.exact(point))
    }
  }
}
