import FileSystem
import JobCore
import MirrorTypes
import Parcels
import StoreTrust
import SystemPackage
import Trust

/// Writes files below a folder, each by one rename. Nothing is written through a link, nor over a folder.
struct ExchangeWriting {
  let root: Place

  private static let permissions: UInt32 = 0o664
  private static let folderPermissions: UInt32 = 0o775

  /// Sees that there is room for what has come.
  func refuseWithoutRoom(for files: [ParcelFile]) throws {
    try make(root)
    let needed = files.totalBytes { $0.size }
    let free = try root.freeSpace().bytes
    guard needed > free else { return }
    throw JobError(
      .noSpace,
      "\(root): the collected files need \(needed) bytes, and \(free) are free",
      remedy: "Make room there, and run it again; nothing was put into place."
    )
  }

  /// The files of a parcel, in a folder of their own that nobody else reads, until all of it is verified.
  final class Drafts {
    private let folder: DraftFolder
    private var files: [(draft: Place, place: Place)] = []

    fileprivate init(below root: Place) throws { folder = try DraftFolder(in: root) }

    fileprivate func next(for place: Place) -> Place {
      let draft = folder.place.appending("\(files.count)")
      files.append((draft, place))
      return draft
    }

    /// Gives all files their names, when all of the parcel is verified and on the disk.
    func putIntoPlace() throws {
      for (draft, place) in files { try draft.rename(to: place) }
      files = []
    }
  }

  func drafts() throws -> Drafts { try Drafts(below: root) }

  /// Writes a file of a parcel, not into its place yet. One that is there as it should be is left.
  func write(_ path: TreePath, _ file: ParcelFile, _ read: ParcelReader.Reading, to drafts: Drafts) throws {
    let place = try place(of: path)
    if try isThere(place, file.size, file.sha256) { return }
    var output = try OutputFile(drafts.next(for: place), permissions: Self.permissions)
    try read { try output.write($0) }
    try output.sync()
    try output.close()
  }

  /// Copies a small file.
  func copy(_ source: Place, as path: TreePath, sha256: Digest256) throws {
    let place = try place(of: path)
    let input = try InputFile(source)
    if try isThere(place, input.size, sha256) { return }
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    var draft = try Draft(for: place, permissions: Self.permissions)
    while true {
      let count = try input.read(into: &buffer)
      if count == 0 { break }
      try draft.file.write(Array(buffer[..<count]))
    }
    try draft.keep()
  }

  private func isThere(_ place: Place, _ size: Int64, _ sha256: Digest256) throws -> Bool {
    guard let status = try place.status() else { return false }
    guard status.kind == .file else {
      throw JobError(
        .cannotCreate,
        "\(place): this is not a regular file, and is not overwritten",
        remedy: "See what it is, and remove it; then run it again."
      )
    }
    return status.size == size ? try ExchangeScan.digest(of: place, atMost: size).sha256 == sha256 : false
  }

  /// Where a file goes; the folders above it are made, and are no links.
  private func place(of path: TreePath) throws -> Place {
    let place = root.pushing(path.string)
    try make(place.parent)
    return place
  }

  private func make(_ folder: Place) throws {
    do throws(FileError) {
      try folder.makeFolder(permissions: Self.folderPermissions)
    } catch {
      guard error.reason == .tooManySymbolicLinkLevels || error.reason == .notDirectory else { throw error }
      let what = error.reason == .notDirectory ? "not a folder" : "not a folder, but a link"
      throw JobError(
        .cannotCreate,
        "\(error.path): this is \(what), and nothing is written below it",
        remedy: "See what it is, and who made it; remove it, and run it again."
      )
    }
  }
}
