import Foundation
import SystemPackage
import TestSupport

/// Something that is mounted until this object goes. Needs root.
final class Mount {
  let path: FilePath

  private init(_ arguments: [String], at path: FilePath) throws {
    self.path = path
    try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
    try Command.run("mount", arguments + [path.string])
  }

  deinit { unmount() }

  func unmount() { _ = try? Command.run("umount", ["-l", path.string]) }

  /// A folder at a second place, as containers and shares have it.
  static func bind(_ folder: FilePath, at path: FilePath, readOnly: Bool = false) throws -> Mount {
    let mount = try Mount(["--bind", folder.string], at: path)
    if readOnly { try Command.run("mount", ["-o", "remount,ro,bind", path.string]) }
    return mount
  }

  /// An ext4 file system of its own whose blocks are smaller than pages of memory, as on small disks.
  static func disk(megabytes: Int, image: FilePath, at path: FilePath) throws -> Mount {
    try Command.run("truncate", ["-s", "\(megabytes)M", image.string])
    try Command.run("mkfs.ext4", ["-q", "-m", "0", "-b", "1024", image.string])
    return try Mount(["-o", "loop", image.string], at: path)
  }

  /// Fills its file system but for a number of KiB.
  func fill(leaving kilobytes: Int) throws {
    let ballast = path.appending("ballast").string
    _ = try? Command.run("dd", ["if=/dev/zero", "of=\(ballast)", "bs=64k"])
    _ = try? Command.run("dd", ["if=/dev/zero", "of=\(ballast)", "bs=1k", "oflag=append", "conv=notrunc"])
    if kilobytes > 0 { try Command.run("truncate", ["-s", "-\(kilobytes * 1024)", ballast]) }
    try Command.run("sync", ["-f", path.string])
  }

  func empty() throws { try FileManager.default.removeItem(atPath: path.appending("ballast").string) }

  /// Whether folders and disks can be mounted here.
  static let isPossible: Bool = {
    let folder = TemporaryFolder()
    guard geteuid() == 0, (try? Mount.bind(folder.path, at: folder["bound"])) != nil else { return false }
    return (try? Mount.disk(megabytes: 8, image: folder["image"], at: folder["disk"])) != nil
  }()
  static let absence = "nothing can be mounted here"
}
