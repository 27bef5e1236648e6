import ContentStore
import JobCore
import MirrorConfiguration
import MirrorTypes
import Sites
import UpdateIndex

/// Which site wants what of an update tree, by its receipts, and what of the tree that is.
///
/// Databases that the indexes restrict to no application and no component are mirrored in any case. Wherever the
/// vendor's catalogue does not know an application well, more is taken and not less.
package struct DemandPlan: Sendable {
  /// An application that a site has.
  package struct Wish: Sendable, Hashable {
    /// The application.
    package let application: ReportedDemand.Application
    /// What of the tree it needs; `nil`: nothing, by the configuration.
    package let match: ApplicationMatch?
    /// Whether the configuration says what the indexes call it.
    package let isConfigured: Bool
  }

  /// What a site wants.
  package struct Site: Sendable {
    /// Its name.
    package let name: String
    /// What it has told.
    let demand: ReportedDemand
    /// The applications that it has.
    package let wishes: [Wish]
    /// The patterns of applications that are taken for it.
    let applications: [String]
    /// The components that are taken for it; empty: all.
    let components: [String]
  }

  /// The sites that have told something, by name.
  package let sites: [Site]
  /// The sites that are known and have told nothing.
  package let silent: [String]
  /// The vendor's names of products that are taken for those.
  package let fallback: [String]
  /// The primary indexes.
  package let primaries: [TreePath]
  /// The components of all sites together; empty: all.
  package let components: [String]
  /// The patterns of applications of all sites together.
  package let applications: [String]

  /// Plans what a source mirrors.
  ///
  /// - Parameters:
  ///   - source: the source's name.
  ///   - tree: its settings.
  ///   - reported: its settings for what sites report.
  ///   - known: the sites that are known here.
  ///   - catalogue: the vendor's catalogue of products.
  /// - Throws: an error with ``ExitStatus/nothingReported`` when no site has told anything, and the configuration
  ///   has nothing to fall back to.
  package init(
    of source: String,
    _ tree: UpdateTreeSource,
    _ reported: ReportedProducts,
    sites known: [KnownSite],
    catalogue: ProductCatalogue
  ) throws {
    var sites: [Site] = []
    var silent: [String] = []
    var primaries: [TreePath] = []
    var lookup = Lookup(reported: reported, matcher: ApplicationMatcher(catalogue))
    for site in known {
      let wishes = (site.demand?.applications ?? []).map { lookup.wish($0) }
      let patterns = Self.patterns(of: wishes)
      guard let demand = site.demand, !patterns.isEmpty else {
        silent.append(site.name)
        continue
      }
      primaries += wishes.flatMap { $0.match?.primaries ?? [] }
      sites.append(
        Site(
          name: site.name,
          demand: demand,
          wishes: wishes,
          applications: patterns,
          components: Self.components(of: wishes, besides: demand.components + tree.components)
        )
      )
    }
    guard !sites.isEmpty || !reported.fallback.isEmpty else { throw Self.nothingReported(source, known) }
    var applications = tree.applications + sites.flatMap(\.applications)
    var components = tree.components + sites.flatMap(\.components)
    if sites.isEmpty || !silent.isEmpty, !reported.fallback.isEmpty {
      let chosen = try catalogue.selection(for: reported.fallback)
      applications += chosen.applications.filter(Self.isPattern)
      components += chosen.components
      primaries += chosen.primaries
      fallback = reported.fallback
    } else {
      fallback = []
    }
    self.sites = sites
    self.silent = silent
    self.applications = Self.once(applications)
    self.components = sites.contains { $0.components.isEmpty } ? [] : Self.once(components)
    let defaults = try UpdateTreeSource.defaultIndexes.map { try TreePath($0) }
    // What was mirrored by default stays, in its order.
    let others = PrimaryIndexes.walked(
      from: Set(primaries).subtracting(defaults).sorted(),
      components: self.components
    )
    self.primaries = tree.indexes.isEmpty ? defaults + others.filter { !defaults.contains($0) } : tree.indexes
  }

  private static func once(_ texts: [String]) -> [String] { Set(texts).sorted() }

  private static func isPattern(_ text: String) -> Bool { (try? Selection(applications: [text])) != nil }

  /// Looks applications up, each once: sites mostly have the same.
  private struct Lookup {
    let reported: ReportedProducts
    let matcher: ApplicationMatcher
    private var known: [InstalledApplication: ApplicationMatch?] = [:]

    init(reported: ReportedProducts, matcher: ApplicationMatcher) {
      self.reported = reported
      self.matcher = matcher
    }

    mutating func wish(_ application: ReportedDemand.Application) -> Wish {
      let match = known[application.installed] ?? self.match(application)
      known[application.installed] = .some(match)
      let isConfigured = reported.names[application.name.lowercased()] != nil
      return Wish(application: application, match: match, isConfigured: isConfigured)
    }

    private func match(_ application: ReportedDemand.Application) -> ApplicationMatch? {
      guard let pattern = reported.names[application.name.lowercased()] else {
        return matcher.match(application.installed)
      }
      guard let name = pattern.split(separator: " ").first else { return nil }
      let called = InstalledApplication(name: String(name), version: application.version, build: application.build)
      return matcher.match(called).called([pattern])
    }
  }

  private static func patterns(of wishes: [Wish]) -> [String] {
    once(wishes.flatMap { $0.match?.applications ?? [] }.filter(isPattern))
  }

  /// The components of all wishes; none, which is all, if one of them is of an application whose components nobody knows.
  private static func components(of wishes: [Wish], besides others: [String]) -> [String] {
    let matches = wishes.compactMap(\.match)
    guard matches.allSatisfy({ $0.certainty != .unknown }) else { return [] }
    return once(matches.flatMap(\.components) + others)
  }

  private static func nothingReported(_ source: String, _ known: [KnownSite]) -> JobError {
    let names = known.map(\.name).joined(separator: ", ")
    let who = known.isEmpty ? "no site is known here" : "none of the sites known here has reported: \(names)"
    return JobError(
      .nothingReported,
      "source \(source): products = \"\(ReportedProducts.word)\", and \(who)",
      remedy:
        "Run 'kscmirror demand ask' at a site, collect its next receipt with 'kscmirror collect', or name products for the time until then with fallback_products."
    )
  }
}

