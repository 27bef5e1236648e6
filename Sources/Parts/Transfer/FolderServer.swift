import CLinux
import Curl
import Glibc
import MirrorTypes
import MirrorTypes
import Synchronization
import SystemPackage

/// A folder that holds an update tree, in the place of a server: a copy from elsewhere, or a share that is mounted.
///
/// Names are the bytes of the request's path. No link leads out of the folder, and only plain files are given. What tells
/// whether a file is still the same is its size, its inode and the time of its last change to the nanosecond.
package final class FolderServer: Sendable {
  /// The folder.
  package let root: FilePath
  private let count = Mutex(Counts())

  struct Counts {
    var requests = 0
    var failures = 0
    var bytes: Int64 = 0
  }

  /// How many bytes are read at once.
  private static let step = 1 << 20
  /// How often a file is begun anew that changes while it is read.
  private static let attempts = 3

  /// A folder by its address, `file:///…`.
  ///
  /// - Throws: ``TransferError/Reason/invalidURL(_:)``.
  package convenience init(_ address: String) throws(TransferError) {
    do {
      self.init(root: FilePath(try FileAddress(address).path))
    } catch {
      throw TransferError(.invalidURL("\(String(address.prefix(200)).debugDescription) \(error)"))
    }
  }

  init(root: FilePath) { self.root = root }

  /// The bytes, requests and failures so far.
  var counts: Counts { count.withLock { $0 } }

  /// Its address.
  var address: String { FileAddress(path: root.string).text }

  // MARK: - Reading

  /// Whether there is a folder with something in it: a share that is not mounted is an empty folder.
  ///
  /// - Throws: ``TransferError/Reason/folderUnusable(_:)``.
  package func examine() throws(TransferError) {
    let folder = try open()
    defer { close(folder) }
    try demandContent(folder)
  }

  /// Copies one file into the request's sink.
  func fetch(_ request: TransferRequest, path: String) async throws(TransferError) -> TransferResponse {
    count.withLock { $0.requests += 1 }
    do {
      let response = try await copy(request, path)
      count.withLock { $0.bytes += response.bytesReceived }
      return response
    } catch {
      count.withLock { $0.failures += 1 }
      throw error
    }
  }

  private func copy(_ request: TransferRequest, _ path: String) async throws(TransferError) -> TransferResponse {
    let name = String(path.drop { $0 == "/" })
    let url = FileAddress(path: root.appending(name).string).text
    let folder = try open()
    defer { close(folder) }
    for attempt in 0..<Self.attempts {
      let file = open_beneath(folder, name)
      guard file >= 0 else { throw try failure(errno, folder, url) }
      defer { close(file) }
      let before = try FileState(file, url)
      if let held = request.validators?.etag, held == before.validators.etag {
        return response(.notModified, before, bytes: 0, url, attempt)
      }
      try judge(before.size, request, url)
      do {
        if request.sink.offset > 0 { try request.sink.restart() }
        try request.sink.begin(before.validators)
      } catch {
        throw TransferError(.sink(error), url: url)
      }
      let bytes = try await copy(file, to: request, url)
      if bytes == before.size, try FileState(file, url) == before {
        return response(.complete, before, bytes: bytes, url, attempt)
      }
    }
    throw TransferError(.changedWhileRead, url: url, server: root.string)
  }

  private func copy(_ file: Int32, to request: TransferRequest, _ url: String) async throws(TransferError) -> Int64 {
    var buffer = [UInt8](repeating: 0, count: Self.step)
    var total: Int64 = 0
    while true {
      if Task.isCancelled { throw TransferError(.cancelled, url: url) }
      let count = Glibc.read(file, &buffer, buffer.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw TransferError(.folderUnusable("cannot be read: \(Errno(rawValue: errno))"), url: url)
      }
      if count == 0 { return total }
      total += Int64(count)
      try judge(total, request, url, isWhole: false)
      do {
        try buffer.withUnsafeBytes { try request.sink.append(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      } catch {
        throw TransferError(.sink(error), url: url)
      }
      // Other work shares the thread.
      await Task.yield()
    }
  }

  private func judge(
    _ size: Int64,
    _ request: TransferRequest,
    _ url: String,
    isWhole: Bool = true
  ) throws(TransferError) {
    if size > request.maximumBytes { throw TransferError(.tooLarge(limit: request.maximumBytes), url: url) }
    if let expected = request.expectedBytes, isWhole ? size != expected : size > expected {
      throw TransferError(.wrongLength(expected: expected, received: size), url: url)
    }
  }

  private func response(
    _ outcome: TransferResponse.Outcome,
    _ file: FileState,
    bytes: Int64,
    _ url: String,
    _ attempt: Int
  ) -> TransferResponse {
    TransferResponse(
      outcome: outcome,
      byteCount: bytes,
      bytesReceived: bytes,
      validators: file.validators,
      server: address,
      url: url,
      lastModified: file.changed,
      retries: attempt
    )
  }

  // MARK: - The folder

  private func open() throws(TransferError) -> Int32 {
    let folder = Glibc.open(root.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else {
      let reason = errno == ENOENT ? "is not there" : errno == ENOTDIR ? "is not a folder" : "\(Errno(rawValue: errno))"
      throw TransferError(.folderUnusable(reason), url: root.string, server: root.string)
    }
    return folder
  }

  /// Files of a share that was unmounted look absent, one as the other: that says nothing about them.
  private func demandContent(_ folder: Int32) throws(TransferError) {
    let copy = dup(folder)
    guard copy >= 0, let stream = fdopendir(copy) else {
      if copy >= 0 { close(copy) }
      throw TransferError(.folderUnusable("cannot be read: \(Errno(rawValue: errno))"), url: root.string)
    }
    defer { closedir(stream) }
    rewinddir(stream)
    while let entry = readdir(stream) {
      let isOwn = withUnsafeBytes(of: &entry.pointee.d_name) { name in
        name[0] == UInt8(ascii: ".") && (name[1] == 0 || (name[1] == UInt8(ascii: ".") && name[2] == 0))
      }
      if !isOwn { return }
    }
    throw TransferError(.folderUnusable("is empty"), url: root.string, server: root.string)
  }

  private func failure(_ code: Int32, _ folder: Int32, _ url: String) throws(TransferError) -> TransferError {
    switch code {
    case ENOENT, ENOTDIR:
      try demandContent(folder)
      return TransferError(.notInFolder, url: url, server: root.string)
    case EXDEV, ELOOP:
      return TransferError(.leavesFolder, url: url, server: root.string)
    case EACCES, EPERM:
      return TransferError(.folderUnusable("may not be read by this user"), url: url, server: root.string)
    default:
      return TransferError(.folderUnusable("cannot be opened: \(Errno(rawValue: code))"), url: url, server: root.string)
    }
  }
}

/// What tells one state of a file from another.
private struct FileState: Hashable {
  let size: Int64
  let changed: UTCTime
  private let nanoseconds: Int64
  private let inode: UInt64

  init(_ file: Int32, _ url: String) throws(TransferError) {
    var status = stat()
    guard fstat(file, &status) == 0 else {
      throw TransferError(.folderUnusable("cannot be examined: \(Errno(rawValue: errno))"), url: url)
    }
    guard status.st_mode & S_IFMT == S_IFREG else { throw TransferError(.noPlainFile, url: url) }
    size = Int64(status.st_size)
    changed = UTCTime(seconds: Int64(status.st_mtim.tv_sec))
    nanoseconds = Int64(status.st_mtim.tv_nsec)
    inode = UInt64(status.st_ino)
  }

  /// In the forms in which servers send them, so that they are kept like those.
  var validators: Validators {
    let parts = [String(size, radix: 16), "\(changed.seconds).\(nanoseconds)", String(inode, radix: 16)]
    return Validators(etag: "\"" + parts.joined(separator: "-") + "\"", lastModified: HTTPDate.text(changed))
  }
}
