import Catalogue
import FileSystem
import MirrorTypes
import SystemPackage

/// A release that somebody holds by something else than its name: a mount of what `current` once led to, as containers and
/// shares make it, or a working folder.
package struct HeldRelease: Hashable, Sendable {
  /// Its number.
  package let number: Int
  /// Who holds it, and how.
  package let holders: [FolderHolder]

  /// A release with those who hold it, at least one.
  package init(number: Int, holders: [FolderHolder]) {
    self.number = number
    self.holders = holders
  }
}

extension HeldRelease: CustomStringConvertible {
  /// A sentence without its end.
  package var description: String {
    "release \(number) \(holders.first?.description ?? "is held")"
      + (holders.count > 1 ? ", and is held in \(Words.count(holders.count - 1, "more place"))" : "")
  }
}

extension HeldRelease {
  /// The releases that hold something of what is held below `releases/`, by number.
  static func all(_ holders: [FolderHolder]) -> [HeldRelease] {
    var found: [Int: [FolderHolder]] = [:]
    for holder in holders {
      guard let name = holder.inner.components.first, let number = StoreLayout.releaseNumber(name.string) else {
        continue
      }
      found[number, default: []].append(holder)
    }
    return found.sorted { $0.key < $1.key }.map { HeldRelease(number: $0.key, holders: $0.value) }
  }
}

extension ContentStore {
  /// The releases that somebody holds at this moment, as far as this user may see it.
  package func heldReleases() -> [HeldRelease] { HeldRelease.all(ProcessPlaces.now().holders(below: layout.releases)) }
}
