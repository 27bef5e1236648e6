import Catalogue
import FileSystem
import MirrorTypes
import SystemPackage

/// What had to be mended when a store was opened for writing.
package struct RepairReport: Hashable, Sendable {
  /// Unfinished files that were removed.
  package internal(set) var removedPartials = 0
  /// Unfinished large files that a later run can go on with. They are no damage.
  package internal(set) var resumable = 0
  /// Objects that were finished but not yet in the catalogue: read again, found whole and adopted.
  package internal(set) var adoptedObjects = 0
  /// Files among the objects that were not whole, and are gone.
  package internal(set) var droppedObjects: [FilePath] = []
  /// Objects struck out by a prune that was cut short, and removed now.
  package internal(set) var prunedObjects = 0
  /// Releases whose making or removal was cut short, and that are gone: the names of their folders.
  package internal(set) var removedReleases: [String] = []
  /// Releases that were whole but not yet in the catalogue.
  package internal(set) var adoptedReleases: [Int] = []
  /// Releases in the catalogue without a folder, struck out.
  package internal(set) var forgottenReleases: [Int] = []

  /// Whether there was nothing to mend.
  package var isEmpty: Bool {
    var other = self
    other.resumable = 0
    return other == RepairReport()
  }
}

extension RepairReport: CustomStringConvertible {
  /// What was mended, in one line; empty if nothing was.
  package var description: String {
    let parts: [(Int, String, String)] = [
      (adoptedObjects, "complete file kept", "complete files kept"),
      (removedPartials, "unfinished file removed", "unfinished files removed"),
      (droppedObjects.count, "damaged file removed", "damaged files removed"),
      (
        prunedObjects, "file removed that 'prune' had begun to remove", "files removed that 'prune' had begun to remove"
      ),
      (removedReleases.count, "unfinished release removed", "unfinished releases removed"),
      (adoptedReleases.count, "complete release kept", "complete releases kept"),
      (
        forgottenReleases.count, "release without a folder removed from the list",
        "releases without a folder removed from the list"
      ),
    ]
    return parts.filter { $0.0 > 0 }.map { Words.count($0.0, $0.1, $0.2) }.joined(separator: ", ")
  }
}

/// Brings a store back in order after a writer that was killed. It holds the lock, so all that is unfinished is dead.
struct StoreRepair {
  let layout: StoreLayout
  let catalogue: Catalogue
  private(set) var report = RepairReport()

  init(layout: StoreLayout, catalogue: Catalogue) {
    self.layout = layout
    self.catalogue = catalogue
  }

  /// Costs a few system calls when nothing is wrong: objects are walked only if the marker is there.
  mutating func run() throws(StoreError) {
    do {
      try finishPrune()
      try clearPartials()
      try settleReleases()
      try Files.remove(StoreMap(layout.root)[.nextLink])
      try adoptObjects()
    } catch {
      throw StoreError(catalogue: error, path: layout.catalogue)
    }
  }

  /// Gives back the room that the store keeps for this, and that of what a killed writer left. On a disk that is still full,
  /// unfinished files go too that a later run could go on with. The catalogue is not needed for any of it.
  static func makeRoom(_ layout: StoreLayout) throws(StoreError) {
    try withFiles { () throws(FileError) in
      try Reserve(layout).give()
      let boot = PartialFiles.boot()
      for entry in try Files.entries(of: layout.partial) where !PartialFiles.isTrusted(entry.name, boot: boot) {
        guard PartialFiles.keyOfTag(entry.name) == nil else { continue }
        try Files.removeTree(layout.partial.appending(entry.name))
      }
      guard let space = try? FreeSpace(at: layout.root), !space.isUnknown, space.bytes < scarce else { return }
      for entry in try Files.entries(of: layout.partial) { try Files.removeTree(layout.partial.appending(entry.name)) }
    }
  }

  /// So few bytes are too few for a prune.
  private static let scarce: Int64 = 1 << 20

  private mutating func finishPrune() throws {
    report.prunedObjects = try catalogue.removeCondemned(layout)
  }

