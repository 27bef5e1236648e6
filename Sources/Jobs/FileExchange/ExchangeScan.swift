import FileSystem
import JobCore
import MirrorTypes
import SystemPackage
import Trust

/// The plain files of an exchange folder, at any depth. Links, devices and hidden files are skipped and counted.
struct ExchangeScan {
  /// A file.
  struct File: Sendable, Hashable {
    let path: TreePath
    let size: Int64
    let sha256: Digest256
    /// Where it lies.
    let place: Place
  }

  private(set) var files: [File] = []
  private(set) var skipped = 0
  /// Names that no path may have: the first of them.
  private(set) var refused: [String] = []
  /// How many there are; they are among those that are skipped.
  private(set) var refusedCount = 0
  /// Files and folders that cannot be read, with the reason: the first of them.
  private(set) var unreadable: [FileError] = []
  private(set) var unreadableCount = 0

  private static let deepest = 16
  private static let mostRefused = 100

  /// How many bytes may still come.
  private var room: Int64

  /// Reads the folder that the configuration names.
  ///
  /// - Parameter limit: the most bytes that its files may have together: they are added up before any is read, since a
  ///   file with holes has any length.
  /// - Throws: an error with ``ExitStatus/notThere`` when it is not there, and with ``ExitStatus/usage`` when it is too
  ///   large.
  init(_ folder: FilePath, atMost limit: Int64) throws { try self.init(try Self.open(folder), atMost: limit) }

  /// Reads a folder that is open, likewise.
  init(_ folder: Place, atMost limit: Int64) throws {
    room = limit
    try read(folder, below: "", depth: 0)
    files.sort { $0.path < $1.path }
  }

  /// Opens the folder that the configuration names.
  ///
  /// - Throws: an error with ``ExitStatus/notThere`` when it is not there.
  static func open(_ folder: FilePath) throws -> Place {
    guard let opened = try OpenFolder.ifFolder(folder) else {
      throw JobError(.notThere, "\(folder) is not a folder", remedy: "Make it, or name another one in [[exchange]].")
    }
    return opened.place
  }

  private mutating func read(_ folder: Place, below prefix: String, depth: Int) throws {
    for entry in try folder.entries(atMost: ParcelContents.maximumFiles + 1) {
      let place = folder.appending(entry)
      // Of a name with a dot others may still be writing what it stands for.
      guard !entry.name.hasBytePrefix(".") else {
        skipped += 1
        continue
      }
      guard entry.name.utf8.elementsEqual(entry.bytes), let path = try? TreePath(new: prefix + entry.name) else {
        skipped += 1
        refusedCount += 1
        if refused.count < Self.mostRefused { refused.append(ShownText.quoted(entry.name)) }
        continue
      }
      do {
        let status = try place.status()
        switch status?.kind {
        case .folder where depth < Self.deepest:
          try read(place, below: prefix + entry.name + "/", depth: depth + 1)
        case .file: try read(place, path, size: status?.size ?? 0)
        default: skipped += 1
        }
      } catch let error as FileError {
        // What is wrong with one file, or is kept by somebody for himself, is no reason to keep the rest waiting.
        unreadableCount += 1
        if unreadable.count < Self.mostRefused { unreadable.append(error) }
      }
    }
  }

  private mutating func read(_ place: Place, _ path: TreePath, size: Int64) throws {
    guard files.count < ParcelContents.maximumFiles else {
      throw JobError(
        .usage,
        "\(place.parent): more than \(ParcelContents.maximumFiles) files",
        remedy: "Carry them in several folders."
      )
    }
    guard size <= room else {
      throw JobError(
        .usage,
        "\(place): with it the exchange folder holds more bytes than are sent",
        remedy: "Take it out, or set 'largest_parcel' in the configuration of both sides."
      )
    }
    let digest = try Self.digest(of: place, atMost: room)
    room -= digest.size
    files.append(File(path: path, size: digest.size, sha256: digest.sha256, place: place))
  }

  /// The size of a file, and its SHA-256.
  ///
  /// - Parameter limit: the most bytes that it may have: somebody else's file with holes has any length.
  static func digest(of place: Place, atMost limit: Int64) throws -> (size: Int64, sha256: Digest256) {
    let (digest, size) = try FileDigest.of(place, atMost: limit)
    return (size, digest)
  }
}
