import BundleFormat
import FileSystem
import JobCore
import SystemPackage

/// Writes a bundle as one stream: it is made in `outgoing/stream/` of the store first, since its metadata, which comes
/// first in the stream, is made last.
package struct StreamJob: Sendable {
  private let store: FilePath
  private let reporter: any JobReporter

  /// A job on the store in the folder `store`.
  package init(store: FilePath, reporter: any JobReporter) {
    self.store = store
    self.reporter = reporter
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
    let outgoing = StoreFolders(store).outgoing
    let lock = try StoreLock.streamOut.take(in: store)
    defer { withExtendedLifetime(lock) {} }
    let staging = outgoing.appending("stream")
    // What a run has left that was killed.
    try Files.removeTree(staging)
    try Files.makeFolder(staging)
    defer { try? Files.removeTree(staging) }
    let report = try await pack(staging)
    guard let name = report.writtenBundle else { return report }
    reporter.report(.phase("streaming \(name)"))
    guard let bundle = try BundleReader.find(at: staging).first else {
      throw JobError(.software, "\(staging): the bundle is gone")
    }
    if let target { try write(bundle, to: target) } else { try stream(bundle, to: output) }
    return report
  }

  private func stream(_ bundle: BundleReader, to output: FileDescriptor) throws {
    try BundleStream.write(bundle, to: output) { reporter.report(.progress(JobProgress(bytes: $0, totalBytes: nil))) }
  }

  /// Gives the file its name when it is whole.
  private func write(_ bundle: BundleReader, to target: FilePath) throws {
    let partial = target.removingLastComponent().appending((target.lastComponent?.string ?? "") + ".part")
    do {
      let file = try FileDescriptor.open(
        partial,
        .writeOnly,
        options: [.create, .truncate, .noFollow, .closeOnExec],
        permissions: [.ownerReadWrite, .groupRead, .otherRead]
      )
      try file.closeAfter { try stream(bundle, to: file) }
      try Files.syncFileSystem(containing: partial)
      try Files.rename(partial, to: target)
    } catch {
      try? Files.remove(partial)
      throw error
    }
  }
}
