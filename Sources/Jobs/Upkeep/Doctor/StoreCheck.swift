import ContentStore
import FileSystem
import Glibc
import JobCore
import MirrorTypes
import SystemPackage

/// Whether the store can be opened, whose it is, and whether what is published is there.
struct StoreCheck: DoctorCheck {
  func findings(in patient: Patient) -> [Finding] {
    guard let store = patient.store else { return [Self.failure(patient)] }
    return [.ok("store.catalogue", "the store \(patient.folder) opens")]
      + patient.found("store.owner") { try Self.owner(patient) }
      + patient.found("store.lock") { try Self.lock(patient) }
      + patient.found("store.current") { try Self.current(store, patient) }
  }

  private static func failure(_ patient: Patient) -> Finding {
    let failure = patient.storeFailure ?? JobError(.badStore, "\(patient.folder) cannot be opened")
    guard failure.status == .notThere else { return .error("store.catalogue", failure) }
    let next = patient.isConnected ? "Run 'kscmirror sync'." : "Run 'kscmirror trust add', then 'kscmirror import'."
    return .error("store.catalogue", failure.message, remedy: next)
  }

  private static func owner(_ patient: Patient) throws -> [Finding] {
    let place = try Files.resolvingLinks(patient.folder)
    guard let owner = try Files.status(place)?.owner else { return [] }
    guard owner == geteuid() else {
      let name = SystemUser.name(of: owner)
      return [
        .warning(
          "store.owner",
          "\(patient.folder) belongs to user \(name), and this is user \(SystemUser.name(of: geteuid()))",
          remedy: "Always run kscmirror as the same user: 'sudo -u \(name) kscmirror …'."
        )
      ]
    }
    if let foreign = try Self.foreign(below: place, owner) { return [foreign] }
    guard access(place.string, W_OK) == 0 else {
      return [
        .error(
          "store.owner",
          "\(patient.folder) cannot be written to",
          remedy: "Look at its permissions, and how it is mounted."
        )
      ]
    }
    return [.ok("store.owner", "\(patient.folder) belongs to this user and can be written to")]
  }

  /// What lies in the store and belongs to somebody else, as after one run as root: down to the second level, where all
  /// that is rewritten lies.
  private static func foreign(below place: FilePath, _ owner: UInt32) throws -> Finding? {
    var found: [(path: FilePath, owner: UInt32)] = []
    func look(_ folder: FilePath, deeper: Bool) throws {
      for entry in try Files.entries(of: folder, atMost: 10_000) {
        let path = folder.appending(entry.name)
        guard let status = try Files.status(path) else { continue }
        if status.owner != owner, entry.name != "lost+found" { found.append((path, status.owner)) }
        // What only others may read is named by its own folder.
        if deeper, status.kind == .folder, access(path.string, R_OK | X_OK) == 0 { try look(path, deeper: false) }
      }
    }
    try look(place, deeper: true)
    guard let first = found.first else { return nil }
    return .error(
      "store.owner",
      "\(first.path)\(Words.more(than: 1, of: found.count)) belongs to user \(SystemUser.name(of: first.owner)), and the store to \(SystemUser.name(of: owner))",
      remedy:
        "As root, run 'chown -R --no-dereference \(SystemUser.name(of: owner)) \(place)', and always run kscmirror as that user."
    )
  }

  /// The lock dies with its process; on a network file system it may outlive the host that held it.
  private static func lock(_ patient: Patient) throws -> [Finding] {
    let file = StoreMap(try Files.resolvingLinks(patient.folder))[.lock]
    guard let status = try Files.status(file), KernelLock.all().contains(where: { $0.inode == status.inode }) else {
      return [try otherHost(file) ?? .ok("store.lock", "no run holds the store")]
    }
    guard let holder = FileLock.holder(of: file), kill(pid_t(clamping: holder.process), 0) != 0, errno == ESRCH else {
      return [.ok("store.lock", "a run that is alive holds the store")]
    }
    return [
      .error(
        "store.lock",
        "\(file) is held, and process \(holder.process), which took it, is not on this host",
        remedy: "Only one host may use a store: if another one has it mounted, stop kscmirror there."
      )
    ]
  }

  /// On a network file system another host may hold the lock, which this kernel does not show. Asked only there: for the
  /// moment of the question, a run that begins would find the store busy.
  private static func otherHost(_ file: FilePath) throws -> Finding? {
    guard try FileLock.isOnNetwork(file), FileLock.isHeldElsewhere(file) else { return nil }
    return .error(
      "store.lock",
      "\(file) is held by another host",
      remedy: "Only one host may use a store: stop kscmirror on the other host that has it mounted."
    )
  }

  private static func current(_ store: ContentStore, _ patient: Patient) throws -> [Finding] {
    let link = StoreMap(try Files.resolvingLinks(patient.folder))[.current]
    guard let target = try Files.linkTarget(link) else {
      return [
        .warning(
          "store.current",
          "nothing is published yet",
          remedy: patient.isConnected ? "Run 'kscmirror sync'." : "Run 'kscmirror import'."
        )
      ]
    }
    guard let release = try store.current(),
      try Files.status(link.removingLastComponent().pushing(FilePath(target)))?.kind == .folder
    else {
      return [
        .error(
          "store.current",
          "\(link) leads to \(target), where no release is",
          remedy: "Publish another snapshot with 'kscmirror rollback', or import or sync again."
        )
      ]
    }
    return [.ok("store.current", "snapshot \(release.number) is published")]
  }
}
