import ArgumentParser
import JobCore
import MirrorTypes

/// The name of the site that a command runs at.
package struct SiteOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The name of this site (default: the configuration's).", valueName: "name"))
  package var site: String?

  package init() {}

  package func validate() throws {
    if let site, !SiteName.isValid(site) { throw ValidationError("--site \(SiteName.rule).") }
  }

  /// The configuration is needed where no name is given.
  package var need: ConfigurationOptions.Need { site == nil ? .settings : .store }

  /// The name; `nil` for a site without one.
  package func name(_ context: JobContext) -> String? { site ?? context.configuration.site }

  /// What a job at this site has at hand.
  package func named(_ context: JobContext) -> JobContext {
    var context = context
    if let site { context.configuration.site = site }
    return context
  }
}
