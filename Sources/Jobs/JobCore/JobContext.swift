import MirrorConfiguration
import SystemPackage

/// What every job has at hand. A command makes it once, and hands it to all that it runs.
package struct JobContext: Sendable {
  /// What the configuration says, read once; the defaults where none is needed and there is none.
  package var configuration: Configuration
  /// The time of day.
  package let clock: WallClock
  /// What is chosen by lot.
  package let randomness: Randomness
  /// How servers are reached.
  package let transports: Transports
  /// Who is asked for passwords.
  package var prompts: SecretPrompts
  /// Takes what is reported meanwhile.
  package var reporter: any JobReporter
  /// Whether it stands in the journal already that something was refused.
  package let refusals = RefusalMemory()

  /// A context of the store that the configuration names.
  package init(
    _ configuration: Configuration,
    clock: WallClock = .system,
    randomness: Randomness = .system,
    transports: Transports = .network,
    prompts: SecretPrompts = SecretPrompts(),
    reporter: any JobReporter
  ) {
    self.configuration = configuration
    self.clock = clock
    self.randomness = randomness
    self.transports = transports
    self.prompts = prompts
    self.reporter = reporter
  }

  /// The same, for what is reported to nobody.
  package var silent: JobContext {
    var silent = self
    silent.reporter = SilentReporter()
    return silent
  }

  /// Where the store keeps what.
  package var folders: StoreFolders { StoreFolders(configuration.store) }
}

private struct SilentReporter: JobReporter {
  func report(_ event: JobEvent) {}
}

/// Who is asked for what is in no file.
package struct SecretPrompts: Sendable {
  /// Asks for the password of a user of the Administration Server.
  package typealias ServerPassword = @Sendable (_ user: String) throws -> String
  /// Asks for the one-time code of a user of the Administration Server, of so many characters where that is known; `nil`:
  /// nobody is there, or has one.
  package typealias ServerCode = @Sendable (_ user: String, _ digits: Int?) -> String?
  /// Asks for the pass phrase of a key: the key's file, and whether the phrase is a new one, to be asked for twice.
  /// `nil` means that the key is, or shall be, open.
  package typealias KeyPassphrase = @Sendable (_ file: FilePath, _ isNew: Bool) throws -> String?

  /// Asks for a password; `nil`: nobody is there.
  package var serverPassword: ServerPassword?
  /// Asks for a one-time code; `nil`: nobody is there.
  package var serverCode: ServerCode?
  /// Asks for a pass phrase.
  package var keyPassphrase: KeyPassphrase

  /// Those who are asked; as a rule nobody, and keys are open.
  package init(
    serverPassword: ServerPassword? = nil,
    serverCode: ServerCode? = nil,
    keyPassphrase: @escaping KeyPassphrase = { _, _ in nil }
  ) {
    self.serverPassword = serverPassword
    self.serverCode = serverCode
    self.keyPassphrase = keyPassphrase
  }
}

/// What works in a context: a job, or a part of one.
package protocol InContext {
  /// What it has at hand.
  var context: JobContext { get }
}

extension InContext {
  /// The store's folder.
  package var folder: FilePath { context.configuration.store }
  package var folders: StoreFolders { context.folders }
  package var configuration: Configuration { context.configuration }
  package var clock: WallClock { context.clock }
  package var transports: Transports { context.transports }
  package var reporter: any JobReporter { context.reporter }
  package var audit: Audit { Audit(context) }
}
