import Catalogue
import ContentStore
import FileSystem
import Glibc
import MirrorTypes
import SystemPackage
import Watching

/// Whether the file system below the store is one for a store, and has room and hard links.
struct StorePlaceCheck: DoctorCheck {
  func findings(in patient: Patient) -> [Finding] {
    guard patient.store != nil else { return patient.found("store.file-system") { try Self.future(patient) } }
    return Self.kind(patient) + patient.found("store.free-space") { try Self.space(patient) }
      + patient.found("store.hard-links") { try Self.links(patient) }
      + patient.found("store.shared-files") { try Self.sharing(patient) }
  }

  /// Where there is no store yet: whether there can be one.
  private static func future(_ patient: Patient) throws -> [Finding] {
    var folder = patient.folder
    while try Files.status(folder) == nil, folder.removeLastComponent() {}
    let isNew = folder != patient.folder
    guard access(folder.string, W_OK) == 0, try isNew || Files.entries(of: folder, atMost: 1).isEmpty,
      let lack = try FileSystemLack.found(in: folder)
    else { return [] }
    return [
      .error(
        "store.file-system",
        "\(StoreError.unfit(patient.folder, lack))",
        remedy: StoreError.fitPlaces
      )
    ]
  }

  /// SQLite's locks and shared memory are made for one host; so is the store.
  private static func kind(_ patient: Patient) -> [Finding] {
    guard let kind = SharedFileSystem.name(at: patient.folder) else { return [] }
    return [
      .warning(
        "store.file-system",
        "\(patient.folder) lies on a file system (\(kind)) that other hosts may use, or that a program serves: locks and shared memory do not always work there",
        remedy:
          "Better keep the store on a disk of this host (ext4, XFS, btrfs). Never let two hosts, or two mounts of it, use one store."
      )
    ]
  }

  private static func space(_ patient: Patient) throws -> [Finding] {
    guard let store = patient.store else { return [] }
    let room = try StoreRoom(of: store, in: patient.folder)
    let text = "below \(patient.folder): \(room.words)"
    return switch room.judgement {
    case .enough: [.ok("store.free-space", text)]
    case .scarce: [.warning("store.free-space", text, remedy: StoreRoom.remedy)]
    case .tooLittle: [.error("store.free-space", text, remedy: StoreRoom.remedy)]
    }
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

  /// How many files of the current release are looked at.
  private static let looked = 200

  /// Whether the files of the current release are the objects themselves: in a copy that was made without hard links each
  /// release takes the room of all its files, and damage in one place is not seen in the other.
  private static func sharing(_ patient: Patient) throws -> [Finding] {
    guard let store = patient.store, let release = try store.current() else { return [] }
    let root = StoreMap(try Files.resolvingLinks(patient.folder))[.releases].appending("\(release.number)")
    let step = max(1, try store.snapshot(release.number).fileCount / looked)
    var (position, seen, apart) = (0, 0, [FilePath]())
    try store.forEachFile(in: release.number) { file in
      defer { position += 1 }
      guard position % step == 0 else { return }
      let path = root.pushing(FilePath(file.path.string))
      guard let published = try Files.status(path), let object = try Files.status(store.path(of: file.object)) else {
        return
      }
      seen += 1
      if published.inode != object.inode || published.device != object.device { apart.append(path) }
    }
    guard let first = apart.first else {
      return seen == 0 ? [] : [.ok("store.shared-files", "releases share their files with the objects")]
    }
    return [
      .warning(
        "store.shared-files",
        "releases do not share their files with the objects: \(first)\(Words.more(than: 1, of: apart.count)) of \(seen) that were looked at is a copy",
        remedy:
          "The store was copied without its hard links. 'kscmirror verify --relink' links the files again; the next copy keeps the links with 'rsync -aH' or 'cp -a'."
      )
    ]
  }
}
