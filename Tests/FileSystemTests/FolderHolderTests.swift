import Glibc
import SystemPackage
import Testing

@testable import FileSystem

/// Who holds a folder by something else than its name.
@Suite struct FolderHolderTests {
  private static let own = """
    22 1 8:1 / / rw - ext4 /dev/sda1 rw
    23 22 8:17 /@data /srv rw - btrfs /dev/sdb1 rw
    24 22 8:17 /@data/store/releases/3/updates /var/www/up rw - btrfs /dev/sdb1 rw
    25 22 8:17 /@data/store /mnt/store rw - btrfs /dev/sdb1 rw
    26 22 8:17 /@data/store/releases /mnt/releases rw - btrfs /dev/sdb1 rw
    27 22 8:1 /@data/store/releases/4 /mnt/other-disk rw - ext4 /dev/sda1 rw
    28 22 8:17 /@data/store/releases-old/5 /mnt/other-folder rw - btrfs /dev/sdb1 rw
    """
  private static let container = """
    90 80 0:40 / / rw - overlay overlay rw
    91 90 8:17 /@data/store/releases/2 /usr/share/nginx/html ro - btrfs /dev/sdb1 rw
    92 90 8:17 /@data/store/releases/3/updates /var/www/up ro - btrfs /dev/sdb1 rw
    """

  private func holder(_ process: Int) -> LockHolder { LockHolder(process: process) }

  @Test func `mounts of what is below count, here and in containers, each place once, and working folders`() {
    var places = ProcessPlaces(own: MountTable(parsing: Array(Self.own.utf8)))
    places.others = [4711: MountTable(parsing: Array(Self.container.utf8))]
    places.workingFolders = [
      12: "/srv/store/releases/1/updates", 13: "/srv/store/releases", 14: "/srv/store/releases-old/1", 15: "/",
    ]
    #expect(
      places.holders(below: "/srv/store/releases") == [
        FolderHolder(inner: "3/updates", way: .mount("/var/www/up"), process: nil),
        FolderHolder(inner: "2", way: .mount("/usr/share/nginx/html"), process: holder(4711)),
        FolderHolder(inner: "1/updates", way: .workingFolder, process: holder(12)),
      ]
    )
    #expect(places.holders(below: "/srv/store/objects").isEmpty)
    #expect(ProcessPlaces(own: MountTable(parsing: [])).holders(below: "/srv/store/releases").isEmpty)
  }

  @Test func `it is said how something is held`() {
    let mine = FolderHolder(inner: "1", way: .mount("/var/www"), process: nil)
    #expect("release 1 \(mine)" == "release 1 is mounted at /var/www")
    let process = holder(Int(getpid()))
    let other = FolderHolder(inner: "1", way: .mount("/html"), process: process)
    #expect("\(other)" == "is mounted at /html for \(process)")
    let working = FolderHolder(inner: "1", way: .workingFolder, process: process)
    #expect("\(working)" == "is the working folder of \(process)")
  }

  @Test func `this process is seen where it works`() {
    let places = ProcessPlaces.now()
    #expect(places.workingFolders[Int(getpid())] != nil && !places.own.mounts.isEmpty)
  }
}
