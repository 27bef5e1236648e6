import ContentStore
import Demand
import FileSystem
import JobCore
import MirrorConfiguration
import Sites
import SystemPackage
import Transfer
import UpdateIndex

/// Tells what sites really manage, and what sources with `products = "as reported"` carry for them.
package struct DemandShowJob: Sendable, InContext {
  package let context: JobContext
  private let catalogueFile: FilePath?

  /// A job.
  ///
  /// - Parameters:
  ///   - catalogue: a file with the vendor's catalogue of products; `nil`: each source is asked for its own.
  package init(_ context: JobContext, catalogue: FilePath? = nil) {
    self.context = context
    catalogueFile = catalogue
  }

  /// Tells it. Nothing is changed.
  package func run() async throws -> DemandReport {
    _ = try ContentStore.open(folder, access: .reading)
    let sites = try SiteRegistry(folders).all()
    var report = DemandReport()
    if let own = try OwnDemand(folders).read() {
      report.own = OwnDemandReport(
        server: nil,
        demand: own,
        kept: OwnDemand(folders).file.string,
        site: configuration.site
      )
    }
    report.sites = sites.map { .init(name: $0.name, demand: $0.demand) }
    for source in configuration.sources {
      guard case .kaspersky(let tree) = source.kind, let reported = tree.reported else { continue }
      let catalogue = try await catalogue(of: source, tree)
      do {
        let plan = try DemandPlan(of: source.name, tree, reported, sites: sites, catalogue: catalogue)
        plan.tell(reporter, source: source.name, now: clock.now)
        report.sources.append(.init(source.name, plan))
      } catch {
        let failure = JobError(error)
        // That a sync would fail for it is what was asked.
        guard failure.status == .nothingReported else { throw error }
        reporter.warning("nothing-reported", failure.description)
      }
    }
    return report
  }

  private func catalogue(of source: Source, _ tree: UpdateTreeSource) async throws -> ProductCatalogue {
    if let catalogueFile {
      return try ProductCatalogue(parsing: try Files.read(catalogueFile, atMost: CatalogueFetch.maximumBytes))
    }
    reporter.report(.phase("asking \(source.name) for the product catalogue"))
    let client = try transports.files(try TransferOptions(source.transport, servers: tree.servers))
    defer { client.shutdown() }
    return try await CatalogueFetch(source: source.name, client: client).run()
  }
}

/// What sites really manage, and what is carried for them.
package struct DemandReport: Sendable, Encodable {
  /// What this store's own Administration Server reported, if it is a site.
  package internal(set) var own: OwnDemandReport?
  /// What the sites that are known here have reported.
  package internal(set) var sites: [SiteDemand] = []
  /// What the sources carry for them.
  package internal(set) var sources: [SourceDemand] = []

  /// What a site has told.
  package struct SiteDemand: Sendable, Encodable {
    /// The site.
    package let name: String
    /// What it has reported; `nil`: nothing.
    package let demand: ReportedDemand?
  }

  /// What a source carries.
  package struct SourceDemand: Sendable, Encodable {
    /// The source.
    package let name: String
    /// The primary indexes.
    package let indexes: [String]
    /// Patterns of applications.
    package let applications: [String]
    /// Components; empty: all.
    package let components: [String]
    /// The sites that have reported nothing.
    package let silent: [String]
    /// The vendor's names of products that are taken for those.
    package let fallback: [String]
    /// What is wanted, and by which sites.
    package let wishes: [Wish]

    init(_ name: String, _ plan: DemandPlan) {
      self.name = name
      indexes = plan.primaries.map(\.string)
      applications = plan.applications
      components = plan.components
      silent = plan.silent
      fallback = plan.fallback
      var wishes: [[String]: Wish] = [:]
      for site in plan.sites {
        for wish in site.wishes {
          wishes[wish.application.identity, default: Wish(wish)].sites.append(
            .init(name: site.name, devices: wish.application.devices)
          )
        }
      }
      self.wishes = wishes.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
    }
  }

  /// An application that sites want.
  package struct Wish: Sendable, Encodable {
    /// The application, by the server's names.
    package let application: String
    /// The name that people see.
    package let displayName: String?
    /// How well it is known: `version`, `application`, `unknown`, `nothing` (by the configuration).
    package let known: String
    /// Whether the configuration says what the indexes call it.
    package let isConfigured: Bool
    /// Patterns of applications that are taken for it.
    package let taken: [String]
    /// How many components are taken for it.
    package let components: Int
    /// The sites.
    package internal(set) var sites: [Devices] = []

    init(_ wish: DemandPlan.Wish) {
      application = wish.application.text
      displayName = wish.application.displayName
      known = wish.match?.certainty.rawValue ?? "nothing"
      isConfigured = wish.isConfigured
      taken = wish.match?.applications ?? []
      components = wish.match?.components.count ?? 0
    }
  }

  /// On how many devices of a site an application is.
  package struct Devices: Sendable, Encodable {
    /// The site.
    package let name: String
    /// How many devices.
    package let devices: Int
  }
}
