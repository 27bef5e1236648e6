import ArgumentParser
import Collecting
import Console
import JobCore
import Parcels
import Sites
import SystemPackage
import Trust

/// `kscmirror collect`
struct Collect: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Collect receipts and parcels of sites from a stick, or deliveries for this site.",
    discussion: """
      PATH is a medium's folder, a receipt's file, or the folder of a parcel or delivery. A site that is not known yet is \
      made known by the fingerprint of its key, which 'kscmirror trust show' tells there; without it, the fingerprint that the receipt has is shown, and \
      nothing is taken. 'pack' takes in what has come from known sites by itself, and 'import' what has come for this one.

        kscmirror collect /media/stick
        kscmirror collect /media/stick 3f53 9a21 3e97 …
      """
  )

  @OptionGroup var known: FingerprintArguments

  @Flag(help: "Replace the known key by that one.")
  var replace = false

  @OptionGroup var site: SiteOptions
  @OptionGroup var options: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if replace, !known.isTyped { throw ValidationError("--replace needs the fingerprint.") }
  }

  func run() async throws {
    try await perform("collect", output, options, .settings, reports: true) { context in
      let fingerprint = try known.typed() ?? asked(context)
      return try CollectJob(
        context,
        path: FilePath(known.path),
        site: site.name(context),
        fingerprint: fingerprint,
        replace: replace
      ).run()
    } status: { report in
      report.status
    } show: { report in
      for receipt in report.receipts { Console.line(receipt.text) }
      for parcel in report.parcels { Console.line(parcel.text) }
    }
  }

  /// What a person types who is shown the fingerprint of a site that is not known yet; `nil` where nobody is there, where
  /// there is no such site or more than one, or where nothing is typed.
  private func asked(_ context: JobContext) throws -> Fingerprint? {
    guard !output.json, !output.quiet, FingerprintPrompt.canAsk else { return nil }
    let strangers = try CollectJob(context, path: FilePath(known.path), site: site.name(context)).strangers()
    guard strangers.count == 1, let stranger = strangers.first else { return nil }
    Console.errorLine("Site '\(stranger.site)' is not known yet. The key of its receipt has the fingerprint")
    for line in stranger.fingerprint.lines { Console.errorLine("  \(line)") }
    return try FingerprintPrompt.ask("as 'kscmirror trust show' shows it at the site")
  }
}
