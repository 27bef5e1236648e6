import Console
import JobCore
import ArgumentParser
import MirrorTypes
import StoreTrust
import SystemPackage
import Views

/// `kscmirror keys`
struct Keys: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make, show and replace the keys that bundles are signed with.",
    discussion: """
      The root key says which other keys are good. It is sealed with a pass phrase, is needed only to replace keys, and \
      may lie on a stick in a safe (--root-key). The other keys sign by themselves whenever something is published.
      """,
    subcommands: [Init.self, Show.self, Rotate.self, Create.self, Sign.self, Accept.self]
  )
}

extension Keys {
  /// `kscmirror keys init`
  struct Init: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make the first keys of a store.",
      discussion: """
          kscmirror keys init
          kscmirror keys init --root-key /media/safe/root.key
          kscmirror keys init --with anna.key.pub --threshold 2   anna has to sign too
        """
    )

    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var holders: HolderOptions

    @Flag(help: "Leave the root key open: anyone who can read its file can then sign for you.")
    var noPassphrase = false

    @Flag(help: "Take the place of keys that are lost: each site then has to trust the new root anew.")
    var replace = false

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await perform("keys init", output, options, .settings) { context in
        try context.keysJob(passphrase.source(leavingOpen: noPassphrase))
          .initialize(holders.value(), replacing: replace)
      } show: { report in
        KeysView.show(report)
        Console.line()
        for line in KeysView.advice(report) { Console.line(line) }
        Console.line("On each isolated server, once, with the fingerprint read out over a telephone:")
        Console.line("  kscmirror trust add \(replace ? "--replace " : "")/media/stick")
      }
    }
  }

  /// `kscmirror keys show`
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the root's fingerprint, to be read over a telephone, and all keys.",
      discussion: "  kscmirror keys show"
    )

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await perform("keys show", output, options, .settings) { context in
        try context.keysJob().show()
      } show: { report in
        KeysView.show(report)
      }
    }
  }

  /// `kscmirror keys rotate`
  struct Rotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Replace keys; sites that trust the root follow with their next import.",
      discussion: """
          kscmirror keys rotate timestamp          one key, after an attack on a host
          kscmirror keys rotate targets snapshot timestamp volumes
          kscmirror keys rotate sealing            the key that parcels are sealed to
          kscmirror keys rotate root --root-key /media/safe/root.key
          kscmirror keys rotate --with anna.key.pub --threshold 2
        """
    )

    @Argument(help: "Roles: root, targets, snapshot, timestamp, volumes, sealing.")
    var roles: [String] = []

    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var holders: HolderOptions

    @Option(
      help: ArgumentHelp(
        "Take this key from those that sign the root; may be repeated.",
        valueName: "beginning of its id"
      )
    )
    var without: [String] = []

    @Flag(help: "Leave a new root key open.")
    var noPassphrase = false

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
      if roles.isEmpty && without.isEmpty && holders.with.isEmpty && holders.threshold == nil {
        throw ValidationError("Name the roles whose keys are to be replaced.")
      }
    }

    func run() async throws {
      try await perform("keys rotate", output, options, .settings) { context in
        var value = holders.value()
        value.removed = without
        return try context.keysJob(passphrase.source(leavingOpen: noPassphrase)).rotate(roles, value)
      } show: { report in
        switch report {
        case .keys(let report): KeysView.show(report)
        case .sealing(let sealing): KeysView.show(sealing)
        }
      }
    }
  }

  /// `kscmirror keys create`
  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a key pair for a second person who is to sign the root.",
      discussion: "  kscmirror keys create anna.key      writes anna.key and anna.key.pub"
    )

    @Argument(help: "The private key's file.", completion: .file())
    var file: String

    @OptionGroup var passphrase: PassphraseOptions

    @Flag(help: "Leave the key open.")
    var noPassphrase = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await perform("keys create", output) { context in
        try context.keysJob(passphrase.source(leavingOpen: noPassphrase)).create(at: FilePath(file))
      } show: { report in
        Console.line("\(report.file): keep it, and its pass phrase, to yourself")
        Console.line("\(report.publicFile): give it to the person who runs 'keys init' or 'keys rotate'")
        Console.line("key \(report.keyID)")
      }
    }
  }

  /// `kscmirror keys sign`
  struct Sign: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Add a signature to a root that waits for it.",
      discussion: """
          kscmirror keys sign --key anna.key                  the root in the store
          kscmirror keys sign --key anna.key next-root.json   a copy, on any machine
        """
    )

    @Argument(help: "A copy of the root (default: the one in the store).", completion: .file(extensions: ["json"]))
    var file: String?

    @OptionGroup var passphrase: PassphraseOptions

    @Option(help: ArgumentHelp("The private key to sign with.", valueName: "file"), completion: .file())
    var key: String

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await perform("keys sign", output, options, .settings) { context in
        try context.keysJob(passphrase.source()).sign(file.map { FilePath($0) }, with: FilePath(key))
      } show: { report in
        KeysView.show(report)
      }
    }
  }

  /// `kscmirror keys accept`
  struct Accept: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take the signatures that a copy of the waiting root has got elsewhere.",
      discussion: "  kscmirror keys accept /media/stick/next-root.json"
    )

    @Argument(help: "The signed copy.", completion: .file(extensions: ["json"]))
    var file: String

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await perform("keys accept", output, options, .settings) { context in
        try context.keysJob().accept(FilePath(file))
      } show: { report in
        KeysView.show(report)
      }
    }
  }
}

extension JobContext {
  fileprivate func keysJob(_ passphrase: @escaping SecretPrompts.KeyPassphrase = { _, _ in nil }) -> KeysJob {
    var context = self
    context.prompts.keyPassphrase = passphrase
    return KeysJob(context)
  }
}
