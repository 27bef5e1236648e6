import StrictJSON

/// The snapshot role's metadata: which versions of targets metadata belong together (specification, section 4.4).
package struct SnapshotMetadata: Sendable {
  /// Version and expiry.
  package let header: MetadataHeader
  /// The files of targets metadata by name: `targets.json`, and one for each delegated role.
  package let files: [String: MetadataFileFacts]

  /// The most files that are read.
  static let maximumFiles = 65_536

  /// Reads the signed part.
  package init(_ signed: JSONObject) throws(MetadataProblem) {
    header = try MetadataHeader(signed, of: "snapshot")
    let meta = try (signed["meta"]?.object).orMalformed("'meta'")
    guard meta.members.count <= Self.maximumFiles else { throw MetadataProblem("it lists too many files") }
    var files: [String: MetadataFileFacts] = [:]
    for member in meta.members { files[member.name] = try MetadataFileFacts(member.value, of: member.name) }
    self.files = files
    guard files["targets.json"] != nil else { throw MetadataProblem("the entry of targets.json is missing") }
  }
}
