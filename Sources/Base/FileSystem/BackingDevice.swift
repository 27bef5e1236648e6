import Glibc
import SystemPackage

/// What a file system by FUSE (NTFS by ntfs-3g, exFAT by exfat-fuse) lies on: its daemon reads that through the kernel's
/// memory, so that the kernel has to forget it there too. Where that cannot be done, nothing is lost but certainty.
enum BackingDevice {
  private static let mounts: FilePath = "/proc/self/mountinfo"
  private static let largestList = 16 << 20

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
    guard let text = try? Files.read(mounts, atMost: largestList) else { return nil }
    for line in text.split(separator: UInt8(ascii: "\n")) {
      // 36 35 98:0 / /mnt rw,noatime master:1 - ext3 /dev/root rw
      let words = line.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
      guard words.count > 6, words[2] == number, let dash = words.firstIndex(of: "-"), words.count > dash + 2,
        words[dash + 1].hasPrefix("fuse"), words[dash + 2].hasPrefix("/")
      else { continue }
      return unescaped(words[dash + 2])
    }
    return nil
  }

  private static func major(_ device: dev_t) -> UInt64 { UInt64((device >> 8) & 0xFFF | (device >> 32) & ~0xFFF) }

  private static func minor(_ device: dev_t) -> UInt64 { UInt64(device & 0xFF | (device >> 12) & ~0xFF) }

  /// Spaces and the like are written as `\040`.
  static func unescaped(_ text: String) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      let digits = rest.prefix(3)
      if byte == UInt8(ascii: "\\"), digits.count == 3,
        let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
      {
        bytes.append(value)
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
