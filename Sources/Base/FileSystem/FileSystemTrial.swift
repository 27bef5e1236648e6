import CLinux
import Glibc
import SystemPackage

/// What a store needs of its file system and this one does not have, as was seen by trying.
package struct FileSystemLack: Hashable, Sendable {
  /// What was tried, in the order in which it is.
  package enum Need: CaseIterable, Hashable, Sendable {
    /// A file under a second name: a release is made of them.
    case hardLinks
    /// A name that leads to another: `current` is one.
    case symbolicLinks
    /// A name that takes another one's place: so a release is published.
    case replacing
    /// Files that nobody may write to.
    case permissions
    /// One writer at a time.
    case locks
    /// Memory that processes share, which SQLite needs.
    case sharedMemory

    /// In words.
    package var words: String {
      switch self {
      case .hardLinks: "hard links"
      case .symbolicLinks: "symbolic links"
      case .replacing: "renaming over a name that is there"
      case .permissions: "permissions of files"
      case .locks: "file locks"
      case .sharedMemory: "shared memory of files"
      }
    }
  }

  /// What does not work.
  package let need: Need
  /// How it failed.
  package let cause: FileError
  /// The type of the file system, as the kernel lists it among its mounts: "exfat", "fuseblk"; empty if it is not known.
  package let kind: String
}

extension FileSystemLack {
  /// Tries everything in a folder of its own, which is removed afterwards.
  ///
  /// - Parameters:
  ///   - folder: a folder that is there and may be written to.
  ///   - attempt: how one need is tried in an empty folder.
  /// - Returns: the first that does not work; `nil` where all do.
  /// - Throws: ``FileError`` where nothing could be learned: a full disk, or a folder that may not be written to.
  package static func found(
    in folder: FilePath,
    by attempt: (Need, FilePath) throws(FileError) -> Void = FileSystemTrial.attempt
  ) throws(FileError) -> FileSystemLack? {
    let place = folder.appending(DraftName.random())
    try Files.makeFolder(place, permissions: 0o700)
    defer { try? Files.removeTree(place) }
    for need in Need.allCases {
      do throws(FileError) {
        let own = place.appending("\(need)")
        try Files.makeFolder(own, permissions: 0o700)
        try attempt(need, own)
      } catch {
        if error.isOutOfSpace || error.isDeviceFailure { throw error }
        return FileSystemLack(need: need, cause: error, kind: MountTable.current().kind(at: folder) ?? "")
      }
    }
    return nil
  }
}

/// How what a store needs of a file system is tried.
package enum FileSystemTrial {
  /// Tries one need in an empty folder.
  package static func attempt(_ need: FileSystemLack.Need, in folder: FilePath) throws(FileError) {
    let (one, other) = (folder.appending("one"), folder.appending("other"))
    switch need {
    case .hardLinks:
      try Files.replace(one, with: [])
      try Files.link(one, to: other)
      guard try Files.status(other)?.links == 2 else { throw FileError("link", other, .notSupported) }
    case .symbolicLinks:
      try Files.makeLink(one, to: "nowhere")
      guard try Files.linkTarget(one) == "nowhere" else { throw FileError("make the link", one, .notSupported) }
    case .replacing:
      try Files.makeLink(one, to: "new")
      try Files.makeLink(other, to: "old")
      try Files.rename(one, to: other)
      guard try Files.linkTarget(other) == "new" else { throw FileError("rename to", other, .notSupported) }
    case .permissions:
      try Files.replace(one, with: [])
      guard chmod(one.string, 0o444) == 0 else { throw .current("make read-only", one) }
    case .locks:
      guard let lock = try FileLock.take(one) else { throw FileError("lock", one, .notSupported) }
      withExtendedLifetime(lock) {}
    case .sharedMemory:
      try shareMemory(one)
    }
  }

  /// As much as SQLite maps at once.
  private static let size = 32 << 10

  private static func shareMemory(_ path: FilePath) throws(FileError) {
    let raw = open(path.string, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard raw >= 0 else { throw .current("create", path) }
    defer { close(raw) }
    guard ftruncate(raw, off_t(size)) == 0 else { throw .current("write", path) }
    guard let start = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, raw, 0), start != MAP_FAILED else {
      throw .current("share the memory of", path)
    }
    defer { munmap(start, size) }
    guard MappedMemory.back(start, count: size) else { throw FileError("write", path, .noSpace) }
  }
}

extension MountTable {
  /// The type of the file system that holds a path; `nil` if the list does not say.
  package func kind(at path: FilePath) -> String? {
    guard let resolved = try? Files.resolvingLinks(path) else { return nil }
    // The last of the longest: what was mounted last at a place hides the others.
    let holding = mounts.filter { resolved.starts(with: $0.place) }
    let longest = holding.map(\.place.components.count).max()
    return holding.last { $0.place.components.count == longest }?.kind
  }
}
