import Bundle
import MirrorTypes
import Trust

/// What is signed of a bundle beside its volumes: a field of the metadata of the role `volumes`.
struct BundleFacts: Sendable, Hashable {
  /// The name of the delegated role.
  static let role = "volumes"

  /// `full`.
  var kind: String
  /// The site that it is for, if for one.
  var site: String?
  /// The snapshot that its volumes carry.
  var snapshot: Int

  /// The field.
  var object: JSONObject {
    var object: JSONObject = ["kind": .string(kind), "snapshot": .integer(Int64(snapshot))]
    if let site { object["site"] = .string(site) }
    return object
  }

  /// Facts about a bundle.
  init(kind: String, site: String?, snapshot: Int) {
    self.kind = kind
    self.site = site
    self.snapshot = snapshot
  }

  /// Reads the field.
  init(_ metadata: TargetsMetadata, at place: String) throws(JobError) {
    let object = metadata.extensions[SignedSnapshot.field]?.object
    guard let object, let kind = object["kind"]?.string, let snapshot = object["snapshot"]?.integer, kind == "full"
    else {
      throw JobError(.notABundle, "\(place): this program cannot read a bundle of this kind")
    }
    self.kind = kind
    site = object["site"]?.string
    self.snapshot = Int(clamping: snapshot)
  }
}

extension TargetFile {
  /// A volume, as the metadata of the role `volumes` lists it.
  init(_ volume: Volume) {
    self.init(
      path: "volumes/\(volume.name)",
      length: volume.size,
      sha256: volume.sha256,
      custom: ["entries": .integer(Int64(volume.entries)), "content": .integer(volume.contentBytes)]
    )
  }
}

extension Volume {
  /// A volume that signed metadata lists.
  init(_ target: TargetFile, number: Int, of names: BundleNames, at place: String) throws(JobError) {
    guard target.path == "volumes/\(names.volume(number))", let digest = target.sha256,
      let entries = target.custom?["entries"]?.integer, (0...(1 << 32)).contains(entries),
      let content = target.custom?["content"]?.integer, (0...(1 << 50)).contains(content)
    else { throw JobError(.damagedBundle, "\(place): the signed list of volumes is not what kscmirror writes") }
    self.init(
      name: names.volume(number),
      size: target.length,
      sha256: digest,
      entries: Int(entries),
      contentBytes: content
    )
  }
}
