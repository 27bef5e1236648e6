import Glibc
import SystemPackage

/// A folder whose plain files are read: by names below the opened folder, so that nothing that is renamed or linked
/// meanwhile leads anywhere else. Links, devices, pipes and folders in it are skipped and counted.
struct PlainFolder: ~Copyable {
  /// A plain file in it.
  struct Entry {
    let name: String
    let size: Int
  }

  /// The plain files whose name is wanted, in the order of their names.
  private(set) var entries: [Entry] = []
  /// How many names are no plain files.
  private(set) var skipped = 0
  private let path: FilePath
  private let descriptor: Int32

  /// Opens a folder and lists it.
  ///
  /// - Parameters:
  ///   - limit: the most names of any kind.
  ///   - isWanted: whether a file of that name matters.
  init(_ path: FilePath, atMost limit: Int, where isWanted: (String) -> Bool) throws(ExchangeError) {
    self.path = path
    descriptor = open(path.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.failure("open", path) }
    var names: [String] = []
    for name in try Self.names(descriptor, path, atMost: limit) where isWanted(name) { names.append(name) }
    for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
      var record = stat()
      guard fstatat(descriptor, name, &record, AT_SYMLINK_NOFOLLOW) == 0, record.st_mode & S_IFMT == S_IFREG else {
        skipped += 1
        continue
      }
      entries.append(Entry(name: name, size: Int(record.st_size)))
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// The bytes of a file.
  ///
  /// - Throws: ``ExchangeError``; `EFBIG` for a file with more bytes than `limit`, `EINVAL` for what is not a regular file.
  func bytes(of name: String, atMost limit: Int) throws(ExchangeError) -> [UInt8] {
    let file = path.appending(FilePath.Component(name) ?? FilePath.Component("?"))
    // O_NONBLOCK: a pipe in the place of a file must not hang the open.
    let raw = openat(descriptor, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard raw >= 0 else { throw Self.failure("open", file) }
    defer { close(raw) }
    var record = stat()
    guard fstat(raw, &record) == 0, record.st_mode & S_IFMT == S_IFREG else {
      throw .file(operation: "open", file, .invalidArgument)
    }
    var bytes = [UInt8](repeating: 0, count: limit + 1)
    var filled = 0
    while filled < bytes.count {
      let count = bytes.withUnsafeMutableBytes { read(raw, $0.baseAddress?.advanced(by: filled), $0.count - filled) }
      if count < 0 && errno != EINTR { throw Self.failure("read", file) }
      if count == 0 { break }
      filled += max(count, 0)
    }
    guard filled <= limit else { throw .file(operation: "read", file, .fileTooLarge) }
    return Array(bytes[..<filled])
  }

  private static func names(
    _ descriptor: Int32,
    _ path: FilePath,
    atMost limit: Int
  ) throws(ExchangeError) -> [String] {
    // The stream closes the descriptor that it has.
    let own = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard own >= 0, let stream = fdopendir(own) else { throw failure("list", path) }
    defer { closedir(stream) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else { break }
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard let name, name != ".", name != ".." else { continue }
      names.append(name)
      guard names.count <= limit else {
        throw .document(name: path.string, line: nil, .tooMany("names", limit: limit))
      }
    }
    guard errno == 0 else { throw failure("list", path) }
    return names
  }

  private static func failure(_ operation: String, _ path: FilePath) -> ExchangeError {
    .file(operation: operation, path, Errno(rawValue: errno))
  }
}
