import CLinux
import Glibc
import SystemPackage

/// A file or folder below an ``OpenFolder``: its name is bytes, and no link is followed on the way to it, nor at its end.
///
/// Whatever lies in folders of others (sticks, output and exchange folders, reports) is named by this type, and by no path:
/// a path is looked up anew with each call, by names that others can change in between.
package struct Place: Sendable {
  /// The folder that was opened.
  package let folder: OpenFolder
  /// The names below it, outermost first; none for the folder itself.
  let parts: [[UInt8]]
  /// How many of the names are those that the folders have; the ones after them are looked up by ``ignoringCase``.
  let exactCount: Int?

  init(in folder: OpenFolder, _ parts: [[UInt8]] = [], exactCount: Int? = nil) {
    self.folder = folder
    self.parts = parts
    self.exactCount = exactCount
  }

  /// The place of what an administrator has named, in the folder that the path leads to: its last name is no link.
  package init(at path: FilePath) throws(FileError) {
    let parent = path.removingLastComponent()
    let folder = try OpenFolder(parent.isEmpty ? "." : parent)
    self.init(in: folder, path.lastComponent.map { [$0.bytes] } ?? [])
  }

  // MARK: - Names

  /// What it is called in messages. Nothing is opened by it.
  package var shown: FilePath {
    parts.reduce(folder.path) { path, part in
      path.appending(String(decoding: part.map { $0 == 0 ? UInt8(ascii: "?") : $0 }, as: UTF8.self))
    }
  }

  /// Its own name, as text; that of the folder which was opened, for the folder itself.
  package var name: String {
    parts.last.map { String(decoding: $0, as: UTF8.self) } ?? folder.path.lastComponent?.string ?? ""
  }

  /// The place of a name in this folder. One that cannot be a name (`..`, with a slash) fails where it is used.
  package func appending(_ name: String) -> Place { appending(bytes: Array(name.utf8)) }

  /// The place of a name that this folder has.
  package func appending(_ entry: Files.Entry) -> Place { appending(bytes: entry.bytes) }

  /// The place of a name in this folder, by the name's bytes.
  package func appending(bytes: [UInt8]) -> Place { with(parts + [bytes]) }

  /// The place of names below one another, joined by slashes.
  package func pushing(_ path: String) -> Place {
    with(parts + path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(Array.init))
  }

  /// The folder that it lies in; the folder which was opened lies in itself.
  package var parent: Place { with(Array(parts.dropLast())) }

  private func with(_ parts: [[UInt8]]) -> Place { Place(in: folder, parts, exactCount: exactCount) }

  // MARK: - What is there

  /// What is there; `nil` when there is nothing.
  package func status() throws(FileError) -> FileStatus? {
    var record = stat()
    guard !parts.isEmpty else {
      guard fstat(folder.descriptor, &record) == 0 else { throw .current("examine", shown) }
      return FileStatus(record)
    }
    do {
      try withParent("examine") { (parent, name) throws(FileError) in
        guard fstatat(parent, name, &record, AT_SYMLINK_NOFOLLOW) == 0 else { throw .current("examine", shown) }
      }
    } catch {
      if error.reason == .noSuchFileOrDirectory || error.reason == .notDirectory { return nil }
      throw error
    }
    return FileStatus(record)
  }

  /// What the folder is that lies around the one which was opened.
  package func statusOfFolderAround() throws(FileError) -> FileStatus {
    var record = stat()
    guard fstatat(folder.descriptor, "..", &record, 0) == 0 else { throw .current("examine", folder.path) }
    return FileStatus(record)
  }

  /// The names in this folder, in the order of their bytes, without `.` and `..`.
  ///
  /// - Parameter limit: how many of them are read.
  package func entries(atMost limit: Int = .max) throws(FileError) -> [Files.Entry] {
    let raw = try openRaw("read the folder", O_RDONLY | O_DIRECTORY)
    let names = try FolderStream(open: raw, shown)
    var found: [Files.Entry] = []
    while found.count < limit, let entry = try names.next() { found.append(ignoresCase ? entry.inSmallLetters : entry) }
    return found.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
  }

  /// Reads a whole small file, a plain one only.
  ///
  /// - Parameter limit: the most bytes it may have; a longer one fails with `EFBIG`.
  package func read(atMost limit: Int) throws(FileError) -> [UInt8] { try InputFile(self).bytes(atMost: limit) }

  /// Opens this folder, to be held from now on.
  package func opened() throws(FileError) -> OpenFolder {
    OpenFolder(taking: try openRaw("open the folder", O_RDONLY | O_DIRECTORY), shown)
  }

  /// What its file system has left.
  package func freeSpace() throws(FileError) -> FreeSpace { try FreeSpace(open: folder.descriptor, folder.path) }

  /// The most bytes that a file may have on its file system; `nil` where no bound is known that matters.
  package var largestFile: Int64? { Files.largestFile(onKind: file_system_kind_of(folder.descriptor)) }

  // MARK: - Changes

  /// Makes a folder here, and those above it that are missing. One that is there is left as it is; a link is refused.
  package func makeFolder(permissions: UInt32 = 0o755) throws(FileError) {
    for count in parts.indices {
      try with(Array(parts[...count])).makeOneFolder(permissions)
    }
  }

  private func makeOneFolder(_ permissions: UInt32) throws(FileError) {
    try withParent("make the folder") { (parent, name) throws(FileError) in
      if mkdirat(parent, name, permissions) == 0 { return try restore(permissions, parent, name) }
      guard errno == EEXIST else { throw .current("make the folder", shown) }
      let raw = open_name(parent, name, open_for_reaching, 0)
      guard raw >= 0 else { throw folderError("make the folder", parent, name) }
      close(raw)
    }
  }

  /// Gives a folder that was made just now what the umask has taken away of its permissions.
  private func restore(
    _ permissions: UInt32,
    _ parent: Int32,
    _ name: UnsafePointer<CChar>
  ) throws(FileError) {
    let raw = open_name(parent, name, O_RDONLY | O_DIRECTORY, 0)
    guard raw >= 0 else { throw folderError("make the folder", parent, name) }
    defer { close(raw) }
    try ExactPermissions.restore(permissions, of: raw, shown)
  }

  /// Makes a new folder here; `EEXIST` if there is anything of this name.
  package func makeNewFolder(permissions: UInt32 = 0o755) throws(FileError) {
    try withParent("make the folder") { (parent, name) throws(FileError) in
      guard mkdirat(parent, name, permissions) == 0 else { throw .current("make the folder", shown) }
      try restore(permissions, parent, name)
    }
  }

  /// Gives what is here another name in one step, taking the place of what was there.
  package func rename(to new: Place) throws(FileError) {
    try withParent("rename") { (parent, name) throws(FileError) in
      try new.withParent("rename") { (newParent, newName) throws(FileError) in
        guard renameat(parent, name, newParent, newName) == 0 else { throw .current("rename to \(new.shown)", shown) }
      }
    }
  }

  /// Removes a file or link. One that is not there is no error.
  package func remove() throws(FileError) {
    try withParent("remove") { (parent, name) throws(FileError) in
      guard unlinkat(parent, name, 0) == 0 || errno == ENOENT else { throw .current("remove", shown) }
    }
  }

  /// Removes what is here; of a folder, all below it, too, following no link and leaving no file system. What is not there
  /// is no error.
  package func removeTree() throws(FileError) {
    do {
      try withParent("remove") { (parent, name) throws(FileError) in
        try TreeRemoval(shown).remove(Array(UnsafeBufferPointer(start: name, count: strlen(name) + 1)), in: parent)
      }
    } catch {
      if error.reason != .noSuchFileOrDirectory { throw error }
    }
  }

  /// Writes a small file so that a reader, now or after a power cut, sees the old content or the new, whole.
  package func replace(with bytes: [UInt8], permissions: UInt32 = 0o644) throws(FileError) {
    var draft = try Draft(for: self, permissions: permissions)
    try draft.file.write(bytes)
    try draft.keep()
    try parent.syncFolder()
  }

  /// Writes this folder's names to the disk.
  package func syncFolder() throws(FileError) {
    let raw = try openRaw("sync", O_RDONLY | O_DIRECTORY)
    defer { close(raw) }
    try Files.syncFolder(open: raw, shown)
  }

  /// Writes everything that its file system still has in memory to the disk: one call for many files.
  package func syncFileSystem() throws(FileError) {
    guard syncfs(folder.descriptor) == 0 else { throw .current("sync", shown) }
  }

  // MARK: - Opening

  /// Opens what is here: a file or folder and nothing else, `EINVAL` for a pipe, a socket or a device.
  func openRaw(_ operation: String, _ flags: Int32, _ mode: UInt32 = 0) throws(FileError) -> Int32 {
    guard !parts.isEmpty else {
      let raw = open_name(folder.descriptor, ".", flags, mode)
      guard raw >= 0 else { throw .current(operation, shown) }
      return raw
    }
    return try withParent(operation) { (parent, name) throws(FileError) in
      let raw = open_stored(parent, name, flags, mode)
      guard raw >= 0 else { throw folderError(operation, parent, name) }
      return raw
    }
  }

  /// The error of a call that has just failed. Kernels say "not a directory" of a link that should be a folder.
  private func folderError(_ operation: String, _ parent: Int32, _ name: UnsafePointer<CChar>) -> FileError {
    let error = FileError.current(operation, shown)
    let isLink = error.reason == .notDirectory && is_folder_link(parent, name) != 0
    return isLink ? FileError(operation, shown, .tooManySymbolicLinkLevels) : error
  }

  /// Calls `body` with the open folder that this place lies in, and its name there.
  func withParent<Result>(
    _ operation: String,
    _ body: (Int32, UnsafePointer<CChar>) throws(FileError) -> Result
  ) throws(FileError) -> Result {
    guard let last = parts.last, parts.allSatisfy(Self.isName) else {
      throw FileError(operation, shown, .invalidArgument)
    }
    if ignoresCase { return try located(operation).withParent(operation, body) }
    guard parts.count > 1 else {
      return try Self.withName(last) { (name) throws(FileError) in try body(folder.descriptor, name) }
    }
    let raw = try reach(operation)
    defer { close(raw) }
    return try Self.withName(last) { (name) throws(FileError) in try body(raw, name) }
  }

  /// Opens the folder that this place lies in, to reach what is in it.
  private func reach(_ operation: String) throws(FileError) -> Int32 {
    let way = parts.dropLast()
    let whole = Self.withName(Array(way.joined(separator: [UInt8(ascii: "/")]))) {
      open_unlinked(folder.descriptor, $0, open_for_reaching, 0)
    }
    if whole >= 0 { return whole }
    // Without the call, or where it does not like the path (its length, a rename meanwhile), name by name.
    guard [ENOSYS, EPERM, EINVAL, ENAMETOOLONG, EAGAIN].contains(errno) else { throw .current(operation, shown) }
    var current = fcntl(folder.descriptor, F_DUPFD_CLOEXEC, 0)
    guard current >= 0 else { throw .current(operation, shown) }
    for part in way {
      let above = current
      defer { close(above) }
      current = try Self.withName(part) { (name) throws(FileError) in
        let next = open_name(above, name, open_for_reaching, 0)
        guard next >= 0 else { throw folderError(operation, above, name) }
        return next
      }
    }
    return current
  }

  private static func withName<Result, Failure: Error>(
    _ bytes: [UInt8],
    _ body: (UnsafePointer<CChar>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let text = bytes.map { CChar(bitPattern: $0) } + [0]
    return try text.withUnsafeBufferPointer { (text) throws(Failure) in
      guard let start = text.baseAddress else { preconditionFailure("an array with a last byte has a first one") }
      return try body(start)
    }
  }

  private static func isName(_ part: [UInt8]) -> Bool {
    let dot = UInt8(ascii: ".")
    return !part.isEmpty && part != [dot] && part != [dot, dot] && !part.contains { $0 == 0 || $0 == UInt8(ascii: "/") }
  }
}

extension Place: Hashable {
  /// Whether two places are the same names below folders that were opened by the same path.
  package static func == (left: Place, right: Place) -> Bool {
    left.folder.path == right.folder.path && left.parts == right.parts
  }

  /// Adds what ``==(_:_:)`` looks at.
  package func hash(into hasher: inout Hasher) {
    hasher.combine(folder.path)
    hasher.combine(parts)
  }
}

extension Place: CustomStringConvertible {
  /// ``shown``, as text.
  package var description: String { shown.description }
}
