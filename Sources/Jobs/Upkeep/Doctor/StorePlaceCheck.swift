import ContentStore
import FileSystem
import Glibc
import SystemPackage

/// Whether the file system below the store has room and hard links.
struct StorePlaceCheck: DoctorCheck {
  /// Below so many bytes nothing works, and below so many inodes it soon does not.
  private static let least: Int64 = 64 << 20
  private static let leastInodes: Int64 = 20_000
  /// What is comfortable in any case.
  private static let comfortable: Int64 = 1 << 30

  func findings(in patient: Patient) -> [Finding] {
    guard patient.store != nil else { return [] }
    return patient.found("store.free-space") { try Self.space(patient) }
      + patient.found("store.hard-links") { try Self.links(patient) }
  }

  private static func space(_ patient: Patient) throws -> [Finding] {
    let space = try FreeSpace(at: patient.folder)
    let newest = try patient.store?.newestWhole()?.totalBytes ?? 0
    let free = "\(space.bytes >> 20) MiB are free below \(patient.folder)"
    let remedy = "Make room there; 'kscmirror prune' removes old snapshots."
    if space.bytes < least { return [.error("store.free-space", "only \(free)", remedy: remedy)] }
    if let inodes = space.inodes, inodes < leastInodes {
      return [.warning("store.free-space", "\(free), but only \(inodes) inodes", remedy: remedy)]
    }
    // A tenth of a snapshot is what a week changes.
    guard space.bytes >= max(comfortable, newest / 10) else {
      return [.warning("store.free-space", "\(free), and a snapshot has \(newest >> 20) MiB", remedy: remedy)]
    }
    return [.ok("store.free-space", free)]
  }

  /// Releases are hard links to objects: both have to be on one file system, and that has to have them.
  private static func links(_ patient: Patient) throws -> [Finding] {
    let root = try Files.resolvingLinks(patient.folder)
    let (objects, releases) = (StoreMap(root)[.objects], StoreMap(root)[.releases])
    guard try Files.status(objects)?.device == Files.status(releases)?.device else {
      return [
        .error(
          "store.hard-links",
          "\(objects) and \(releases) are on different file systems, between which there are no hard links",
          remedy: "Keep the store on one file system."
        )
      ]
    }
    guard access(StoreMap(root)[.partial].string, W_OK) == 0 else { return [] }
    // What lies in these folders under a foreign name is removed by the next writer, should this run be killed.
    let file = StoreMap(root)[.partial].appending("doctor-\(getpid())")
    let link = releases.appending("doctor-\(getpid()).partial")
    defer {
      try? Files.remove(link)
      try? Files.remove(file)
    }
    do throws(FileError) {
      try Files.replace(file, with: [])
      try Files.link(file, to: link)
      guard try Files.status(link)?.links == 2 else { throw FileError("link", link, .notSupported) }
    } catch {
      // A writer that began just now has tidied up: that says nothing of links.
      guard error.reason != .noSuchFileOrDirectory else { return [] }
      return [
        .error(
          "store.hard-links",
          "there are no hard links below \(patient.folder): \(error)",
          remedy: "Keep the store on a file system that has them, such as ext4, XFS or btrfs."
        )
      ]
    }
    return [.ok("store.hard-links", "hard links work below \(patient.folder)")]
  }
}
