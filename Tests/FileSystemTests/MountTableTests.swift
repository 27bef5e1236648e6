import SystemPackage
import Testing

@testable import FileSystem

@Suite struct MountTableTests {
  private static let list = """
    22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
    23 22 0:21 / /proc rw - proc proc rw
    24 22 0:22 / /mnt/wsl rw - tmpfs none rw
    30 22 8:17 / /media/maria/MY\\040STICK rw,nosuid - vfat /dev/sdb1 rw
    31 22 8:33 / /run/media/ivan/\\320\\272 rw master:2 shared:3 - exfat /dev/sdc1 rw
    32 22 8:49 / /home/usb rw - ntfs3 /dev/sdd1 rw
    33 22 8:50 / /srv rw - xfs /dev/sde1 rw
    34 22 0:50 / /mnt rw - nfs4 server:/export rw
    35 22 0:51 / /mnt rw - fuse.ntfs-3g /dev/sdf1 rw
    nonsense
    36 22 8:51 / /media/short
    """

  @Test func `places have their own names, and lines that are none are ignored`() {
    let table = MountTable(parsing: Array(Self.list.utf8))
    #expect(table.mounts.count == 9)
    #expect(
      table.mounts[3]
        == .init(device: "8:17", root: "/", place: "/media/maria/MY STICK", kind: "vfat", source: "/dev/sdb1")
    )
    #expect(table.mounts[4].place == "/run/media/ivan/к" && table.mounts[4].kind == "exfat")
    #expect(MountTable(parsing: []).mounts.isEmpty)
  }

  @Test func `media are what lies in the usual places or can be removed, each place once`() {
    let table = MountTable(parsing: Array(Self.list.utf8))
    #expect(
      table.media { $0 == "8:49" || $0 == "8:1" } == [
        "/media/maria/MY STICK", "/run/media/ivan/к", "/home/usb", "/mnt",
      ]
    )
  }

  @Test func `this system has a table`() {
    #expect(MountTable.current().mounts.contains { $0.place == "/" })
    #expect(!MountTable.isRemovable("nonsense"))
  }
}
