import BundleFormat
import FileSystem
import JobCore
import MirrorTypes
import StrictJSON
import SystemPackage

/// How far a bundle has been spread over sticks: kept beside the staged bundle, so that another run can go on.
struct SpreadState {
  /// A volume, or a piece of one, that was written to a stick and read back.
  struct Delivery: Hashable {
    /// The file's name.
    let file: String
    /// Where in the volume it begins.
    let offset: Int64
    /// Its bytes.
    let bytes: Int64
    /// The stick, counted from 1.
    let stick: Int
  }

  /// The bundle's name.
  let bundle: String
  /// The SHA-256 of the bag's tag manifest: it stands for this very bundle.
  let identity: String
  /// What lies on sticks.
  var deliveries: [Delivery] = []
  /// How many sticks were written.
  var sticks = 0
  /// The folder of the last stick, if a file system of its own was there.
  var mountPoint: String?

  private static func file(in folder: FilePath) -> StateFile {
    StateFile(
      folder.appending("spread.json"),
      kind: "kscmirror spread",
      what: "how far the bundle was spread",
      remedy: "Give it up with 'kscmirror pack --abandon', and pack again.",
      maximumSize: 64 << 20,
      wasUnmarked: true
    )
  }

  init(bundle: String, identity: String) {
    self.bundle = bundle
    self.identity = identity
  }

  /// Reads the state in a folder; `nil` where nothing is being spread.
  static func read(in folder: FilePath) throws -> SpreadState? { try file(in: folder).read { SpreadState($0) } }

  private init?(_ object: JSONObject) {
    guard let bundle = object["bundle"]?.string, let identity = object["identity"]?.string,
      let sticks = object["sticks"]?.integer, let deliveries = object.list("deliveries", Delivery.init)
    else { return nil }
    self.bundle = bundle
    self.identity = identity
    self.sticks = Int(sticks)
    self.deliveries = deliveries
    mountPoint = object["mountPoint"]?.string
  }

  /// Writes the state.
  func save(in folder: FilePath) throws {
    var object: JSONObject = [
      "bundle": .string(bundle), "identity": .string(identity), "sticks": .integer(Int64(sticks)),
      "deliveries": .array(deliveries.map { .object($0.object) }),
    ]
    object["mountPoint"] = mountPoint.map { .string($0) }
    try Self.file(in: folder).write(object)
  }

  /// What of the volumes lies on no stick yet.
  func remaining(of volumes: [StagedVolume]) -> [SpreadRest] {
    var delivered: [String: [Delivery]] = [:]
    for delivery in deliveries { delivered[VolumeFileName(delivery.file).volume, default: []].append(delivery) }
    return volumes.compactMap { volume in
      let done = delivered[volume.file.volume] ?? []
      let offset = done.totalBytes { $0.bytes }
      guard offset < volume.size || done.isEmpty else { return nil }
      return SpreadRest(volume: volume, offset: offset, pieces: done.count)
    }
  }

  /// The stick on which a file was delivered.
  func stick(of file: String) -> Int? { deliveries.first { $0.file == file }?.stick }
}

extension SpreadState.Delivery {
  fileprivate var object: JSONObject {
    [
      "file": .string(file), "offset": .integer(offset), "bytes": .integer(bytes), "stick": .integer(Int64(stick)),
    ]
  }

  fileprivate init?(_ value: JSONValue) {
    guard let file = value["file"]?.string, let offset = value["offset"]?.integer, offset >= 0,
      let bytes = value["bytes"]?.integer, bytes >= 0, let stick = value["stick"]?.integer
    else { return nil }
    self.init(file: file, offset: offset, bytes: bytes, stick: Int(stick))
  }
}

/// A volume of the staged bundle.
struct StagedVolume: Hashable {
  let file: VolumeFileName
  let place: Place
  let size: Int64
}

/// What of a volume lies on no stick yet.
struct SpreadRest: Hashable {
  let volume: StagedVolume
  /// Where it begins.
  let offset: Int64
  /// How many pieces lie on sticks.
  let pieces: Int

  var bytes: Int64 { volume.size - offset }
}

/// What one stick gets.
struct SpreadShare {
  /// A file to be written.
  struct File: Hashable {
    let name: String
    let volume: StagedVolume
    let offset: Int64
    let bytes: Int64
  }

  private(set) var files: [File] = []
  private var room: Int64

  private let blocks: MediumBlocks

  /// What a file system that does not say how large its blocks are may have.
  private static let smallestBlock: Int64 = 64 << 10

  /// As much of the rest as fits.
  ///
  /// - Parameters:
  ///   - rest: what lies on no stick yet.
  ///   - room: the bytes that the stick takes.
  ///   - blockSize: the bytes of a block of its file system.
  ///   - others: how many bytes of other files each stick gets, and how many of them.
  init(of rest: [SpreadRest], room: Int64, blockSize: Int64, others: (bytes: Int64, count: Int)) {
    blocks = MediumBlocks(size: blockSize, atLeast: Self.smallestBlock)
    self.room = room - others.bytes - blocks.most(others.count + Self.folders)
    for part in rest {
      let free = self.room - blocks.most(1)
      guard part.bytes <= free else {
        // Whole mebibytes: pieces that begin where clusters do.
        let piece = free / ResplitJob.smallestPiece * ResplitJob.smallestPiece
        if piece > 0 { add(part, piece) }
        return
      }
      add(part, part.bytes)
    }
  }

  /// The bundle's folder, those in it, and the files of the stick that are written anew: the label and the hints.
  private static let folders = 8

  private mutating func add(_ rest: SpreadRest, _ bytes: Int64) {
    let isWhole = rest.offset == 0 && bytes == rest.volume.size
    let file = isWhole ? rest.volume.file : rest.volume.file.piece(rest.pieces + 1)
    files.append(File(name: file.text, volume: rest.volume, offset: rest.offset, bytes: bytes))
    room -= bytes + blocks.most(1)
  }

  /// The bytes of all of it.
  var bytes: Int64 { files.totalBytes { $0.bytes } }
}