  private mutating func clearPartials() throws {
    let entries = try Files.entries(of: layout.partial)
    guard !entries.isEmpty else { return }
    let boot = PartialFiles.boot()
    var kept: [(key: Substring, path: FilePath, status: FileStatus)] = []
    var tags: [(key: Substring, path: FilePath)] = []
    for entry in entries {
      let path = layout.partial.appending(entry.name)
      if let key = PartialFiles.keyOfTag(entry.name), try Files.status(path)?.kind == .file {
        tags.append((key, path))
      } else if PartialFiles.isTrusted(entry.name, boot: boot), let status = try Files.status(path),
        status.kind == .file, status.size >= PartialFiles.smallestKept
      {
        kept.append((entry.name.prefix { $0 != "." }, path, status))
      } else {
        try Files.removeTree(path)
        report.removedPartials += 1
      }
    }
    let keys = try limit(kept)
    report.resumable = keys.count
    for tag in tags where !keys.contains(tag.key) { try Files.remove(tag.path) }
  }

  /// Removes of the unfinished files those that are too old, and the oldest where there are too many.
  ///
  /// - Returns: the keys of those that stay.
  private func limit(_ files: [(key: Substring, path: FilePath, status: FileStatus)]) throws -> Set<Substring> {
    let oldest = ContentStore.now.adding(seconds: -PartialFiles.staleAge)
    var keys: Set<Substring> = []
    var bytes = ByteCount.zero
    for file in files.sorted(by: { $0.status.modified > $1.status.modified }) {
      bytes.add(file.status.size)
      if keys.count < PartialFiles.mostKept, bytes.value <= PartialFiles.mostBytesKept, file.status.modified >= oldest {
        keys.insert(file.key)
      } else {
        try Files.remove(file.path)
      }
    }
    return keys
  }

  private mutating func settleReleases() throws {
    var listed = try catalogue.releaseNumbers()
    for entry in try Files.entries(of: layout.releases) {
      let path = layout.releases.appending(entry.name)
      // A folder gets its number as name only when it is whole and on the disk.
      if let number = StoreLayout.releaseNumber(entry.name), try Files.status(path)?.kind == .folder {
        if listed.remove(number) != nil { continue }
        if try catalogue.adoptRelease(number, at: ContentStore.now) {
          report.adoptedReleases.append(number)
          continue
        }
      }
      try Files.removeTree(path)
      report.removedReleases.append(entry.name)
    }
    guard !listed.isEmpty else { return }
    try catalogue.forgetReleases(listed)
    report.forgottenReleases = listed.sorted()
  }

  private mutating func adoptObjects() throws {
    guard try Files.status(layout.unsettled) != nil else { return }
    var adopted: [ObjectDigest: Int64] = [:]
    for folder in StoreLayout.fanOut {
      let path = layout.objects.appending(folder)
      let entries = try Files.entries(of: path)
      if entries.isEmpty { continue }
      let listed = try catalogue.digests(inFolder: folder)
      for entry in entries {
        guard let digest = ObjectDigest(hex: folder + entry.name), !listed.contains(digest) else { continue }
        let file = path.appending(entry.name)
        if try Files.status(file)?.kind == .file, case let (found, size) = try FileDigest.of(file), found == digest {
          adopted[digest] = size
        } else {
          try Files.removeTree(file)
          report.droppedObjects.append(file)
        }
      }
    }
    if !adopted.isEmpty {
      try Files.syncFileSystem(containing: layout.objects)
      try catalogue.insert(adopted)
      report.adoptedObjects = adopted.count
    }
    try mendDamaged()
    try Files.remove(layout.unsettled)
  }

  /// A killed commit may have replaced damaged objects without telling: those that are whole now are mended.
  private func mendDamaged() throws {
    for digest in try catalogue.damagedObjects() {
      guard let (found, _) = try? FileDigest.of(layout.path(of: digest)), found == digest else { continue }
      try ReleaseMending(layout: layout, catalogue: catalogue).mend(digest)
    }
  }
}
