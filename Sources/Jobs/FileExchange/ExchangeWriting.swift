import FileSystem
import JobCore
import MirrorTypes
import Parcels
import SystemPackage
import Trust

/// Writes files below a folder, each by one rename. Nothing is written through a link, nor over a folder.
struct ExchangeWriting {
  let root: FilePath

  private static let partialMark = ".kscmirror-part"
  private static let permissions: UInt32 = 0o664

  func refuseWithoutRoom(for files: [ParcelFile]) throws {
    try Files.makeFolder(root, permissions: 0o775)
    let needed = files.totalBytes { $0.size }
    let free = try FreeSpace(at: root).bytes
    guard needed > free else { return }
    throw JobError(
      .noSpace,
      "\(root): what has come needs \(needed) bytes, and \(free) are free",
      remedy: "Make room there, and run it again; nothing was put into place."
    )
  }

  /// Writes a file of a parcel. One that is there as it should be is left.
  func write(_ path: TreePath, _ file: ParcelFile, _ read: ParcelReader.Reading) throws {
    let place = try place(of: path)
    if try isThere(place, file.size, file.sha256) { return }
    let partial = partial(of: place)
    try Files.remove(partial)
    do {
      var output = try OutputFile(partial, permissions: Self.permissions)
      try read { try output.write($0) }
      try output.sync()
      try output.close()
      try Files.rename(partial, to: place)
    } catch {
      try? Files.remove(partial)
      throw error
    }
  }

  /// Copies a small file.
  func copy(_ source: FilePath, as path: TreePath, sha256: Digest256) throws {
    try Files.makeFolder(root, permissions: 0o775)
    let place = try place(of: path)
    let size = try Files.status(source)?.size ?? 0
    if try isThere(place, size, sha256) { return }
    let input = try InputFile(source)
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    let partial = partial(of: place)
    try Files.remove(partial)
    var output = try OutputFile(partial, permissions: Self.permissions)
    while true {
      let count = try input.read(into: &buffer)
      if count == 0 { break }
      try output.write(Array(buffer[..<count]))
    }
    try output.sync()
    try output.close()
    try Files.rename(partial, to: place)
  }

  private func partial(of place: FilePath) -> FilePath {
    place.removingLastComponent().appending(".\(place.lastComponent?.string ?? "")\(Self.partialMark)")
  }

  private func isThere(_ place: FilePath, _ size: Int64, _ sha256: Digest256) throws -> Bool {
    guard let status = try Files.status(place) else { return false }
    guard status.kind == .file else {
      throw JobError(
        .cannotCreate,
        "\(place): this is no plain file, and is not written over",
        remedy: "See what it is, and remove it; then run it again."
      )
    }
    return status.size == size ? try ExchangeScan.digest(of: place).sha256 == sha256 : false
  }

  /// Where a file goes; the folders above it are made, and are no links.
  private func place(of path: TreePath) throws -> FilePath {
    var folder = try Files.resolvingLinks(root)
    for part in path.parts.dropLast() {
      folder = folder.appending(String(part))
      guard let status = try Files.status(folder) else {
        try Files.makeFolder(folder, permissions: 0o775)
        continue
      }
      guard status.kind == .folder else {
        throw JobError(
          .cannotCreate,
          "\(folder): this is no folder, and nothing is written below it",
          remedy: "See what it is, and remove it; then run it again."
        )
      }
    }
    return folder.appending(String(path.name))
  }
}
