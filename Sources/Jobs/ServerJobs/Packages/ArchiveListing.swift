import CLibarchive
import Confinement
import FileSystem
import SystemPackage

/// The names in an archive of somebody else's: zip, cab, tar, or tar packed by gzip. Nothing is unpacked to anywhere.
///
/// The archive may be hostile: a confined process looks into it, and how many names are read, how long they are and how
/// much is unpacked on the way is bounded, so that a bomb costs a moment. Names are for looking at; none becomes a path.
struct ArchiveListing: Sendable {
  /// What is read at the most.
  struct Limits: Sendable {
    /// Entries.
    var entries = 20_000
    /// Bytes of one name; a longer one is left out.
    var nameBytes = 1024
    /// Bytes that are unpacked on the way.
    var unpackedBytes: Int64 = 256 << 20

    /// The defaults.
    init() {}
  }

  /// The names of files, as they are in the archive.
  private(set) var names: [String] = []
  /// Whether these are all: no bound was met, and the archive was not damaged on the way.
  private(set) var isWhole = false

  /// Looks into a file.
  ///
  /// - Returns: `nil` where it is no such archive, or cannot be read.
  init?(of path: FilePath, limits: Limits = Limits()) {
    do {
      let file = try InputFile(path)
      let process = try ConfinedProcess(list_names, reading: file.descriptor)
      try take(from: process, limits)
    } catch {
      // The process has told that it is none, or has ended before its first name.
      if names.isEmpty { return nil }
    }
  }

  private mutating func take(from process: ConfinedProcess, _ limits: Limits) throws {
    let bounds = [UInt64(limits.entries), UInt64(limits.nameBytes), UInt64(limits.unpackedBytes)]
    guard try process.sendAll(bounds) else { return try process.finish() }
    var length: [UInt32] = [0]
    while try process.receiveAll(into: &length) {
      // A process that tells more than it was asked for is not what was started.
      guard names.count < limits.entries, length[0] <= limits.nameBytes else { return process.stop() }
      var name = [UInt8](repeating: 0, count: Int(length[0]))
      guard try process.receiveAll(into: &name) else { break }
      names.append(String(decoding: name, as: UTF8.self))
    }
    do throws(ConfinementError) {
      try process.finish()
      isWhole = true
    } catch {
      guard error == .failed(status: Int32(listing_is_a_part)) else { throw error }
    }
  }
}
