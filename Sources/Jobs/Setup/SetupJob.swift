import FileSystem
import Glibc
import JobCore
import MirrorConfiguration
import MirrorTypes
import SetupPlan
import StoreTrust
import SystemPackage
import UpdateIndex
import Upkeep

/// Sets an installation up: configuration, keys, timers; and says what comes next.
package struct SetupJob {
  private let wishes: SetupWishes
  private let terminal: (any SetupTerminal)?
  private let host: any SetupHost
  private let media: [FilePath]
  private let unitFolder: FilePath
  private let passphrase: SecretPrompts.KeyPassphrase
  private let reporter: any JobReporter

  /// A setup.
  ///
  /// - Parameters:
  ///   - wishes: what was said by options.
  ///   - terminal: who is asked for the rest; `nil`: nobody.
  ///   - passphrase: asks for the pass phrase of the root key.
  ///   - host: the host that is set up.
  ///   - media: where media are mounted.
  ///   - unitFolder: where administrators put units of systemd.
  ///   - reporter: takes what the job tells.
  package init(
    _ wishes: SetupWishes,
    terminal: (any SetupTerminal)?,
    passphrase: @escaping SecretPrompts.KeyPassphrase,
    host: any SetupHost = HostSystem(),
    media: [FilePath] = MountTable.current().media(),
    unitFolder: FilePath? = nil,
    reporter: any JobReporter
  ) {
    self.wishes = wishes
    self.terminal = terminal
    self.passphrase = passphrase
    self.host = host
    self.media = media
    self.unitFolder = unitFolder ?? ServiceUnits.folder
    self.reporter = reporter
  }

  private var interview: SetupInterview {
    SetupInterview(wishes: wishes, terminal: terminal, hostName: host.hostName, media: media)
  }

  /// Asks, and then does it: nothing is changed before all is answered.
  package func run() async throws -> SetupReport {
    let isThere = try Files.status(wishes.file) != nil
    if isThere, !wishes.dryRun, try !interview.writesOver() {
      throw JobError(
        .cannotCreate,
        "\(wishes.file): there is a configuration already, and it was not changed",
        remedy: "Look at what would be written with --dry-run, or write over it with --replace."
      )
    }
    var answers = try interview.answers()
    if wishes.side == .connected { try await chooseProducts(&answers) }
    let text = ConfigurationText.of(answers)
    _ = try Configuration(parsing: text, from: wishes.file)
    let units = ServiceUnits(answers: answers)
    let wantsTimers = try interview.wantsTimers(units, hasSystemd: host.hasSystemd)
    var report = SetupReport(answers, file: wishes.file.string, text: text)
    report.next = nextStep(answers).commands
    guard !wishes.dryRun else { return report }
    let plan = try plannedKeys(answers)

    try write(text, over: isThere)
    report.isWritten = true
    try makeStore(answers, plan, &report)
    try switchOn(units, wantsTimers, &report)
    // Whose the store is, is known now.
    report.next = nextStep(answers).commands
    return report
  }

  private func nextStep(_ answers: SetupAnswers) -> NextStep {
    NextStep(
      answers: answers,
      file: wishes.file,
      user: host.user,
      owner: host.owner(of: answers.store),
      media: media
    )
  }

  /// What jobs have at hand that work with what was answered.
  private func context(
    _ answers: SetupAnswers,
    _ passphrase: @escaping SecretPrompts.KeyPassphrase = { _, _ in nil }
  ) throws -> JobContext {
    JobContext(
      try Configuration(parsing: ConfigurationText.of(answers), from: wishes.file),
      prompts: SecretPrompts(keyPassphrase: passphrase),
      reporter: reporter
    )
  }

  // MARK: - Products

  private func chooseProducts(_ answers: inout SetupAnswers) async throws {
    guard let catalogue = try await catalogue(answers) else { return }
    if answers.products.isEmpty && answers.components.isEmpty, let terminal {
      answers.products = try ProductSearch(catalogue: catalogue, terminal: terminal).run()
    }
    _ = try catalogue.selection(for: answers.products)
    let known = Set(catalogue.products.flatMap(\.components))
    for component in answers.components where !known.contains(component) && !known.isEmpty {
      let near = NearestName.of(component, among: known.sorted()).map { "; did you mean '\($0)'?" } ?? ""
      reporter.warning(
        "unknown-component",
        "no product of the vendor's catalogue has a component '\(component)'\(near). The next sync says whether an index has it"
      )
    }
    if answers.products.isEmpty && answers.components.isEmpty {
      reporter.warning("everything", "no product was chosen: everything will be mirrored, which is many gigabytes")
    }
  }

  /// The vendor's catalogue; `nil` where it cannot be had, and all is said without it.
  private func catalogue(_ answers: SetupAnswers) async throws -> ProductCatalogue? {
    let job = ProductsJob(try context(answers), file: wishes.catalogue, pattern: nil)
    do {
      return try await job.catalogue()
    } catch {
      let failure = JobError(error)
      guard wishes.catalogue == nil else { throw failure }
      reporter.warning(
        "no-catalogue",
        "the vendor's catalogue of products cannot be had (\(failure.message)): names of products were not checked, and none can be searched. 'kscmirror products' lists them later"
      )
      return nil
    }
  }

  // MARK: - Files

  private func write(_ text: String, over isThere: Bool) throws {
    try Files.makeFolder(wishes.file.removingLastComponent(), permissions: 0o755)
    var record = stat()
    // Who could not read the one from before has no business with the new one, and who could still can.
    let access = isThere && stat(wishes.file.string, &record) == 0 ? record : nil
    let permissions = 0o644 & (access.map { $0.st_mode | 0o600 } ?? 0o644)
    if isThere {
      // What somebody has written by hand is not lost.
      let earlier = try Files.read(Files.resolvingLinks(wishes.file), atMost: Configuration.maximumFileSize)
      let kept = FilePath(wishes.file.string + ".before")
      try Files.replace(kept, with: earlier, permissions: 0o600)
      reporter.information("kept", "the configuration from before is kept as \(kept)")
    }
    try Files.replace(wishes.file, with: Array(text.utf8), permissions: permissions)
    // Only root can give it away.
    if let access { _ = lchown(wishes.file.string, access.st_uid, access.st_gid) }
  }

  /// What is to become of the keys of a store.
  private enum KeyPlan {
    /// There are some, or none are wanted.
    case asTheyAre
    /// They are made, and the root key is sealed with this pass phrase, or stays open.
    case made(passphrase: String?)
  }

  /// Asks for the pass phrase, where keys are to be made: a weak one, or an unsafe place, ends the setup before it begins.
  private func plannedKeys(_ answers: SetupAnswers) throws -> KeyPlan {
    guard answers.side == .connected, wishes.makesKeys, try !KeysJob.hasKeys(in: answers.store) else {
      return .asTheyAre
    }
    if let terminal { for line in Self.aboutPassphrase { terminal.show(line) } }
    let place = wishes.rootKey ?? KeysJob.usualRootKey(of: answers.store)
    return .made(passphrase: try keysJob(answers, passphrase).newPassphrase(for: place))
  }

  private func keysJob(_ answers: SetupAnswers, _ passphrase: @escaping SecretPrompts.KeyPassphrase) throws -> KeysJob {
    KeysJob(try context(answers, passphrase))
  }

  /// Makes the store's folder, and keys where they are planned.
  private func makeStore(_ answers: SetupAnswers, _ plan: KeyPlan, _ report: inout SetupReport) throws {
    switch plan {
    case .made(let phrase):
      let job = try keysJob(answers) { _, _ in phrase }
      report.keys = try StoreOwner.acting(for: answers.store) { try job.initialize(.init(rootKey: wishes.rootKey)) }
      report.madeKeys = true
    case .asTheyAre:
      try StoreOwner.acting(for: answers.store) {}
      guard try KeysJob.hasKeys(in: answers.store) else { return }
      report.keys = try keysJob(answers) { _, _ in nil }.show()
    }
  }

  private static let aboutPassphrase = [
    "",
    "The keys that sign bundles are made now. One of them, the root key, decides",
    "what all sites trust. It is sealed with a pass phrase, which is needed only",
    "when keys are replaced. Take four or more words, and write them down.",
  ]

  // MARK: - systemd

  private func switchOn(_ units: ServiceUnits, _ wantsTimers: Bool, _ report: inout SetupReport) throws {
    guard wantsTimers else { return }
    guard host.hasSystemd else {
      throw JobError(
        .notThere,
        "systemd does not run this host, so no timer was switched on; all else is set up",
        remedy: "Use the lines of /usr/share/doc/kscmirror/examples/cron/kscmirror in /etc/cron.d."
      )
    }
    for unit in units.dropIns {
      let path = unitFolder.pushing(FilePath(unit.path))
      try Files.makeFolder(path.removingLastComponent())
      try Files.replace(path, with: Array(unit.text.utf8))
      report.dropIns.append(path.string)
    }
    if !units.dropIns.isEmpty { try host.run(["systemctl", "daemon-reload"]) }
    try host.run(["systemctl", "enable", "--now"] + units.timers)
    report.timers = units.timers
  }
}
