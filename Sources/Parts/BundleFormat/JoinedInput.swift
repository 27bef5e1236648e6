import FileSystem
import SystemPackage

/// Reads files one after the other as if they were one: a volume, or the pieces of one.
package final class JoinedInput {
  private let files: [Place]
  private var next = 0
  private var current: InputFile?

  /// Reads these files, each of which has to be a plain one.
  ///
  /// - Throws: ``FileError`` when the first cannot be opened.
  package init(_ files: [Place]) throws(FileError) {
    self.files = files
    try openNext()
  }

  private func openNext() throws(FileError) {
    guard next < files.count else { return current = nil }
    let file = try InputFile(files[next])
    file.adviseSequential()
    current = consume file
    next += 1
  }

  /// Reads the next bytes into the beginning of a buffer; 0 at the end of the last file.
  package func read(into bytes: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    guard !bytes.isEmpty else { return 0 }
    while let count = try current?.read(into: bytes) {
      if count > 0 { return count }
      try openNext()
    }
    return 0
  }

  /// Reads until a buffer is full or the last file ends: how many bytes there were.
  package func fill(_ bytes: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    var done = 0
    while done < bytes.count {
      let count = try read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[done...]))
      if count == 0 { break }
      done += count
    }
    return done
  }

  /// Passes over `count` bytes.
  package func skip(_ count: Int64) throws(FileError) {
    var rest = count
    while rest > 0, let size = current?.size {
      if rest < size {
        guard let descriptor = current?.descriptor else { return }
        do {
          try descriptor.seek(offset: rest, from: .current)
        } catch {
          throw FileError("seek in", files[next - 1].shown, error as? Errno ?? .ioError)
        }
        return
      }
      rest -= size
      try openNext()
    }
  }
}