// MARK: - For people

extension DemandPlan {
  /// After how long what a site told is worth a warning: a month.
  package static let oldAge: Int64 = 30 * 86_400
  /// How many unknown applications of a site are reported one by one.
  private static let mostTold = 5

  /// Tells what somebody should look at.
  package func tell(_ reporter: any JobReporter, source: String, now: UTCTime) {
    for site in sites {
      let unknown = site.wishes.filter { $0.match?.certainty == .unknown && !$0.isConfigured }
      for wish in unknown.prefix(Self.mostTold) {
        reporter.warning("unknown-application", self.unknown(wish, site, source))
      }
      if unknown.count > Self.mostTold {
        reporter.warning(
          "unknown-application",
          "source \(source): site \(site.name) wants \(unknown.count - Self.mostTold) more that the vendor's catalogue does not have; 'kscmirror demand show' lists them"
        )
      }
      for wish in site.wishes where wish.match?.certainty == .application && !wish.isConfigured {
        reporter.information(
          "unknown-version",
          "source \(source): site \(site.name) wants \(wish.application.text), a version that the vendor's catalogue does not have: what any version of it needs is taken"
        )
      }
      let age = now.seconds(since: site.demand.asked)
      if age > Self.oldAge {
        reporter.warning(
          "old-report",
          "source \(source): what site \(site.name) needs was asked for \(Words.count(age / 86_400, "day")) ago; run 'kscmirror demand ask' there"
        )
      }
    }
    guard !silent.isEmpty else { return }
    let instead =
      fallback.isEmpty
      ? "nothing is selected for it" : "\(fallback.joined(separator: ", ")) of fallback_products is taken for it"
    for name in silent {
      reporter.warning("silent-site", "source \(source): site \(name) has not reported what it needs; \(instead)")
    }
  }

  private func unknown(_ wish: Wish, _ site: Site, _ source: String) -> String {
    let shown = wish.application.displayName.map { " (\($0))" } ?? ""
    let own = wish.match?.applications.first.map { "what indexes restrict to \($0)" } ?? "nothing of it"
    return
      "source \(source): site \(site.name) wants \(wish.application.text)\(shown), which the vendor's catalogue does not have: no component is left out for its sake, and of what is restricted to applications \(own) is taken. Say what the indexes call it with reported_as, or that it needs nothing: reported_as = { \"\(wish.application.name)\" = \"\" }"
  }

  /// What to remember of it.
  package var notes: DemandNotes {
    DemandNotes(
      sites: Dictionary(
        sites.map { site in
          (
            site.name,
            DemandNotes.Site(
              wishes: site.wishes.map(\.application.text).sorted(),
              applications: site.applications,
              components: site.components
            )
          )
        }
      ) { first, _ in first }
    )
  }
}

/// What a source's last sync took for which site.
package struct DemandNotes: Codable, Sendable, Hashable {
  /// What was taken for a site.
  package struct Site: Codable, Sendable, Hashable {
    /// The applications that it has, in words.
    package var wishes: [String]
    /// Patterns of applications.
    package var applications: [String]
    /// Components; empty: all.
    package var components: [String]
  }

  /// The sites by name.
  package var sites: [String: Site]

  /// What changed since `before`, in words: `+ KES 12.1.0.506 (plant-7)`; `nil` if nothing did.
  package func changes(since before: DemandNotes) -> String? {
    func pairs(_ notes: DemandNotes) -> Set<String> {
      Set(notes.sites.flatMap { name, site in site.wishes.map { "\($0) (\(name))" } })
    }
    let (now, then) = (pairs(self), pairs(before))
    let all = now.subtracting(then).sorted().map { "+ \($0)" } + then.subtracting(now).sorted().map { "- \($0)" }
    guard !all.isEmpty else { return nil }
    return Words.list(all, atMost: 12)
  }
}
