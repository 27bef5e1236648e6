/// What the status page, `/api/v1/status` and `/metrics` tell of a store. Points in time are seconds since 1970.
public struct WebStatus: Sendable, Encodable {
  /// The version of this document: it grows when a field goes or changes its meaning.
  public var version = 1
  /// The site's name, if it has one.
  public var site: String?
  /// The release that is served; `nil` when nothing is published yet.
  public var release: Release?
  /// What it holds, by source and component.
  public var components: [Component]
  /// The last import, or the last sync of a store that imports nothing.
  public var lastRun: Run?
  /// Installers and other files below `packages/`, at most ``listedPackages``.
  public var packages: [Package]
  /// How many there are.
  public var packageCount: Int
  /// Licences that end soon or have ended, if the store knows of any.
  public var licences: [Licence]
  /// When this was looked up.
  public var asOf: Int64

  /// The most packages that are listed.
  public static let listedPackages = 500

  /// What is served.
  public struct Release: Sendable, Encodable {
    /// Its number.
    public var number: Int
    /// When its snapshot was made on the connected side.
    public var created: Int64
    /// When it was published here.
    public var published: Int64
    /// How many files it has.
    public var files: Int
    /// Their bytes.
    public var bytes: Int64
    /// The date of the newest primary index, if there is one.
    public var indexDate: Int64?

    /// A release.
    public init(number: Int, created: Int64, published: Int64, files: Int, bytes: Int64, indexDate: Int64? = nil) {
      self.number = number
      self.created = created
      self.published = published
      self.files = files
      self.bytes = bytes
      self.indexDate = indexDate
    }
  }

  /// A component of the release.
  public struct Component: Sendable, Encodable {
    /// Its name; empty for what belongs to none.
    public var name: String
    /// The source that it is of.
    public var source: String
    /// How many files it has.
    public var files: Int
    /// Their bytes.
    public var bytes: Int64
    /// The date of its newest file.
    public var newest: Int64
    /// How it stands.
    public var state: Age

    /// A component.
    public init(name: String, source: String, files: Int, bytes: Int64, newest: Int64, now: Int64) {
      self.name = name
      self.source = source
      self.files = files
      self.bytes = bytes
      self.newest = newest
      state = Age(of: newest, now: now)
    }
  }

  /// How old something is, by the vendor's own thresholds for databases.
  public enum Age: String, Sendable, Encodable {
    /// Up to three days.
    case current
    /// More than three days.
    case ageing
    /// More than seven days.
    case old

    /// - Parameters:
    ///   - date: when it was made.
    ///   - now: the present.
    public init(of date: Int64, now: Int64) {
      switch now - date {
      case ...(3 * 86_400): self = .current
      case ...(7 * 86_400): self = .ageing
      default: self = .old
      }
    }
  }

  /// A run of a job.
  public struct Run: Sendable, Encodable {
    /// The command.
    public var job: String
    /// When it began.
    public var started: Int64
    /// When it ended.
    public var finished: Int64
    /// Whether all was well.
    public var succeeded: Bool
    /// What it said.
    public var message: String

    /// A run.
    public init(job: String, started: Int64, finished: Int64, succeeded: Bool, message: String) {
      self.job = job
      self.started = started
      self.finished = finished
      self.succeeded = succeeded
      self.message = message
    }
  }

  /// A file below `packages/`.
  public struct Package: Sendable, Encodable {
    /// Its path below the root.
    public var path: String
    /// Its size in bytes.
    public var bytes: Int64
    /// Its SHA-256, in hexadecimal digits.
    public var sha256: String

    /// A package.
    public init(path: String, bytes: Int64, sha256: String) {
      self.path = path
      self.bytes = bytes
      self.sha256 = sha256
    }
  }

  /// A licence that somebody should look at.
  public struct Licence: Sendable, Encodable {
    /// What it is for.
    public var name: String
    /// The site that it is of.
    public var site: String
    /// When it ends; `nil` when that is not known.
    public var ends: Int64?
    /// What is wrong, in a few words.
    public var problem: String

    /// A licence.
    public init(name: String, site: String, ends: Int64?, problem: String) {
      self.name = name
      self.site = site
      self.ends = ends
      self.problem = problem
    }
  }

  /// The state of a store.
  public init(
    site: String? = nil,
    release: Release?,
    components: [Component],
    lastRun: Run?,
    packages: [Package],
    packageCount: Int,
    licences: [Licence] = [],
    asOf: Int64
  ) {
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
