import BundleFormat
import Catalogue
import ContentStore
import FileSystem
import JobCore
import MirrorTypes
import StoreTrust
import SystemPackage
import Trust

/// Writes what of a store cannot be had again to one file, sealed with a pass phrase: the joint of ``BundleFormat``, which
/// packs it, and ``Trust``, which seals it.
package struct BackupJob: Sendable, InContext {
  package let context: JobContext
  private let file: FilePath

  /// A job that writes a backup of the context's store to the file `file`.
  package init(_ context: JobContext, to file: FilePath) {
    self.context = context
    self.file = file
  }

  /// Writes the backup. An older one of that name is replaced in one step when the new one is whole.
  ///
  /// - Throws: an error; the file is then as it was.
  package func run() throws -> BackupReport {
    _ = try ContentStore.open(folder, access: .reading)
    let medium = try Medium.open(parent, configuration.parcels.mount, store: folder)
    let place = medium.place.appending(try name())
    try refuseOther(place)
    try refuseInside(medium)
    let phrase = try newPhrase()
    let report = try locked { try write(to: place, phrase) }
    return report.on(try medium.finish())
  }

  private var parent: FilePath {
    let folder = file.removingLastComponent()
    return folder.isEmpty ? "." : folder
  }

  private func name() throws -> String {
    guard let name = file.lastComponent?.string else {
      throw JobError(.usage, "\(file) cannot be the name of a file", remedy: "Name the file that the backup goes to.")
    }
    return name
  }

  /// What is there has to be an earlier backup.
  private func refuseOther(_ place: Place) throws {
    guard let status = try place.status() else { return }
    var beginning = [UInt8](repeating: 0, count: BackupOpener.beginningSize)
    if status.kind == .file {
      let count = try InputFile(place).read(into: &beginning)
      if BackupOpener.isBackup(beginning[..<count]) { return }
    }
    throw JobError(
      .cannotCreate,
      "\(place) is there already, and is not a backup of kscmirror",
      remedy: "Name another file; nothing was written."
    )
  }

  /// A backup inside the store is lost with it.
  private func refuseInside(_ medium: Medium) throws {
    let store = try Files.resolvingLinks(folder)
    guard try Files.resolvingLinks(parent).starts(with: store) else { return }
    throw JobError(
      .cannotCreate,
      "\(file) lies in the store: it would be lost with it",
      remedy: "Name a file elsewhere, best on another disk or a stick."
    )
  }

  private func newPhrase() throws -> String {
    guard let phrase = try context.prompts.keyPassphrase(file, true) else {
      throw JobError(.keyUnusable, "a backup holds all keys, and needs a pass phrase")
    }
    guard let weakness = NewPassphrase.weakness(of: phrase) else { return phrase }
    throw JobError(
      .keyUnusable,
      "\(file): this pass phrase is too weak: \(weakness)",
      remedy: NewPassphrase.advice
    )
  }

  /// Nobody changes what is read meanwhile: in the order of the locks.
  private func locked<Result>(_ body: () throws -> Result) throws -> Result {
    try StoreLock.parcelsIntake.holding(folders) {
      try StoreLock.parcelsOut.holding(folders) {
        try StoreLock.parcelsNotes.holding(folders) {
          try StoreLock.receipts.holding(folders) { try StoreLock.metadata.holding(folders, body) }
        }
      }
    }
  }

  private func write(to place: Place, _ phrase: String) throws -> BackupReport {
    reporter.report(.phase("writing the backup"))
    let files = try PreciousFiles(of: OpenFolder(folder).place).files
    let manifest = BackupManifest(created: clock.now, numbers: try given(), files: files.count)
    var sealer: BackupSealer
    do throws(KeyError) { sealer = try BackupSealer(passphrase: phrase) } catch {
      throw JobError(error, at: file.string)
    }
    var draft = try Draft(for: place, permissions: 0o600)
    try draft.file.write(sealer.beginning)
    var size = Int64(sealer.beginning.count)
    // The archive's closure cannot have the draft: what is sealed waits here for a moment.
    let sealed = SealedBytes()
    let writer = try DocumentWriter(naming: place.shown) { bytes in sealed.plain += bytes }
    func pass() throws {
      try sealed.plain.withUnsafeBytes { bytes in
        try sealer.seal(bytes) {
          try draft.file.write($0)
          size.addBytes(Int64($0.count))
        }
      }
      sealed.plain.removeAll(keepingCapacity: true)
    }
    let document = manifest.serialized
    try writer.begin(TreePath(BackupManifest.path), size: Int64(document.count))
    try document.withUnsafeBytes { try writer.write($0) }
    var bytes: Int64 = 0
    for file in files {
      try copy(file, to: writer, pass)
      bytes.addBytes(file.size)
    }
    try writer.finish()
    try pass()
    try sealer.finish {
      try draft.file.write($0)
      size.addBytes(Int64($0.count))
    }
    // Only now, so that the journal in the backup has no change that never ended.
    let note = AuditNote(.keys, "the writing of a backup with all keys to \(file)", ["file": .string("\(file)")])
    try audit.noting(note) { _ in
      try draft.keep()
      return AuditNote(.keys, "a backup with all keys was written to \(file)", note.facts)
    }
    return BackupReport(
      file: file.string,
      files: files.count,
      bytes: bytes,
      size: size,
      hasRootKey: files.contains { $0.path.name == "root.key" }
    )
  }

  private func copy(_ file: PreciousFiles.File, to writer: DocumentWriter, _ pass: () throws -> Void) throws {
    let input = try InputFile(file.place)
    try writer.begin(file.path, size: file.size)
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    var rest = file.size
    while rest > 0 {
      // What is appended meanwhile, as to the journal, is not of this backup.
      let count = try input.read(into: &buffer, atMost: Int(min(rest, Int64(buffer.count))))
      guard count > 0 else {
        throw JobError(.busy, "\(file.place) has become shorter while it was read", remedy: "Run the backup again.")
      }
      try buffer.withUnsafeBytes { try writer.write(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      rest -= Int64(count)
      try pass()
    }
  }

  /// The greatest numbers that the store has given.
  private func given() throws -> NumbersSeen {
    let store = try ContentStore.open(folder, access: .reading)
    let seen = try NumbersSeen(of: folder)
    let signed = try OwnRepository(context)?.timestampHeader().version ?? 0
    return NumbersSeen(snapshot: try store.highestNumber(), metadata: max(signed, seen.metadata))
  }
}

/// Bytes on their way from an archive to its sealing: used by one thread.
private final class SealedBytes {
  var plain: [UInt8] = []
}

/// What a backup has.
package struct BackupReport: Sendable, Encodable {
  /// Its file.
  package let file: String
  /// How many files of the store it holds.
  package let files: Int
  /// Their bytes.
  package let bytes: Int64
  /// The bytes of the backup.
  package let size: Int64
  /// Whether the root's private key is in it: it may lie elsewhere.
  package let hasRootKey: Bool
  /// What it was written to.
  package private(set) var medium: MediumFacts?

  fileprivate init(file: String, files: Int, bytes: Int64, size: Int64, hasRootKey: Bool) {
    (self.file, self.files, self.bytes, self.size, self.hasRootKey) = (file, files, bytes, size, hasRootKey)
  }

  fileprivate func on(_ medium: MediumFacts) -> BackupReport {
    var report = self
    report.medium = medium
    return report
  }
}
