import Catalogue
import ContentStore
import FileSystem
import JobCore
import MirrorTypes
import SystemPackage

/// A run that is under way: the holder of a lock of the store.
package struct RunningJob: Sendable, Hashable, Encodable {
  /// The subcommand, such as `sync`; `nil` where the kernel does not show it.
  package let command: String?
  /// Who it is: `process 4711 (kscmirror) of user kscmirror`.
  package let holder: String
  /// The number of its process.
  package let process: Int
  /// When the process began; `nil` where the kernel does not show it.
  package let since: UTCTime?

  /// The runs that hold a lock of the store in a folder, in the order in which they began. Nothing is touched, and this
  /// process is none of them.
  package static func all(in store: FilePath) -> [RunningJob] {
    let root = (try? Files.resolvingLinks(store)) ?? store
    var found: [Int: RunningJob] = [:]
    for path in [StoreMap(root)[.lock]] + StoreLock.allCases.map({ $0.path(in: root) }) {
      guard let holder = LockHolder.of(path, others: true), found[holder.process] == nil else { continue }
      found[holder.process] = RunningJob(
        command: holder.subcommand,
        holder: "\(holder)",
        process: holder.process,
        since: holder.started
      )
    }
    return found.values.sorted { ($0.since ?? .epoch, $0.process) < ($1.since ?? .epoch, $1.process) }
  }
}
