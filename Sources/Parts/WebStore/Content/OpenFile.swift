import CLinux
import FileSystem
import Glibc
import NIOCore
import SystemPackage

/// A file that is being sent. It stays what it was when it was opened, whatever becomes of its name.
final class OpenFile: Sendable {
  private let descriptor: CInt
  private let path: FilePath

  /// Opens a file; a link or anything but a plain file is refused, as is one of another size than is known of it.
  init(_ path: FilePath, size: Int64) throws(FileError) {
    let raw = open(path.string, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard raw >= 0 else { throw .current("open", path) }
    var record = stat()
    guard fstat(raw, &record) == 0, record.st_mode & S_IFMT == S_IFREG, Int64(record.st_size) == size else {
      Glibc.close(raw)
      throw FileError("open", path, .invalidArgument)
    }
    descriptor = raw
    self.path = path
  }

  deinit { Glibc.close(descriptor) }

  /// The bytes of a stretch if all of them are in memory; `nil` if a disk has to be waited for.
  func cached(_ stretch: Range<Int64>, _ allocator: ByteBufferAllocator) -> ByteBuffer? {
    let count = Int(stretch.upperBound - stretch.lowerBound)
    var buffer = allocator.buffer(capacity: count)
    var isWhole = true
    buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { target in
      var done = 0
      while done < count {
        let rest = UnsafeMutableRawBufferPointer(rebasing: target[done..<count])
        let read = read_cached(descriptor, rest.baseAddress, rest.count, off_t(stretch.lowerBound) + off_t(done))
        guard read > 0 else {
          isWhole = false
          break
        }
        done += read
      }
      return done
    }
    return isWhole ? buffer : nil
  }

  /// The bytes of a stretch, however long a disk takes.
  func read(_ stretch: Range<Int64>) throws(FileError) -> ByteBuffer {
    let count = Int(stretch.upperBound - stretch.lowerBound)
    var buffer = ByteBufferAllocator().buffer(capacity: count)
    var failure: FileError?
    buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { target in
      var done = 0
      while done < count {
        let rest = UnsafeMutableRawBufferPointer(rebasing: target[done..<count])
        let read = pread(descriptor, rest.baseAddress, rest.count, off_t(stretch.lowerBound) + off_t(done))
        if read < 0 && errno == EINTR { continue }
        guard read > 0 else {
          failure = read < 0 ? .current("read", path) : FileError("read", path, .invalidArgument)
          break
        }
        done += read
      }
      return done
    }
    if let failure { throw failure }
    return buffer
  }

  /// The same file under a number of its own, for the kernel to send from. It has to be closed.
  func duplicate() -> NIOFileHandle? {
    let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    return copy >= 0 ? NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: copy) : nil
  }
}
