import Glibc

/// What a file system by FUSE (NTFS by ntfs-3g, exFAT by exfat-fuse) lies on: its daemon reads that through the kernel's
/// memory, so that the kernel has to forget it there too. Where that cannot be done, nothing is lost but certainty.
enum BackingDevice {
  /// Has the kernel write and forget what it holds of the device below a file system.
  static func forget(of device: dev_t) {
    guard let source = source(of: device) else { return }
    var record = stat()
    // Nothing but a device with blocks, or an image of one, is opened: to open others may have effects.
    guard lstat(source, &record) == 0, isStorage(record.st_mode) else { return }
    let raw = open(source, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard raw >= 0 else { return }
    defer { Glibc.close(raw) }
    fsync(raw)
    _ = posix_fadvise(raw, 0, 0, POSIX_FADV_DONTNEED)
  }

  private static func isStorage(_ mode: mode_t) -> Bool { [S_IFBLK, S_IFREG].contains(mode & S_IFMT) }

  /// The path of the device, or image, that a file system by FUSE was mounted from.
  private static func source(of device: dev_t) -> String? {
    let number = "\(major(device)):\(minor(device))"
    return MountTable.current().mounts
      .first { $0.device == number && $0.kind.hasPrefix("fuse") && $0.source.hasPrefix("/") }?.source
  }

  private static func major(_ device: dev_t) -> UInt64 { UInt64((device >> 8) & 0xFFF | (device >> 32) & ~0xFFF) }

  private static func minor(_ device: dev_t) -> UInt64 { UInt64(device & 0xFF | (device >> 12) & ~0xFF) }
}
