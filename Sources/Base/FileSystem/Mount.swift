import Glibc
import SystemPackage

/// A mounted file system, as the kernel lists it.
package struct Mount: Sendable, Hashable {
  /// Its kind, such as `ext4`, `vfat` or `fuseblk`.
  package let kind: String
  /// What is mounted: mostly a device.
  package let source: String
  /// Where it is mounted.
  package let point: FilePath

  private static let list: FilePath = "/proc/self/mountinfo"
  private static let largestList = 8 << 20

  /// The file system that a folder without links in its path lies on; `nil` where the kernel does not say.
  package static func of(_ resolved: FilePath) -> Mount? {
    guard let bytes = try? Files.read(list, atMost: largestList) else { return nil }
    var best: Mount?
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      guard let mount = Mount(line: Array(line)), resolved.starts(with: mount.point) else { continue }
      // Of several on one folder the last one is seen.
      if mount.point.components.count >= best?.point.components.count ?? 0 { best = mount }
    }
    return best
  }

  /// Reads `36 35 98:0 / /mnt rw,noatime master:1 - ext3 /dev/root rw`.
  init?(line: [UInt8]) {
    let words = line.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
    guard words.count > 6, let dash = words.firstIndex(of: "-"), words.count > dash + 2 else { return nil }
    point = FilePath(BackingDevice.unescaped(words[4]))
    kind = words[dash + 1]
    source = BackingDevice.unescaped(words[dash + 2])
  }

  private static let labels: FilePath = "/dev/disk/by-label"

  /// The label that the file system has, as far as the system knows it.
  package var label: String? {
    guard source.hasPrefix("/"), let device = try? Files.resolvingLinks(FilePath(source)),
      let names = try? Files.entries(of: Self.labels)
    else { return nil }
    let entry = names.first { (try? Files.resolvingLinks(Self.labels.appending($0.name))) == device }
    return entry.map { Self.unescaped($0.name) }
  }

  /// Blanks and the like are written as `\x20`.
  private static func unescaped(_ text: String) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\\"), rest.first == UInt8(ascii: "x"), rest.count >= 3,
        let value = UInt8(String(decoding: rest.dropFirst().prefix(2), as: UTF8.self), radix: 16)
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
