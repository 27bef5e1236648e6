import ArgumentParser
import Console
import Upkeep
import Views

/// `kscmirror status`
struct Status: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show how old what is published is, what runs, what to do next, and how the last runs ended.",
    discussion: """
      Ages and the next steps come first, on one screen. For monitoring use 'kscmirror check'.

        kscmirror status
        kscmirror status --all
        kscmirror status --json --store /srv/kscmirror
      """
  )

  @Flag(help: "Show everything: all snapshots, components, absent files and runs.")
  var all = false

  @OptionGroup var options: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    try await perform("status", output, options, .settings) { context in
      try StatusJob(context).run()
    } show: { report in
      StatusView(report).show(all: all)
    }
  }
}
