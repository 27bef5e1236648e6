import Confinement
import FileSystem
import MirrorTypes
import SystemPackage
import Unpacking

/// Reads a tar archive of ours once, from beginning to end: plain files alone, without holes. Bytes that nobody has
/// verified yet are unpacked by a confined process, and what it makes of them is looked at here and nowhere else.
final class ArchiveReader {
  private let tar: TarReader
  private let name: FilePath
  private let source: Source
  private let damage: (String) -> BundleError

  /// What it is read from, and why that went wrong, if so.
  private final class Source {
    let next: () throws -> UnsafeRawBufferPointer
    var failure: (any Error)?

    init(_ next: @escaping () throws -> UnsafeRawBufferPointer) { self.next = next }

    /// The next bytes; none at the end.
    func read() throws -> UnsafeRawBufferPointer {
      do { return try next() } catch {
        failure = error
        throw error
      }
    }
  }

  /// A reader of an archive through zstd.
  ///
  /// - Parameters:
  ///   - name: what it is called in errors.
  ///   - next: gives the next bytes, which stay until it is called again; none at the end.
  init(naming name: FilePath, from next: @escaping () throws -> UnsafeRawBufferPointer) throws(BundleError) {
    let source = Source(next)
    let frames: FrameUnpacker
    do throws(ConfinementError) {
      frames = try FrameUnpacker { try source.read() }
    } catch {
      throw .unpacking(name, error)
    }
    (self.name, self.source, damage) = (name, source, { .volumeDamaged(name, $0) })
    tar = TarReader { try frames.read(into: $0) }
  }

  /// A reader of an open file that is not packed, such as a pipe.
  ///
  /// - Parameter damage: the error for what is no such archive, with the reason.
  init(
    naming name: FilePath,
    reading descriptor: FileDescriptor,
    damage: @escaping (String) -> BundleError
  ) {
    let source = Source { UnsafeRawBufferPointer(start: nil, count: 0) }
    (self.name, self.source, self.damage) = (name, source, damage)
    tar = TarReader { bytes in
      do { return try descriptor.read(into: bytes) } catch {
        source.failure = FileError("read", name, error as? Errno ?? .ioError)
        throw error
      }
    }
  }

  /// The next entry; `nil` at the end of the archive.
  ///
  /// - Parameter accepted: makes an entry of a name and a size; `nil` for what does not belong here.
  /// - Throws: ``BundleError/unexpectedEntry(_:_:)`` also for a link, a folder, a device.
  func next<Entry>(
    _ accepted: (_ name: String, _ size: Int64) -> Entry?
  ) throws(BundleError) -> Entry? {
    let entry: TarReader.Entry?
    do { entry = try tar.next() } catch { throw failure(error) }
    switch entry {
    case nil: return nil
    case .other(let path)?: throw .unexpectedEntry(path, name)
    case .file(let path, let size)?:
      guard let found = accepted(path, size) else { throw .unexpectedEntry(path, name) }
      return found
    }
  }

  /// Hands out the bytes of the entry.
  func read(_ body: (UnsafeRawBufferPointer) throws -> Void) throws(BundleError) {
    do { try tar.read(body) } catch { throw failure(error) }
  }

  /// Why nothing more can be read.
  private func failure(_ error: any Error) -> BundleError {
    switch source.failure ?? error {
    case let error as BundleError: error
    // What is read, not what is written: that is a caller's.
    case let error as FileError where source.failure != nil: .file(error)
    case let problem as TarReader.Problem: damage(problem.words)
    case let problem as FrameUnpacker.Problem: damage(problem.words)
    case let error as ConfinementError: .unpacking(name, error)
    case let error as FileError: .file(error)
    case let other: .caller(other)
    }
  }
}
