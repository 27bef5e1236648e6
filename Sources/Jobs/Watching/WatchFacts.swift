import Catalogue
import ContentStore
import MirrorTypes
import Releases
import StoreTrust

/// What there is to watch of a store, on either side: `status`, `check`, `metrics` and the metrics of `serve` show it,
/// each in its way.
package struct WatchFacts: Sendable, Encodable {
  /// When this was looked up.
  package let now: UTCTime
  /// The name of this site, if it has one.
  package let site: String?
  /// The side: `connected`, `isolated`, `both`.
  package let side: String
  /// Whether it has sources to fetch from.
  package let hasSources: Bool
  /// What is published; `nil`: nothing yet.
  package let release: Release?
  /// Its components.
  package let components: [Component]
  /// The newest whole snapshot; `nil`: none yet.
  package let newest: Int?
  /// Why the newest snapshot is not published, with the remedy; `nil` if it is.
  package let heldBack: HeldBackFacts?
  /// A snapshot that should be published and is not.
  package let unpublished: Int?
  /// The commands that note their runs, by name.
  package let jobs: [Job]
  /// What runs at this moment.
  package let running: [RunningJob]
  /// When what is signed here, or was imported last, expires.
  package let expires: UTCTime?
  /// When the root expires.
  package let rootExpires: UTCTime?
  /// The sites that are known here, by name.
  package let sites: [Site]
  /// What is free below the store, in bytes, and what the next release needs; `nil` where it cannot be said.
  package let room: StoreRoom?
  /// Of each site whose licences are known here, how many are worth a look.
  package let licences: [Licences]
  /// What will become of the databases here, on a side that imports.
  package let forecast: SiteForecast?

  /// What is published.
  package struct Release: Sendable, Encodable {
    /// The snapshot.
    package let snapshot: Int
    /// When it was sealed on the connected side.
    package let sealed: UTCTime
    /// How many files it has.
    package let files: Int
    /// Their bytes.
    package let bytes: Int64
    /// The date of its databases: of its newest primary index; `nil` where it is not known.
    package let indexDate: UTCTime?
    /// How old they are by that.
    package let age: IndexAge
  }

  /// A component of what is published.
  package struct Component: Sendable, Encodable {
    /// Its name.
    package let name: String
    /// The source that it is of.
    package let source: String
    /// The date of its own index; `nil` where it has none, or it is not known.
    package let indexDate: UTCTime?
    /// How old it is by that.
    package let age: IndexAge
  }

  /// How a command goes that notes its runs.
  package struct Job: Sendable, Encodable, Hashable {
    /// The command.
    package let job: String
    /// When it ended last.
    package let finished: UTCTime
    /// How: `ok`, `with errors`, `failed`.
    package let outcome: String
    /// What it said then, in a line.
    package let message: String
    /// When it ended well last; `nil`: not in the runs that are remembered.
    package let succeeded: UTCTime?
    /// How many runs since then did not.
    package let failures: Int
    /// When the first of those ended.
    package let failingSince: UTCTime?
  }

  /// A site that is known by its receipts.
  package struct Site: Sendable, Encodable {
    /// Its name.
    package let name: String
    /// The snapshot that is published there, by its newest receipt.
    package let snapshot: Int?
    /// The date of the databases there; `nil` where it is not known.
    package let indexDate: UTCTime?
    /// How old they are by that; `nil` when nothing is published there.
    package let age: IndexAge?
    /// When its newest receipt was collected; `nil`: none was.
    package let received: UTCTime?
    /// What will become of it.
    package let forecast: SiteForecast
    /// The newest snapshot that was packed for it and that no receipt has confirmed yet; `nil`: none.
    package let onTheWay: Int?
    /// When that was packed.
    package let packed: UTCTime?
  }

  /// The licences of a site.
  package struct Licences: Sendable, Encodable {
    /// The site.
    package let site: String
    /// How many there are.
    package let count: Int
    /// How many are worth a warning.
    package let warnings: Int
    /// How many are critical.
    package let critical: Int
  }

  /// How many components are of an age.
  package func count(_ age: IndexAge) -> Int { components.count { $0.age == age } }

  /// A command's runs; `nil` if none is remembered.
  package func job(_ name: String) -> Job? { jobs.first { $0.job == name } }
}
