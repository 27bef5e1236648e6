import ArgumentParser
import MirrorConfiguration
import MirrorTypes

/// The name of the site that a command runs at.
struct SiteOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The name of this site (default: the configuration's).", valueName: "name"))
  var site: String?

  func validate() throws {
    if let site, !SiteName.isValid(site) { throw ValidationError("--site \(SiteName.rule).") }
  }

  /// The name; `nil` for a site without one.
  func name(_ options: ConfigurationOptions) throws(ConfigurationError) -> String? {
    if let site { return site }
    return try options.optionalConfiguration()?.site
  }
}
