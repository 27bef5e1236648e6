import Glibc
import SystemPackage

/// What holds a folder by something else than its name: it goes on being used when the name, or a link, leads elsewhere.
package struct FolderHolder: Hashable, Sendable {
  /// How it is held.
  package enum Way: Hashable, Sendable {
    /// It, or what is below it, is mounted at another place: a bind mount, a volume of a container.
    case mount(FilePath)
    /// It is the working folder of a process.
    case workingFolder
  }

  /// What is held, below the folder that was asked about.
  package let inner: FilePath
  /// How.
  package let way: Way
  /// The process that sees the mount, or works there; `nil` for a mount that this process sees too.
  package let process: LockHolder?

  /// Something that is held.
  package init(inner: FilePath, way: Way, process: LockHolder?) {
    self.inner = inner
    self.way = way
    self.process = process
  }
}

extension FolderHolder: CustomStringConvertible {
  /// The rest of a sentence that begins with what is held: `is mounted at /srv/www`.
  package var description: String {
    switch (way, process) {
    case (.mount(let place), nil): "is mounted at \(place)"
    case (.mount(let place), let process?): "is mounted at \(place) for \(process)"
    case (.workingFolder, let process): "is the working folder of \(process?.description ?? "a process")"
    }
  }
}

/// What processes have mounted, and where they work, as far as this user may see it.
package struct ProcessPlaces: Hashable, Sendable {
  /// What this process sees mounted.
  let own: MountTable
  /// What others see, in mount namespaces of their own: one process of each.
  var others: [Int: MountTable] = [:]
  /// Where processes work.
  var workingFolders: [Int: FilePath] = [:]

  /// The most processes that are looked at, and the most mount namespaces.
  private static let (mostProcesses, mostNamespaces) = (100_000, 1000)

  /// Looks at all processes.
  package static func now() -> ProcessPlaces {
    var places = ProcessPlaces(own: .current())
    var seen: Set<String> = []
    if let own = namespace(of: "self") { seen.insert(own) }
    let processes = ((try? Files.entries(of: "/proc", atMost: mostProcesses)) ?? []).compactMap { Int($0.name) }
    for process in processes.sorted() {
      if let folder = (try? Files.linkTarget(FilePath("/proc/\(process)/cwd"))) ?? nil {
        places.workingFolders[process] = FilePath(folder)
      }
      guard seen.count < mostNamespaces, let other = namespace(of: "\(process)"), seen.insert(other).inserted else {
        continue
      }
      places.others[process] = .of("\(process)")
    }
    return places
  }

  /// The name of the mount namespace of a process; `nil` where this user may not see it.
  private static func namespace(of process: String) -> String? {
    (try? Files.linkTarget(FilePath("/proc/\(process)/ns/mnt"))) ?? nil
  }

  /// What holds something below a folder.
  ///
  /// - Parameters:
  ///   - folder: its path, without links in it.
  ///   - shown: what is known of a process.
  /// - Returns: each place once, those that this process sees first.
  package func holders(
    below folder: FilePath,
    shown: (Int) -> LockHolder = { LockHolder(process: $0) }
  ) -> [FolderHolder] {
    var found: [FolderHolder] = []
    var seen: Set<[FilePath]> = []
    if let mount = own.mount(of: folder) {
      let inside = mount.root.pushing(FilePath(folder.parts(below: mount.place) ?? []))
      let tables = [(nil, own)] + others.sorted { $0.key < $1.key }.map { (Int?.some($0.key), $0.value) }
      for (process, table) in tables {
        for other in table.mounts where other.device == mount.device {
          guard let parts = other.root.parts(below: inside), !parts.isEmpty else { continue }
          let inner = FilePath(parts)
          guard seen.insert([inner, other.place]).inserted else { continue }
          found.append(FolderHolder(inner: inner, way: .mount(other.place), process: process.map(shown)))
        }
      }
    }
    for (process, place) in workingFolders.sorted(by: { $0.key < $1.key }) {
      guard let parts = place.parts(below: folder), !parts.isEmpty else { continue }
      found.append(FolderHolder(inner: FilePath(parts), way: .workingFolder, process: shown(process)))
    }
    return found
  }
}

extension FilePath {
  /// What a path has behind another one that it begins with; `nil` where it does not.
  fileprivate func parts(below folder: FilePath) -> [FilePath.Component]? {
    let (parts, first) = (Array(components), Array(folder.components))
    return parts.starts(with: first) ? Array(parts.dropFirst(first.count)) : nil
  }

  /// A path that has no beginning.
  fileprivate init(_ parts: [FilePath.Component]) { self.init(root: nil, parts) }
}
