import ArgumentParser
import JobCore

/// The command line.
@main
struct KSCMirror: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kscmirror",
    abstract: "Keeps antivirus servers without internet up to date.",
    discussion: """
      On a host with internet, run by cron:

        kscmirror sync                       fetch databases and updates into the store
        kscmirror keys init                  once: make the keys that bundles are signed with
        kscmirror pack --output /media/stick write them to a stick

      On the isolated server:

        kscmirror trust add ROOT             once: trust the connected side's root, by its fingerprint
        kscmirror import /media/stick        verify them, then publish them at once

      See kscmirror(1) for all of it and kscmirror.toml(5) for the configuration.
      """,
    version: Program.version,
    groupedSubcommands: [
      CommandGroup(
        name: "CONNECTED SIDE:",
        subcommands: [Sync.self, Adopt.self, Pack.self, Collect.self, Site.self, Keys.self, Products.self]
      ),
      CommandGroup(
        name: "ISOLATED SIDE:",
        subcommands: [Import.self, Trust.self, ReceiptCommand.self, Inspect.self, BundleCommand.self]
      ),
      CommandGroup(
        name: "LICENCES, KSN, FILES, DEMAND:",
        subcommands: [Licence.self, KSN.self, ExchangeCommand.self, Parcel.self, Demand.self]
      ),
      CommandGroup(
        name: "STORE:",
        subcommands: [
          Status.self, Check.self, MetricsCommand.self, Serve.self, Export.self, Publish.self, PackageCommand.self,
          Verify.self, Log.self, Diff.self, Why.self,
          Rollback.self, Prune.self,
        ]
      ),
      CommandGroup(name: "CONFIGURATION:", subcommands: [Config.self, Doctor.self]),
    ]
  )
}
