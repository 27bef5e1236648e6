import BundleFormat
import FileSystem
import JobCore
import MirrorTypes
import SystemPackage

/// Finds the stick that a person means who names none: the one mounted medium with bundles on it.
package struct MediaSearch: Sendable {
  /// A medium with bundles.
  package struct Medium: Hashable, Sendable {
    /// Where it is mounted.
    package let place: FilePath
    /// The names of its bundles, the newest snapshot last.
    package let bundles: [String]
  }

  /// What was found.
  package enum Finding: Hashable, Sendable {
    /// The one medium that has bundles.
    case one(Medium)
    /// Several have.
    case several([Medium])
  }

  private let places: [FilePath]

  /// A search of what is mounted now.
  package init() { self.init(places: MountTable.current().media()) }

  init(places: [FilePath]) { self.places = places }

  /// Looks for bundles at the places themselves, not in folders below them.
  ///
  /// - Throws: an error with ``ExitStatus/notThere`` when no medium has one.
  package func run() throws -> Finding {
    let media = places.compactMap { place -> Medium? in
      let bundles = (try? BundleReader.find(at: place)) ?? []
      return bundles.isEmpty ? nil : Medium(place: place, bundles: bundles.map(\.name))
    }
    guard let first = media.first else {
      let looked = places.isEmpty ? "no medium is mounted" : "none is on \(Words.list(places.map(\.string)))"
      throw JobError(
        .notThere,
        "no bundle was found: \(looked)",
        remedy: "Mount the stick, or name the folder that 'kscmirror pack' wrote to."
      )
    }
    return media.count == 1 ? .one(first) : .several(media)
  }

  /// Why nothing is imported where nobody can be asked which of several media is meant.
  package static func ambiguity(_ media: [Medium]) -> JobError {
    JobError(
      .usage,
      "bundles are on \(Words.count(media.count, "medium", "media"))",
      details: media.map { "\($0.place): \(Words.list($0.bundles, atMost: 3))" },
      remedy: "Name the one to import: 'kscmirror import FOLDER'."
    )
  }
}
