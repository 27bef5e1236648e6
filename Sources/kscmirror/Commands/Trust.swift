import ArgumentParser
import Collecting
import Console
import SystemPackage
import Trust
import Views

/// `kscmirror trust`
struct Trust: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Decide whose bundles are accepted.",
    subcommands: [Add.self, Show.self]
  )

  /// `kscmirror trust add`
  struct Add: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Trust a root whose fingerprint you learned over another channel.",
      discussion: """
        PATH is the stick, a bundle's folder, or a root's file: of a stick the newest root is taken. Without a fingerprint, \
        shows the one that it has, and asks for the one that 'kscmirror keys show' shows on the connected side: have it \
        read to you over a telephone, or on paper, not by the same stick. Without a terminal, nothing is trusted then.

          kscmirror trust add /media/stick
          kscmirror trust add /media/stick 3f53 9a21 3e97 …
        """
    )

    @OptionGroup var root: FingerprintArguments

    @Flag(help: "Trust it in the place of the root that is trusted now.")
    var replace = false

    @OptionGroup var site: SiteOptions
    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await perform("trust add", output, options, site.need) { context in
        let job = TrustJob(context, site: site.name(context))
        let typed = try root.typed() ?? asked(job)
        return try job.add(FilePath(root.path), fingerprint: typed, replace: replace)
      } show: { report in
        Console.line("trusted:")
        TrustView.show(report)
        TrustView.showSite(report)
      }
    }

    /// What a person types who is shown the root's fingerprint; `nil` where nobody is there, or nothing is typed.
    private func asked(_ job: TrustJob) throws -> Fingerprint? {
      guard !output.json, !output.quiet, FingerprintPrompt.canAsk else { return nil }
      let candidate = try job.candidate(at: FilePath(root.path))
      Console.errorLine("\(candidate.file)")
      Console.errorLine("has the fingerprint")
      for line in candidate.fingerprint.lines { Console.errorLine("  \(line)") }
      return try FingerprintPrompt.ask("as 'kscmirror keys show' shows it on the connected side")
    }
  }

  /// `kscmirror trust show`
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show whose bundles are accepted, and by which key this site signs its receipts.",
      discussion: "  kscmirror trust show"
    )

    @OptionGroup var site: SiteOptions
    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await perform("trust show", output, options, site.need) { context in
        try TrustJob(context, site: site.name(context)).show()
      } show: { report in
        TrustView.show(report)
        TrustView.showSite(report)
      }
    }
  }
}
