import SystemPackage

/// The file systems that this process sees, as proc_pid_mountinfo(5) lists them.
package struct MountTable: Hashable, Sendable {
  /// One file system at one place.
  package struct Mount: Hashable, Sendable {
    /// The numbers of the device, as `8:17`.
    package let device: String
    /// Which folder of the file system is mounted: `/`, or another one for a part of it (a bind mount, a subvolume).
    package let root: FilePath
    /// Where it is mounted.
    package let place: FilePath
    /// Its kind: `vfat`, `ext4`, `fuse.ntfs-3g`.
    package let kind: String
    /// What it was mounted from: mostly the path of a device.
    package let source: String
  }

  /// All of them, in the order of the list: of two at one place, the later one lies over the other.
  package let mounts: [Mount]

  private static let largestList = 16 << 20

  /// Reads the list that the kernel gives now; empty where it gives none.
  package static func current() -> MountTable { of("self") }

  /// Reads the list that a process sees; empty where it may not be read.
  ///
  /// - Parameter process: its number, or `self`.
  static func of(_ process: String) -> MountTable {
    MountTable(parsing: (try? Files.read(FilePath("/proc/\(process)/mountinfo"), atMost: largestList)) ?? [])
  }

  /// Reads a list. Lines that are not as expected are passed over.
  package init(parsing text: [UInt8]) {
    mounts = text.split(separator: UInt8(ascii: "\n")).compactMap { line in
      // 36 35 98:0 / /mnt rw,noatime master:1 - ext3 /dev/root rw
      let words = line.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
      guard words.count > 6, let dash = words.firstIndex(of: "-"), dash >= 6, words.count > dash + 2 else { return nil }
      return Mount(
        device: words[2],
        root: FilePath(Self.unescaped(words[3])),
        place: FilePath(Self.unescaped(words[4])),
        kind: words[dash + 1],
        source: Self.unescaped(words[dash + 2])
      )
    }
  }

  /// Spaces and the like are written as `\040`.
  private static func unescaped(_ text: String) -> String {
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

extension MountTable {
  /// Below which folders media are mounted, by systems or by people.
  package static let usualPlaces: [FilePath] = ["/media", "/mnt", "/run/media"]
  /// What no medium has: file systems of the kernel's own.
  private static let kindsOfKernel: Set<String> = [
    "proc", "sysfs", "tmpfs", "devtmpfs", "devpts", "cgroup", "cgroup2", "overlay", "mqueue", "debugfs", "tracefs",
    "securityfs", "pstore", "bpf", "configfs", "fusectl", "hugetlbfs", "autofs", "binfmt_misc", "rpc_pipefs", "nsfs",
    "efivarfs", "squashfs", "ramfs",
  ]

  /// The places where a medium may be mounted: below the usual folders, or of a device that can be removed.
  ///
  /// - Parameter isRemovable: whether a device, by its numbers, can be removed.
  /// - Returns: each place once, in the order of the list.
  package func media(isRemovable: (String) -> Bool = MountTable.isRemovable) -> [FilePath] {
    var places: [FilePath] = []
    for mount in mounts where !Self.kindsOfKernel.contains(mount.kind) {
      let isUsual = Self.usualPlaces.contains { mount.place.starts(with: $0) }
      guard isUsual || (mount.place != "/" && isRemovable(mount.device)), !places.contains(mount.place) else {
        continue
      }
      places.append(mount.place)
    }
    return places
  }

  /// Whether the kernel says of a device, or of the disk that it is a part of, that it can be removed.
  package static func isRemovable(_ device: String) -> Bool {
    let folder = FilePath("/sys/dev/block").appending(device)
    return ["removable", "../removable"].contains { name in
      let path = folder.pushing(FilePath(name))
      return (try? Files.read(path, atMost: 16))?.first == UInt8(ascii: "1")
    }
  }
}
