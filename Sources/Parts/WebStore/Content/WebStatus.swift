import Languages
import MirrorTypes

/// What the status page, `/api/v1/status` and `/metrics` say about a store. In JSON, points in time are seconds since 1970.
package struct WebStatus: Sendable, Encodable {
  /// The version of this document: it grows when a field goes or changes its meaning.
  package var version = 2
  /// The site's name, if it has one.
  package var site: String?
  /// The release that is served; `nil` when nothing is published yet.
  package var release: Release?
  /// What it holds, by source and component.
  package var components: [Component]
  /// The last import, or the last sync of a store that imports nothing.
  package var lastRun: Run?
  /// Installers and other files below `packages/`, at most ``listedPackages``.
  package var packages: [Package]
  /// How many there are.
  package var packageCount: Int
  /// Licences that end soon or have ended, if the store knows of any.
  package var licences: [Licence]
  /// When this was looked up.
  package var asOf: UTCTime
  /// From when on databases are old.
  package var limits: AgeLimits
  /// What else `/metrics` shows of the store; it is no part of the JSON.
  package var watched: PrometheusText
  /// What the page is written in for whoever wishes no language that there is; it is no part of the JSON.
  package var language: Language

  private enum CodingKeys: String, CodingKey {
    case version, site, release, components, lastRun, packages, packageCount, licences, asOf, limits
  }

  /// The most packages that are listed.
  package static let listedPackages = 500

  /// What is served.
  package struct Release: Sendable, Encodable {
    /// Its number.
    package var number: Int
    /// When its snapshot was made on the connected side.
    package var created: UTCTime
    /// When it was published here.
    package var published: UTCTime
    /// How many files it has.
    package var files: Int
    /// Their bytes.
    package var bytes: Int64
    /// The date of the newest primary index, if one is known.
    package var indexDate: UTCTime?
    /// Whether it has indexes at all: what has none has no age.
    package var hasIndex: Bool

    /// How old its databases are.
    package func age(_ now: UTCTime, by limits: AgeLimits) -> IndexAge {
      IndexAge(of: indexDate, hasIndex: hasIndex, now: now, by: limits)
    }

    /// A release.
    package init(
      number: Int,
      created: UTCTime,
      published: UTCTime,
      files: Int,
      bytes: Int64,
      indexDate: UTCTime? = nil,
      hasIndex: Bool = true
    ) {
      self.hasIndex = hasIndex
      self.number = number
      self.created = created
      self.published = published
      self.files = files
      self.bytes = bytes
      self.indexDate = indexDate
    }
  }

  /// A component of the release.
  package struct Component: Sendable, Encodable {
    /// Its name; empty for what belongs to none.
    package var name: String
    /// The source that it is of.
    package var source: String
    /// How many files it has.
    package var files: Int
    /// Their bytes.
    package var bytes: Int64
    /// The date of its own index; `nil` where it has none, or it is not known.
    package var indexDate: UTCTime?
    /// When the last of its files came to this side. It says nothing of its age.
    package var arrived: UTCTime
    /// How old it is.
    package var age: IndexAge

    /// A component.
    package init(
      name: String,
      source: String,
      files: Int,
      bytes: Int64,
      indexDate: UTCTime?,
      arrived: UTCTime,
      age: IndexAge
    ) {
      self.name = name
      self.source = source
      self.files = files
      self.bytes = bytes
      self.indexDate = indexDate
      self.arrived = arrived
      self.age = age
    }
  }

  /// A run of a job.
  package struct Run: Sendable, Encodable {
    /// The command.
    package var job: String
    /// When it began.
    package var started: UTCTime
    /// When it ended.
    package var finished: UTCTime
    /// Whether all was well.
    package var succeeded: Bool
    /// What it said.
    package var message: String

    /// A run.
    package init(job: String, started: UTCTime, finished: UTCTime, succeeded: Bool, message: String) {
      self.job = job
      self.started = started
      self.finished = finished
      self.succeeded = succeeded
      self.message = message
    }
  }

  /// A file below `packages/`.
  package struct Package: Sendable, Encodable {
    /// Its path below the root.
    package var path: String
    /// Its size in bytes.
    package var bytes: Int64
    /// Its SHA-256, in hexadecimal digits.
    package var sha256: String

    /// A package.
    package init(path: String, bytes: Int64, sha256: String) {
      self.path = path
      self.bytes = bytes
      self.sha256 = sha256
    }
  }

  /// A licence that somebody should look at.
  package struct Licence: Sendable, Encodable {
    /// What it is for.
    package var name: String
    /// The site that it is of.
    package var site: String
    /// When it ends; `nil` when that is not known.
    package var ends: UTCTime?
    /// What is wrong, in a few words.
    package var problem: String
    /// The same for the page; `nil`: as ``problem`` says. It is no part of the JSON.
    package var shown: Phrase?

    private enum CodingKeys: String, CodingKey { case name, site, ends, problem }

    /// A licence.
    package init(name: String, site: String, ends: UTCTime?, problem: String, shown: Phrase? = nil) {
      self.shown = shown
      self.name = name
      self.site = site
      self.ends = ends
      self.problem = problem
    }
  }

  /// The state of a store.
  package init(
    site: String? = nil,
    release: Release?,
    components: [Component],
    lastRun: Run?,
    packages: [Package],
    packageCount: Int,
    licences: [Licence] = [],
    asOf: UTCTime,
    limits: AgeLimits = .vendors,
    watched: PrometheusText = PrometheusText(),
    language: Language = .english
  ) {
    self.language = language
    self.limits = limits
    self.watched = watched
    self.site = site
    self.release = release
    self.components = components
    self.lastRun = lastRun
    self.packages = packages
    self.packageCount = packageCount
    self.licences = licences
    self.asOf = asOf
  }
}
