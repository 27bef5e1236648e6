import StrictJSON

/// The timestamp role's metadata: which snapshot metadata is the newest (specification, section 4.6).
package struct TimestampMetadata: Sendable {
  /// Version and expiry.
  package let header: MetadataHeader
  /// The snapshot metadata.
  package let snapshot: MetadataFileFacts

  /// Reads the signed part.
  package init(_ signed: JSONObject) throws(MetadataProblem) {
    header = try MetadataHeader(signed, of: "timestamp")
    let meta = try (signed["meta"]?.object).orMalformed("'meta'")
    let entry = try meta["snapshot.json"].orMalformed("the entry of snapshot.json")
    guard meta.members.count == 1 else { throw MetadataProblem("'meta' has more than snapshot.json") }
    snapshot = try MetadataFileFacts(entry, of: "snapshot.json")
  }
}
