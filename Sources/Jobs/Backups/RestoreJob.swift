import BundleFormat
import Catalogue
import ContentStore
import FileSystem
import JobCore
import Journal
import MirrorTypes
import Parcels
import StoreTrust
import SystemPackage
import Trust

/// Puts back what a backup holds, into a store that has none of it, and has its numbers go on far behind those of the backup.
package struct RestoreJob: Sendable, InContext {
  package let context: JobContext
  private let file: FilePath
  private let onlyMissing: Bool

  /// A job that puts the backup in the file `file` back into the context's store.
  ///
  /// - Parameter onlyMissing: whether what is there stays, and only the rest is put back.
  package init(_ context: JobContext, from file: FilePath, onlyMissing: Bool = false) {
    self.context = context
    self.file = file
    self.onlyMissing = onlyMissing
  }

  /// Puts it back: all of it, or nothing.
  ///
  /// - Throws: an error; the store is then as it was.
  package func run() throws -> RestoreReport {
    try refuseForeign()
    let wanted = try StoreMap.Entry.precious.filter { try Files.status(StoreMap(folder)[$0]) == nil }
    if !onlyMissing { try refuseOccupied() }
    let opening = try OpenBackup(file) {
      guard let phrase = try context.prompts.keyPassphrase(file, false) else {
        throw JobError(.keyUnusable, "\(file): the pass phrase of the backup is needed")
      }
      return phrase
    }
    try Files.makeFolder(folder, permissions: 0o751)
    let store = try OpenFolder(folder).place
    let draft = try DraftFolder(in: store)
    reporter.report(.phase("reading the backup"))
    let (manifest, count, bytes) = try unpack(opening, into: draft.place)
    guard manifest.files == count else { throw opening.altered }
    let restored = try wanted.filter { try draft.place.appending($0.rawValue).status() != nil }
    // The journal first: it says that keys come before they do.
    func put(_ entries: [StoreMap.Entry]) throws {
      for entry in entries { try draft.place.appending(entry.rawValue).rename(to: store.appending(entry.rawValue)) }
      try store.syncFileSystem()
    }
    try put(restored.filter { $0 == .journal })
    return try finish(manifest, count, bytes, restored) {
      try put(restored.filter { $0 != .journal && $0 != .parcels })
    } parcels: {
      try put(restored.filter { $0 == .parcels })
    }
  }

  /// A folder of somebody else's gets no keys.
  private func refuseForeign() throws {
    guard try Files.status(folder) != nil else { return }
    let place = try Files.resolvingLinks(folder)
    let names = try Files.entries(of: place, atMost: Self.mostNames).map(\.name)
    guard let stranger = names.first(where: { !StoreMap.knows($0) }) else { return }
    throw JobError(
      .badStore,
      "\(folder) is not a store: it has \(ShownText.quoted(stranger))",
      remedy: "Name the store with --store, or in the configuration."
    )
  }

  private static let mostNames = 10_000

  /// Whatever is precious in a store is not written over.
  private func refuseOccupied() throws {
    let map = StoreMap(folder)
    for entry in StoreMap.Entry.precious where try Files.status(map[entry]) != nil {
      throw JobError(
        .cannotCreate,
        "\(map[entry]) is there already, and is not written over",
        remedy:
          "If an earlier restore was cut short, finish it with --missing. Else move the store away, or what a backup holds of it (see 'What is precious' in kscmirror-restore(1)), or name another folder with --store."
      )
    }
  }

  private func unpack(_ backup: OpenBackup, into place: Place) throws -> (BackupManifest, files: Int, bytes: Int64) {
    let reader = try DocumentReader(naming: file) { try backup.next() }
    guard let first = try reader.next(), first.path.string.utf8.elementsEqual(BackupManifest.path.utf8),
      first.size <= BackupManifest.maximumSize
    else { throw backup.altered }
    var document: [UInt8] = []
    try reader.read { document += $0 }
    guard let manifest = BackupManifest(document) else { throw backup.altered }
    var (count, bytes): (Int, Int64) = (0, 0)
    while let entry = try reader.next() {
      guard let inner = entry.path.relative(to: PreciousFiles.folder), let top = inner.parts.first,
        let kind = StoreMap.Entry(rawValue: String(top)), kind.isPrecious
      else { throw backup.altered }
      let target = place.pushing(inner.string)
      if target.parent != place { try target.parent.makeFolder(permissions: kind.restoredModes.folder) }
      var output = try OutputFile(target, permissions: kind.restoredModes.file)
      try reader.read { try output.write($0) }
      try output.close()
      count += 1
      bytes.addBytes(entry.size)
    }
    // What stands behind the archive is sealed too: all of it has to be what was written.
    while try !backup.next().isEmpty {}
    return (manifest, count, bytes)
  }

  /// Puts what was unpacked into its place. The numbers go on behind all that may have been given since the backup, and do
  /// so before there are keys to sign with: a run that is killed at any point leaves nothing that gives a number twice.
  ///
  /// Parcels come last. If nothing was missing any more, an earlier run may have ended just before their numbers went on.
  private func finish(
    _ manifest: BackupManifest,
    _ count: Int,
    _ bytes: Int64,
    _ restored: [StoreMap.Entry],
    putting: () throws -> Void,
    parcels: () throws -> Void
  ) throws -> RestoreReport {
    let numbers = manifest.numbersAfter(clock.now)
    let text = "a backup of \(manifest.created.text) was put back: \(Words.count(count, "file"))"
    let note = AuditNote(.keys, "the putting back of a backup of \(manifest.created.text)")
    try audit.noting(note) { _ in
      if restored.contains(.metadata) { try numbers.raise(in: folder) }
      try putting()
      try parcels()
      if restored.contains(.parcels) || restored.isEmpty { for outbox in try outboxes() { try outbox.leap() } }
      return AuditNote(.keys, text)
    }
    return RestoreReport(
      store: folder.string,
      created: manifest.created,
      files: count,
      bytes: bytes,
      nextSnapshot: numbers.snapshot + 1,
      hasKeys: try OnlineKeys.arePresent(in: folders)
    )
  }

  private func outboxes() throws -> [OutboxFiles] {
    var found: [OutboxFiles] = []
    if try Files.status(folders.parcels.appending("out")) != nil {
      found.append(OutboxFiles(context, .fromSite, site: configuration.site ?? ""))
    }
    let sites = try StoreFolders.sites(in: folders.parcels.appending("to"))
    return found + sites.map { OutboxFiles(context, .toSite, site: $0) }
  }
}

