import ArgumentParser
import Console
import Glibc
import JobCore
import MirrorConfiguration
import MirrorTypes
import Setup
import SetupPlan
import SystemPackage
import Views

/// `kscmirror setup`
struct SetupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "setup",
    abstract: "Set this host up: configuration, keys, timers; and say what comes next.",
    subcommands: [ConnectedSide.self, IsolatedSide.self]
  )

  /// `kscmirror setup connected`
  struct ConnectedSide: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "connected",
      abstract: "Set up the host with internet.",
      discussion: """
        Asks on a terminal for what no option says, searches the vendor's catalogue for your products, writes the \
        configuration, makes the keys that bundles are signed with, and switches the timers on if you want.

          kscmirror setup connected
          kscmirror setup connected --yes --output /media/stick
        """
    )

    @OptionGroup var passphrase: PassphraseOptions

    @Option(
      name: [.customLong("output"), .customShort("o")],
      help: ArgumentHelp("The folder that bundles are written to: the stick, or an outbox.", valueName: "folder"),
      completion: .directory
    )
    var folder: String?

    @Option(
      help: ArgumentHelp("Mirror this product; may be repeated. See 'kscmirror products'.", valueName: "name"),
      completion: .products
    )
    var product: [String] = []

    @Option(help: ArgumentHelp("Mirror this component; may be repeated.", valueName: "name"), completion: .components)
    var component: [String] = []

    @Option(help: ArgumentHelp("Ask this update server; may be repeated (default: the vendor's).", valueName: "url"))
    var server: [String] = []

    @Option(
      help: ArgumentHelp("Trust these authorities for the servers' certificates.", valueName: "file"),
      completion: .file(extensions: ["pem", "crt"])
    )
    var ca: String?

    @Option(help: ArgumentHelp("Reach the internet by this proxy.", valueName: "url"))
    var proxy: String?

    @Option(
      help: ArgumentHelp("Read the vendor's catalogue of products from this file.", valueName: "file"),
      completion: .file(extensions: ["xml"])
    )
    var catalogue: String?

    @Option(
      help: ArgumentHelp("Where the root key goes, such as a stick that stays in a safe.", valueName: "file"),
      completion: .file()
    )
    var rootKey: String?

    @Flag(help: "Leave the root key open: anyone who can read its file can then sign for you.")
    var noPassphrase = false

    @Flag(help: "Make no keys.")
    var noKeys = false

    @Flag(inversion: .prefixedNo, help: "Have systemd's timers fetch updates by themselves.")
    var timer: Bool?

    @OptionGroup var common: SetupOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      var wishes = common.wishes(.connected)
      wishes.output = folder.map { FilePath($0) }
      wishes.products = product
      wishes.components = component
      wishes.servers = server
      wishes.authorities = ca.map { FilePath($0) }
      wishes.proxy = proxy
      wishes.catalogue = catalogue.map { FilePath($0) }
      wishes.rootKey = rootKey.map { FilePath($0) }
      wishes.makesKeys = !noKeys
      wishes.timer = timer
      try await common.run(wishes, output, passphrase.source(leavingOpen: noPassphrase))
    }
  }

  /// `kscmirror setup isolated`
  struct IsolatedSide: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "isolated",
      abstract: "Set up an isolated server.",
      discussion: """
        Asks on a terminal for what no option says, writes the configuration, and says how to trust the connected side.

          kscmirror setup isolated
          kscmirror setup isolated --yes --site plant-7
        """
    )

    @Option(help: ArgumentHelp("The name of this site (default: asked for, or the host's).", valueName: "name"))
    var site: String?

    @OptionGroup var common: SetupOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
      if let site, !SiteName.isValid(site) { throw ValidationError("--site \(SiteName.rule).") }
    }

    func run() async throws {
      var wishes = common.wishes(.isolated)
      wishes.site = site
      try await common.run(wishes, output) { _, _ in nil }
    }
  }
}
