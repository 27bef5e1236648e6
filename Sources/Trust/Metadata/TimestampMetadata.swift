/// The timestamp role's metadata: which snapshot metadata is the newest (specification, section 4.6).
public struct TimestampMetadata: Sendable {
  /// Version and expiry.
  public let header: MetadataHeader
  /// The snapshot metadata.
  public let snapshot: MetadataFileFacts

  /// Reads the signed part.
  public init(_ signed: JSONObject) throws(MetadataProblem) {
    header = try MetadataHeader(signed, of: "timestamp")
    let meta = try (signed["meta"]?.object).orMalformed("'meta'")
    let entry = try meta["snapshot.json"].orMalformed("the entry of snapshot.json")
    guard meta.members.count == 1 else { throw MetadataProblem("'meta' has more than snapshot.json") }
    snapshot = try MetadataFileFacts(entry, of: "snapshot.json")
  }
}
