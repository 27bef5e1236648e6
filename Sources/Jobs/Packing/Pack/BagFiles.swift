import BundleFormat
import FileSystem
import JobCore
import MirrorTypes
import SystemPackage

/// The files of a bundle that its bag lists: enough to copy it, without its keys and its store.
struct BagFiles {
  /// The bundle.
  let reader: BundleReader
  /// The volumes by the names of their files, with their SHA-256, in the order of the volumes.
  private(set) var volumes: [(file: VolumeFileName, digest: ObjectDigest)] = []
  /// All other files, by their paths below the bundle's folder, with their bytes.
  private(set) var others: [(path: String, bytes: [UInt8])] = []

  /// Packages of this program, by their paths, with their SHA-256.
  private(set) var programs: [(path: String, digest: ObjectDigest)] = []

  private static let tagManifest = "tagmanifest-sha256.txt"
  private static let info = "bag-info.txt"
  /// The most bytes that all other files than volumes may have together: they are held in memory.
  private static let mostBytes = 1 << 30
  /// How many of them may still come.
  private var room = mostBytes

  /// Reads the lists and all files but the volumes, and checks these against them.
  ///
  /// - Throws: an error for a file that is missing, damaged, or has a name that no bundle has.
  init(_ reader: BundleReader) throws {
    self.reader = reader
    let tags = try bytes(of: Self.tagManifest)
    others.append((Self.tagManifest, tags))
    var listed = try lines(tags, of: Self.tagManifest)
    guard let manifest = listed.first(where: { $0.path == BundleNames.manifest }) else {
      throw refusal(Self.tagManifest, "it does not list \(BundleNames.manifest)")
    }
    listed += try lines(try checked(manifest), of: BundleNames.manifest)
    var names = Set<String>()
    for file in listed {
      guard names.insert(file.path.lowercased()).inserted else {
        throw refusal(Self.tagManifest, "it lists \(file.path.debugDescription) twice")
      }
      if let name = Self.volume(in: file.path) {
        guard (name.digest ?? file.digest) == file.digest else {
          throw refusal(
            BundleNames.manifest,
            "it lists \(name.text.debugDescription) with another SHA-256 than its name"
          )
        }
        volumes.append((name, file.digest))
      } else if file.path.hasBytePrefix(BundleNames.programs + "/") {
        programs.append((file.path, file.digest))
      } else {
        let bytes = try checked(file)
        room -= bytes.count
        others.append((file.path, bytes))
      }
    }
    guard Set(volumes.map(\.file.volume)).count == volumes.count else {
      throw refusal(BundleNames.manifest, "it lists a volume twice")
    }
    volumes.sort { ($0.file.volume.utf8.count, $0.file.volume) < ($1.file.volume.utf8.count, $1.file.volume) }
  }

  private static func volume(in path: String) -> VolumeFileName? {
    let prefix = BundleNames.volumes + "/"
    return path.removing(prefix: prefix).map { VolumeFileName($0) }
  }

  /// Where a volume lies, whole or in pieces.
  ///
  /// - Throws: an error with ``ExitStatus/incompleteBundle`` if it is not there, or pieces are missing between others.
  func files(of volume: VolumeFileName) throws -> [Place] {
    let folder = reader.volumeFolder
    let path = folder.appending(volume.text)
    if try path.status()?.kind == .file { return [path] }
    let search = try VolumeSearch([VolumePlace(folder)])
    let pieces = search.pieces(of: volume).sorted { $0.key < $1.key }
    guard !pieces.isEmpty, pieces.last?.key == pieces.count else {
      throw JobError(
        .incompleteBundle,
        "\(path) is missing\(pieces.isEmpty ? "" : " in part"), or is there twice",
        remedy: "Put all sticks' volumes and pieces into one folder first."
      )
    }
    return pieces.map(\.value.path)
  }

  // MARK: - Lists

  private struct Line {
    let digest: ObjectDigest
    let path: String
  }

