import FileSystem
import Glibc
import JobCore
import SystemPackage

/// A document while it is written: a file that its owner alone can read, and that goes away.
final class PrivateDraft {
  let path: FilePath
  private var file: OutputFile

  /// A draft in a folder, which is made if need be.
  init(in folder: FilePath, _ randomness: Randomness) throws {
    let path = folder.appending("draft-\(getpid())-\(UInt32(truncatingIfNeeded: randomness.next())).part")
    self.path = path
    do throws(FileError) {
      try Files.makeFolder(folder, permissions: 0o700)
      try Self.removeLeftovers(in: folder)
      file = try OutputFile(path, permissions: 0o600)
    } catch {
      throw error
    }
  }

  deinit { try? Files.remove(path) }

  /// Removes what killed runs have left: drafts of processes that are no more.
  private static func removeLeftovers(in folder: FilePath) throws(FileError) {
    for entry in try Files.entries(of: folder) where entry.name.hasPrefix("draft-") {
      let parts = entry.name.split(separator: "-")
      guard parts.count == 3, let process = Int32(parts[1]), kill(process, 0) != 0, errno == ESRCH else { continue }
      try Files.remove(folder.appending(entry.name))
    }
  }

  func write(_ bytes: [UInt8]) throws(FileError) { try file.write(bytes) }

  func finish() throws { try file.close() }

  /// Reads all of it, in pieces.
  func read(_ body: ([UInt8]) throws -> Void) throws {
    let input = try InputFile(path)
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = try input.read(into: &buffer)
      if count == 0 { return }
      try body(Array(buffer[..<count]))
    }
  }
}
