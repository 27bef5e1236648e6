import Failures
import FileSystem
import MirrorTypes
import StrictJSON
import SystemPackage

/// A folder that something is written to so that it can be carried away: mostly a stick. All that is written to one goes
/// by this door, which sees that a stick is there, and holds it open: what a job writes later goes to the same medium, or
/// nowhere, whatever is mounted on the path meanwhile.
package struct Medium: Sendable {
  /// The folder, held open.
  package let place: Place
  private let resolved: FilePath
  private let memory: MountMemory?
  /// Whether the folder lies on another file system than the store and `/`.
  private let isApart: Bool

  /// Opens a folder that an administrator has named.
  ///
  /// - Parameters:
  ///   - path: the folder.
  ///   - rule: whether a stick has to be mounted there.
  ///   - store: the folder of the store that something is written from, which remembers where sticks were mounted; `nil`
  ///     where none takes part.
  /// - Throws: an error with ``ExitStatus/notThere`` when there is nothing, and with ``ExitStatus/cannotCreate`` when it is
  ///   not a folder, or no stick is mounted there.
  package static func open(_ path: FilePath, _ rule: MountRule, store: FilePath?) throws -> Medium {
    let place = try folder(path)
    let resolved = (try? Files.resolvingLinks(path)) ?? path
    let device = try place.status()?.device
    let around = try ["/", store.map(Files.resolvingLinks)].compactMap { $0 }.map { try Files.status($0)?.device }
    let memory = store.map(MountMemory.init)
    let medium = Medium(place: place, resolved: resolved, memory: memory, isApart: !around.contains(device))
    let wasApart = rule == .whereSticksAre && !medium.isApart && memory?.knows(resolved) ?? false
    if let reason = MountDecision(rule: rule, folder: resolved, isApart: medium.isApart, wasApart: wasApart).refusal {
      throw medium.refusal(reason, path)
    }
    return medium
  }

  /// None is made: where a stick was to be mounted, all would be written to this computer's disk.
  private static func folder(_ path: FilePath) throws -> Place {
    do throws(FileError) {
      if let folder = try OpenFolder.ifFolder(path) { return folder.place }
    } catch {
      guard error.reason == .noSuchFileOrDirectory else { throw error }
      throw JobError(
        .notThere,
        "the folder \(path) does not exist, and nothing was written",
        remedy:
          "If it is on a stick, mount the stick; if it is a folder of this computer, make it first: mkdir -p \(ShellWord.quoted(path.string))"
      )
    }
    throw JobError(.cannotCreate, "\(path) is not a folder", remedy: "Name the folder of the stick with --output.")
  }

  private func refusal(_ reason: String, _ path: FilePath) -> JobError {
    JobError(
      .cannotCreate,
      "\(path): no stick is mounted here: \(reason). Nothing was written",
      remedy:
        "Mount the stick, and run the command again; if this very folder is meant, add --here (or set require_mount = false in [pack] of the configuration)."
    )
  }

  /// Sees that nobody else writes here until this value is gone.
  ///
  /// - Throws: an error with ``ExitStatus/busy``.
  package func lock() throws {
    guard try !place.folder.takeLock() else { return }
    let holder = try place.status().flatMap { LockHolder.of($0, others: true) }
    throw JobError(
      .busy,
      "\(place): another run of kscmirror is writing here\(holder.map { " (process \($0.process))" } ?? "")",
      remedy: "Wait until it has ended, then run the command again."
    )
  }

  /// Has the medium take all that was written to it, and remembers whether a stick was mounted.
  package func finish() throws -> MediumFacts {
    try place.syncFileSystem()
    if isApart { memory?.note(resolved) }
    let mount = MountTable.current().mount(of: resolved)
    return MediumFacts(
      folder: place.shown.string,
      fileSystem: mount?.kind,
      label: mount?.label,
      mountPoint: isApart ? mount?.place.string : nil
    )
  }
}

/// What a medium is, for the person who carries it.
package struct MediumFacts: Sendable, Hashable, Encodable {
  /// The folder that was written to.
  package let folder: String
  /// The kind of its file system, such as `vfat`, as far as it is known.
  package let fileSystem: String?
  /// The label of its file system, if it has one and the system knows it.
  package let label: String?
  /// Where it is mounted; `nil` for a folder on the file system of `/` or of the store.
  package let mountPoint: String?

  /// The folder, with what is known of its file system.
  package var text: String {
    let facts = [fileSystem, label.map { "label \(ShownText.quoted($0))" }].compactMap { $0 }
    return facts.isEmpty ? folder : "\(folder) (\(facts.joined(separator: ", ")))"
  }

  /// What can be done with it now.
  package var advice: String {
    mountPoint.map { "Unmount \($0), then remove the stick." }
      ?? "This is a folder of this computer, not a stick."
  }
}

/// Decides whether something may be written to a folder that may be a stick's.
package struct MountDecision: Sendable {
  private let rule: MountRule
  private let folder: FilePath
  private let isApart: Bool
  private let wasApart: Bool

  /// - Parameters:
  ///   - folder: the folder, without links in its path.
  ///   - isApart: whether it lies on another file system than `/` and the store.
  ///   - wasApart: whether it did when it was last written to.
  package init(rule: MountRule, folder: FilePath, isApart: Bool, wasApart: Bool) {
    self.rule = rule
    self.folder = folder
    self.isApart = isApart
    self.wasApart = wasApart
  }

  /// Why nothing may be written there; `nil`: it may.
  package var refusal: String? {
    guard rule != .never, !isApart else { return nil }
    if rule == .always { return "it lies on the file system of the system or of the store, and require_mount = true" }
    if let place = MountTable.usualPlaces.first(where: folder.starts) {
      return "it lies below \(place), and on the file system of the system or of the store"
    }
    return wasApart ? "one was mounted here when it was last written to" : nil
  }
}

/// Remembers, in a store, in which folders sticks were mounted.
struct MountMemory: Sendable {
  private let file: StateFile

  private static let most = 100

  init(_ store: FilePath) {
    file = StateFile(
      StoreFolders(store).mounts,
      kind: "kscmirror mounts",
      remedy: "Remove it: it is written anew.",
      maximumSize: 1 << 20
    )
  }

  private var folders: [String] {
    (try? file.readIfIntact())?["folders"]?.array?.compactMap(\.string) ?? []
  }

  func knows(_ folder: FilePath) -> Bool { folders.contains { $0.utf8.elementsEqual(folder.string.utf8) } }

  /// What cannot be remembered is no reason to fail after the stick is written.
  func note(_ folder: FilePath) {
    guard !knows(folder) else { return }
    let list = (folders + [folder.string]).suffix(Self.most)
    try? file.write(["folders": .array(list.map { .string($0) })])
  }
}
