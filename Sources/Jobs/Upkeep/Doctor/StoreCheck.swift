import ContentStore
import FileSystem
import Glibc
import JobCore
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
      return [
        .warning(
          "store.owner",
          "\(patient.folder) belongs to user \(owner), and this is user \(geteuid())",
          remedy: "Always run kscmirror as the same user."
        )
      ]
    }
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

  /// The lock dies with its process; on a network file system it may outlive the host that held it.
  private static func lock(_ patient: Patient) throws -> [Finding] {
    let file = StoreMap(try Files.resolvingLinks(patient.folder))[.lock]
    guard let status = try Files.status(file), KernelLock.all().contains(where: { $0.inode == status.inode }) else {
      return [.ok("store.lock", "no run holds the store")]
    }
    guard let holder = FileLock.holder(of: file), kill(pid_t(clamping: holder.process), 0) != 0, errno == ESRCH else {
      return [.ok("store.lock", "a run that is alive holds the store")]
    }
    return [
      .error(
        "store.lock",
        "\(file) is held, and process \(holder.process), which took it, is not on this host",
        remedy: "A store is one host's: if another one has it mounted, stop kscmirror there."
      )
    ]
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
