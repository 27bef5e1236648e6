import Foundation
import SystemPackage
import TestSupport

/// A file system in memory that is soon full. Needs root.
struct SmallFileSystem {
  private let path: FilePath

  init(at path: FilePath, kilobytes: Int) throws {
    self.path = path
    try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
    try Command.run("mount", ["-t", "tmpfs", "-o", "size=\(kilobytes)k", "tmpfs", path.string])
  }

  func grow(toKilobytes kilobytes: Int) {
    _ = try? Command.run("mount", ["-o", "remount,size=\(kilobytes)k", path.string])
  }

  func unmount() { _ = try? Command.run("umount", ["-l", path.string]) }
}
