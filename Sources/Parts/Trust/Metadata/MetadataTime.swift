import MirrorTypes

/// Times as metadata writes them: `2026-11-23T21:40:00Z`, always UTC (specification, section 4.2.1).
package enum MetadataTime {
  /// Reads a time, as seconds since 1970; `nil` for what is none.
  package static func seconds(_ text: String) -> Int64? { UTCTime(text)?.seconds }

  /// Writes a time that is given in seconds since 1970.
  package static func text(_ seconds: Int64) -> String { UTCTime(seconds: seconds).text }
}
