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
  private static let largestFile = 1 << 30

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
        others.append((file.path, try checked(file)))
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
    guard let bytes = try reader.read(name, atMost: Self.largestFile) else {
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

  private func refusal(_ name: String, _ why: String) -> JobError {
    JobError(
      .damagedBundle,
      "\(reader.folder.pushing(name)): \(why)",
      remedy: "Copy the bundle from the connected side again."
    )
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
