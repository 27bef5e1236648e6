import BundleFormat
import FileSystem
import Glibc
import JobCore
import SystemPackage

/// Writes a bundle as one stream: it is made in `outgoing/stream/` of the store first, since its metadata, which comes
/// first in the stream, is made last.
package struct StreamJob: Sendable, InContext {
  package let context: JobContext

  /// A job on the context's store.
  package init(_ context: JobContext) {
    self.context = context
  }

  /// Makes a bundle and streams it.
  ///
  /// - Parameters:
  ///   - target: where to; `nil`: to `output`.
  ///   - output: an open file, which may be a pipe.
  ///   - pack: writes the bundle to the folder that it is handed.
  package func run(
    to target: FilePath?,
    output: FileDescriptor,
    _ pack: (FilePath) async throws -> PackReport
  ) async throws -> PackReport {
    let lock = try StoreLock.streamOut.take(in: folder)
    defer { withExtendedLifetime(lock) {} }
    let staging = try folders.place(of: folders.outgoing).appending("stream")
    // What a run has left that was killed.
    try staging.removeTree()
    try staging.makeFolder()
    defer { try? staging.removeTree() }
    let report = try await pack(staging.shown)
    guard let name = report.writtenBundle else { return report }
    reporter.report(.phase("streaming \(name)"))
    guard let bundle = try BundleReader.find(in: staging).first else {
      throw JobError(.software, "\(staging): the bundle is gone")
    }
    if let target {
      try write(bundle, to: target)
    } else {
      try stream(bundle, to: output)
      try sync(output)
    }
    return report
  }

  /// What standard output leads to may be a file: that all is done is said when it is on the disk.
  private func sync(_ output: FileDescriptor) throws {
    while fsync(output.rawValue) != 0 {
      switch errno {
      case EINTR: continue
      // A pipe, a socket or a terminal has no disk.
      case EINVAL, EROFS, ENOTSUP: return
      default: throw FileError.current("write", "standard output")
      }
    }
  }

  private func stream(_ bundle: BundleReader, to output: FileDescriptor) throws {
    try BundleStream.write(bundle, to: output) { reporter.report(.progress(JobProgress(bytes: $0, totalBytes: nil))) }
  }

  /// Gives the file its name when it is whole.
  private func write(_ bundle: BundleReader, to target: FilePath) throws {
    let target = try Place(at: target)
    let partial = target.parent.appending(target.name + ".part")
    // What a run has left that was killed, or whatever else has the name.
    try partial.remove()
    do {
      var file = try OutputFile(partial)
      try stream(bundle, to: file.descriptor)
      try file.sync()
      try file.close()
      try partial.rename(to: target)
      try target.parent.syncFolder()
    } catch {
      try? partial.remove()
      throw error
    }
  }
}
