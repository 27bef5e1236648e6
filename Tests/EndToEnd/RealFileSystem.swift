import Foundation
import SystemPackage
import TestSupport

/// A file system of the kind that sticks have, in an image file, mounted by FUSE. Needs root.
final class RealFileSystem {
  enum Kind: String, CaseIterable, Sendable {
    case exfat
    case ntfs
  }

  let kind: Kind
  let path: FilePath
  private let image: FilePath
  private var loop: String?

  init(_ kind: Kind, in folder: TemporaryFolder, megabytes: Int = 64) throws {
    self.kind = kind
    image = folder["\(kind).img"]
    path = try folder.subfolder("mounted-\(kind)")
    try Command.run("truncate", ["-s", "\(megabytes)M", image.string])
    switch kind {
    case .exfat: try Command.run("mkfs.exfat", [image.string])
    case .ntfs: try Command.run("mkfs.ntfs", ["-F", "-Q", image.string])
    }
    try mount()
  }

  deinit { unmount() }

  func mount(readOnly: Bool = false) throws {
    let options = readOnly ? ["-o", "ro"] : []
    switch kind {
    case .exfat:
      loop = try Command.run("losetup", ["-f", "--show", image.string]).trimmingCharacters(in: .whitespacesAndNewlines)
      try Command.run("mount.exfat-fuse", options + [loop ?? "", path.string])
    case .ntfs: try Command.run("ntfs-3g", options + [image.string, path.string])
    }
  }

  func unmount() {
    _ = try? Command.run("umount", [path.string])
    _ = try? Command.run("umount", ["-l", path.string])
    if let loop { _ = try? Command.run("losetup", ["-d", loop]) }
    loop = nil
  }

  /// Makes the file system vanish, as a stick that is pulled: its server dies.
  func pull() { _ = try? Command.run("pkill", ["-KILL", "-f", "(ntfs-3g|exfat-fuse) .*\(path)$"]) }

  /// Checks the unmounted image.
  func check() throws {
    switch kind {
    case .exfat: try Command.run("fsck.exfat", ["-n", image.string])
    case .ntfs: try Command.run("ntfsfix", ["-n", image.string])
    }
  }

  /// The kinds that can be made and mounted here.
  static let possible: [Kind] = Kind.allCases.filter { kind in
    (try? RealFileSystem(kind, in: TemporaryFolder(), megabytes: 16)) != nil
  }
}
