import Catalogue
import FileSystem
import MirrorTypes
import StrictJSON
import SystemPackage
import Trust

/// What a store has signed last. Whatever of it cannot be read, or was signed with other keys, is signed anew.
package struct RepositoryState {
  /// What the snapshot metadata lists.
  private(set) var files: [String: MetadataFileFacts] = [:]
  /// The snapshot metadata, as the timestamp lists it.
  private(set) var snapshotFacts: MetadataFileFacts?
  /// The field of the snapshot metadata that tells what it was made of.
  private(set) var marks = JSONObject()
  /// When each expires.
  private(set) var timestampExpiry: UTCTime = .epoch
  private(set) var snapshotExpiry: UTCTime = .epoch
  /// Whether the timestamp leads to snapshot metadata, and both were signed with today's keys.
  private(set) var isWhole = false

  private var highest: [String: Int] = [:]
  /// The version that somebody else has seen of this store's metadata, where it is greater than what the store knows.
  private let seen: Int
  private let now: UTCTime

  /// - Parameter seen: the greatest version that somebody else has seen. Where it is greater than the last that was
  ///   signed here, all is signed anew, with versions behind it.
  init(in folder: FilePath, root: RootMetadata, seen: Int, now: UTCTime) {
    self.now = now
    self.seen = seen
    for entry in (try? Files.entries(of: folder)) ?? [] {
      guard let (version, role) = Self.parts(of: entry.name) else { continue }
      highest[role] = max(highest[role] ?? 0, version)
    }
    let cache = FileCache(folder)
    guard let bytes = try? cache.load("timestamp.json"), let signed = try? SignedMetadata(parsing: bytes),
      let timestamp = try? TimestampMetadata(signed.signed)
    else { return }
    highest["timestamp"] = timestamp.header.version
    guard signed.tally(root.keys(of: .timestamp), among: root.keys).isEnough else { return }
    timestampExpiry = timestamp.header.expires
    snapshotFacts = timestamp.snapshot
    guard let content = try? cache.load("\(timestamp.snapshot.version).snapshot.json"),
      let signedSnapshot = try? SignedMetadata(parsing: content),
      signedSnapshot.tally(root.keys(of: .snapshot), among: root.keys).isEnough,
      let snapshot = try? SnapshotMetadata(signedSnapshot.signed)
    else { return }
    files = snapshot.files
    snapshotExpiry = snapshot.header.expires
    marks = signedSnapshot.signed[SignedSnapshot.field]?.object ?? JSONObject()
    isWhole =
      seen <= timestamp.header.version
      && files.allSatisfy { name, facts in
        (try? Files.status(folder.appending("\(facts.version).\(name)")))?.size == facts.length
      }
  }

  var targetsExpiry: UTCTime { marks["targets-expires"]?.string.flatMap(UTCTime.init(_:)) ?? .epoch }
  var volumesExpiry: UTCTime { marks["volumes-expires"]?.string.flatMap(UTCTime.init(_:)) ?? .epoch }
  var programExpiry: UTCTime { marks["program-expires"]?.string.flatMap(UTCTime.init(_:)) ?? .epoch }

  /// The version that comes next of a role's metadata.
  func next(_ role: String) -> Int {
    let isBehind = seen > highest["timestamp"] ?? 0
    return max(highest[role] ?? 0, isBehind ? seen : 0) + 1
  }

  /// The version of the timestamp that was signed last; 0 before the first.
  var lastTimestamp: Int { highest["timestamp"] ?? 0 }

  /// Whether metadata of a role was ever signed.
  func hasHad(_ role: String) -> Bool { highest[role] != nil }

  /// Whether less than half of a lifetime is left.
  func isOld(_ expiry: UTCTime, of lifetime: Int64) -> Bool { expiry.seconds(since: now) < lifetime / 2 }

  /// The version and role in a file's name, `3.targets.json`; `nil` for other names.
  package static func parts(of name: String) -> (version: Int, role: String)? {
    let pieces = name.split(separator: ".", omittingEmptySubsequences: false)
    guard pieces.count == 3, pieces[2] == "json", let version = Int(pieces[0]), version > 0 else { return nil }
    return (version, String(pieces[1]))
  }
}

/// What snapshot metadata was made of.
struct SigningMarks {
  private let snapshot: Int
  private let tree: ObjectDigest
  private let targetsKey: String
  private let volumesKey: String
  private let delegatesProgram: Bool

  init(_ snapshot: Snapshot, targetsKey: String, volumesKey: String, delegatesProgram: Bool) {
    self.delegatesProgram = delegatesProgram
    self.snapshot = snapshot.number
    tree = snapshot.treeDigest
    self.targetsKey = targetsKey
    self.volumesKey = volumesKey
  }

  var object: JSONObject {
    var object: JSONObject = [
      "snapshot": .integer(Int64(snapshot)), "tree": .string(tree.hex), "targets-key": .string(targetsKey),
      "volumes-key": .string(volumesKey),
    ]
    if delegatesProgram { object["program"] = true }
    return object
  }

  /// Whether the targets metadata of a state is of the same.
  func holds(_ state: RepositoryState) -> Bool {
    state.isWhole
      && ["snapshot", "tree", "targets-key", "volumes-key", "program"].allSatisfy { state.marks[$0] == object[$0] }
  }

  /// Whether the metadata of the volumes can stay.
  func holdsVolumes(_ state: RepositoryState) -> Bool {
    state.isWhole && state.files["volumes.json"] != nil && state.marks["volumes-key"] == object["volumes-key"]
  }

  /// Whether the metadata of packages of this program can stay.
  func holdsProgram(_ state: RepositoryState) -> Bool {
    state.isWhole && state.files[SignedPrograms.file] != nil && state.marks["volumes-key"] == object["volumes-key"]
  }
}
