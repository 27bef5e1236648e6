import MirrorConfiguration
import MirrorTypes
import SystemPackage

/// Comes from wishes to answers: by questions to a person, or as it is usual where nobody is there.
package struct SetupInterview {
  private let wishes: SetupWishes
  private let terminal: (any SetupTerminal)?
  private let hostName: String
  private let media: [FilePath]

  /// An interview.
  ///
  /// - Parameters:
  ///   - wishes: what was said by options.
  ///   - terminal: who is asked; `nil`: nobody.
  ///   - hostName: the name of the host, which a site's name may be.
  ///   - media: where media are mounted.
  package init(wishes: SetupWishes, terminal: (any SetupTerminal)?, hostName: String, media: [FilePath]) {
    self.wishes = wishes
    self.terminal = terminal
    self.hostName = hostName
    self.media = media
  }

  /// The answers but for the products, which the vendor's catalogue is needed for.
  package func answers() throws(SetupInterrupted) -> SetupAnswers {
    var answers = SetupAnswers(
      wishes.side,
      products: wishes.products,
      components: wishes.components,
      servers: wishes.servers,
      authorities: wishes.authorities,
      proxy: wishes.proxy
    )
    answers.store = try folder(wishes.store, usual: Configuration.defaultStore, "The folder of the store")
    switch wishes.side {
    case .connected:
      answers.output = try folder(wishes.output, usual: media.first ?? Self.usualOutput, Self.outputQuestion)
      if answers.proxy == nil, let terminal {
        let typed = try terminal.ask("A proxy to the internet, such as http://proxy:3128 (none)", offer: "") { text in
          text.contains("://") ? nil : "A proxy is an address, such as http://proxy:3128."
        }
        answers.proxy = typed.isEmpty ? nil : typed
      }
    case .isolated:
      answers.site = try site()
    }
    return answers
  }

  /// Whether timers are switched on.
  package func wantsTimers(_ units: ServiceUnits, hasSystemd: Bool) throws(SetupInterrupted) -> Bool {
    guard !units.timers.isEmpty, wishes.timer != false else { return false }
    if wishes.timer == true { return true }
    guard hasSystemd, let terminal else { return false }
    let what =
      units.packsByItself ? "fetch updates every hour, and pack a bundle every night" : "fetch updates every hour"
    return try terminal.agrees("Have systemd \(what)?", offer: true)
  }

  /// Whether a configuration that is there is written over.
  package func writesOver() throws(SetupInterrupted) -> Bool {
    if let replaces = wishes.replaces { return replaces }
    guard let terminal else { return false }
    return try terminal.agrees("\(wishes.file) is there already. Write over it?", offer: false)
  }

  private static let usualOutput: FilePath = "/media/stick"
  private static let outputQuestion = "The folder that bundles are written to: the stick, or an outbox"

  private func folder(_ wish: FilePath?, usual: FilePath, _ question: String) throws(SetupInterrupted) -> FilePath {
    if let wish { return wish }
    guard let terminal else { return usual }
    return FilePath(
      try terminal.ask(question, offer: usual.string) { text in
        text.hasPrefix("/") ? nil : "A whole path, from / on."
      }
    )
  }

  private func site() throws(SetupInterrupted) -> String? {
    if let wish = wishes.site { return wish }
    let usual = SiteName.isValid(hostName) ? hostName : nil
    guard let terminal else { return usual }
    return try terminal.ask("The name of this site, by which the connected side knows it", offer: usual) { text in
      SiteName.isValid(text) ? nil : "A name \(SiteName.rule)."
    }
  }
}