/// A backup that is being read: from beginning to end, by one thread.
private final class OpenBackup {
  private let path: FilePath
  private let input: InputFile
  private var opener: BackupOpener

  /// - Parameter passphrase: asked for once it is known that this is a backup.
  init(_ path: FilePath, passphrase: () throws -> String) throws {
    self.path = path
    input = try InputFile(path)
    let beginning = try Self.bytes(BackupOpener.beginningSize, of: input)
    do {
      opener = try BackupOpener(beginning, size: input.size, passphrase: passphrase)
    } catch let problem as BackupOpener.Problem {
      throw Self.error(problem, path)
    } catch let error as KeyError {
      throw JobError(error, at: path.string)
    }
  }

  /// The next bytes; none at the end.
  func next() throws -> [UInt8] {
    guard let size = opener.nextSize else { return [] }
    let chunk = try Self.bytes(size, of: input)
    do throws(BackupOpener.Problem) {
      let opened = try opener.open(chunk)
      // Only the last chunk may hold nothing.
      return opened
    } catch {
      throw Self.error(error, path)
    }
  }

  var altered: JobError { Self.error(.altered, path) }

  private static func bytes(_ count: Int, of input: borrowing InputFile) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: count)
    while bytes.count < count {
      let read = try input.read(into: &buffer, atMost: count - bytes.count)
      if read == 0 { break }
      bytes += buffer[..<read]
    }
    return bytes
  }

  private static func error(_ problem: BackupOpener.Problem, _ path: FilePath) -> JobError {
    switch problem {
    case .none:
      JobError(
        .notABundle,
        "\(path): this is not a backup of kscmirror, or one of a version that this program cannot read",
        remedy: "Name the file that 'kscmirror backup' wrote, or update kscmirror."
      )
    case .altered:
      JobError(
        .damagedBundle,
        "\(path): the backup is cut short, or was altered; nothing was put back",
        remedy: "Take another copy of it."
      )
    case .wrongPassphrase:
      JobError(
        .keyUnusable,
        "\(path): the pass phrase is wrong",
        remedy: "It is the one that was typed when the backup was made. Without it nobody can open the backup."
      )
    }
  }
}

/// What was put back.
package struct RestoreReport: Sendable, Encodable {
  /// The store.
  package let store: String
  /// When the backup was made.
  package let created: UTCTime
  /// How many files were put back.
  package let files: Int
  /// Their bytes.
  package let bytes: Int64
  /// The number that the next snapshot of this store gets, if it makes its own.
  package let nextSnapshot: Int
  /// Whether the store has keys to sign bundles with: it is a connected side then.
  package let hasKeys: Bool
}