  private func lines(_ bytes: [UInt8], of list: String) throws -> [Line] {
    var lines: [Line] = []
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      let text = String(decoding: line, as: UTF8.self)
      guard text.utf8.count > 66, let digest = ObjectDigest(hex: text.prefix(64)), text.dropFirst(64).hasPrefix("  "),
        let path = Self.path(String(text.dropFirst(66)))
      else { throw refusal(list, "it has a line that kscmirror does not write: \(text.prefix(120).debugDescription)") }
      lines.append(Line(digest: digest, path: path))
    }
    return lines
  }

  /// A path that a bundle has: one that leads nowhere else.
  private static func path(_ text: String) -> String? {
    guard let path = try? TreePath(text), path.is(text) else { return nil }
    let parts = text.byteParts
    let isListed =
      parts.count == 1
      || (parts.count == 3
        && [BundleNames.metadata, BundleNames.volumes, BundleNames.programs].contains(
          parts.prefix(2).joined(separator: "/")
        ))
    return isListed ? text : nil
  }

  private func bytes(of name: String) throws -> [UInt8] {
    guard let bytes = try reader.read(name, atMost: room) else {
      throw JobError(.incompleteBundle, "\(reader.folder.pushing(name)) is missing")
    }
    return bytes
  }

  private func checked(_ line: Line) throws -> [UInt8] {
    let bytes = try bytes(of: line.path)
    guard ObjectDigest.sha256(of: bytes) == line.digest else {
      throw refusal(line.path, "its SHA-256 is not what the bag's manifest says")
    }
    return bytes
  }

  private func refusal(_ name: String, _ why: String) -> JobError { damage("\(reader.folder.pushing(name))", why) }

  private func damage(_ what: String, _ why: String) -> JobError {
    JobError(
      .damagedBundle,
      "\(what): \(why)",
      remedy: "Copy the bundle from the connected side again."
    )
  }

  // MARK: - Bytes

  /// Refuses volumes and packages that do not have the bytes which the bag says that it has (`Payload-Oxum`): they are
  /// damaged, whatever room there is for them. A bag that does not say how many they are is taken.
  ///
  /// - Parameter volumes: what each volume is called in messages, and its bytes.
  func refuseOtherBytes(having volumes: [(name: FilePath, size: Int64)]) throws {
    guard let expected = try payloadBytes() else { return }
    let packages = try programs.map { ("\(reader.folder.pushing($0.path))", try size(of: $0.path)) }
    let large = volumes.map { ("\($0.name)", $0.size) } + packages
    let metadata = others.filter { $0.path.hasBytePrefix("data/") }.totalBytes { Int64($0.bytes.count) }
    if let giant = large.first(where: { $0.1 > expected }) {
      throw damage(giant.0, "it has \(giant.1) bytes, and the whole bundle has \(expected)")
    }
    let found = large.totalBytes { $0.1 } + metadata
    guard found != expected else { return }
    throw damage(
      "\(reader.folder)",
      "its volumes and other files have \(found) bytes, and \(Self.info) says that they have \(expected)"
    )
  }

  private func size(of path: String) throws -> Int64 { try reader.folder.pushing(path).status()?.size ?? 0 }

  /// The bytes of all that lies in `data/`, as the bag tells them.
  private func payloadBytes() throws -> Int64? {
    guard let info = others.first(where: { $0.path == Self.info }) else { return nil }
    let field = "Payload-Oxum: "
    let lines = String(decoding: info.bytes, as: UTF8.self).split(separator: "\n")
    guard let line = lines.first(where: { $0.hasPrefix(field) }) else { return nil }
    let text = line.dropFirst(field.count).prefix { $0 != "." }
    guard let bytes = Int64(text), bytes >= 0, !ByteCount(clamping: bytes).isBeyond else {
      throw refusal(Self.info, "its Payload-Oxum is not a number of bytes: \(text.prefix(40).debugDescription)")
    }
    return bytes
  }

  // MARK: - Copying

  /// The bytes of the packages of this program.
  var programBytes: Int64 {
    programs.totalBytes { (try? reader.folder.pushing($0.path).status())??.size ?? 0 }
  }

  /// Writes all files but the volumes to a folder, and makes the folder for those.
  func copyOthers(to folder: Place) throws {
    for name in [BundleNames.volumes, BundleNames.metadata] { try folder.pushing(name).makeFolder() }
    for file in others {
      var output = try OutputFile(folder.pushing(file.path))
      try output.write(file.bytes)
      try output.sync()
      try output.close()
    }
    for file in programs {
      let place = folder.pushing(file.path)
      try place.parent.makeFolder()
      let source = reader.folder.pushing(file.path)
      let size = try source.status()?.size ?? 0
      guard try VolumeCopy.copy(JoinedInput([source]), count: size, to: place) == file.digest else {
        throw refusal(file.path, "its SHA-256 is not what the bag's manifest says")
      }
    }
  }

  /// Syncs the folders of a copy, and gives it its name; the label is laid beside it.
  func publish(_ partial: Place, in folder: Place) throws {
    let label = others.first { $0.path == BundleNames.label }
    let copied = programs.isEmpty ? [] : [BundleNames.programs]
    for name in [BundleNames.volumes, BundleNames.metadata] + copied + ["data"] {
      try partial.pushing(name).syncFolder()
    }
    try partial.syncFolder()
    try partial.rename(to: folder.appending(reader.name))
    if let label { try folder.appending(BundleNames.label).replace(with: label.bytes) }
    try folder.syncFolder()
  }
}
