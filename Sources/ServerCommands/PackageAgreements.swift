import ArgumentParser
import Console
import Glibc
import JobCore
import MirrorTypes
import ServerJobs
import SystemPackage
import Views

extension PackageCommand {
  /// `kscmirror package agreements`
  struct Agreements: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the licence agreements and statements of packages on the server.",
      discussion: """
        Nothing is accepted. Agreements have no names on the server: they are named here after product, version, kind \
        and language.

          kscmirror package agreements
          kscmirror package agreements --text kesl-12.1-eula-en --output eula.txt
        """
    )

    @Argument(help: "Paths below packages/ (default: all packages of the server).")
    var paths: [String] = []

    @Option(
      help: ArgumentHelp("Show the text of this agreement: its name or number.", valueName: "agreement")
    )
    var text: String?

    @Option(
      name: [.customLong("output"), .customShort("o")],
      help: ArgumentHelp("Write the text to this file.", valueName: "file"),
      completion: .file()
    )
    var file: String?

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
      if file != nil && text == nil { throw ValidationError("Name the agreement with --text.") }
    }

    func run() async throws {
      try await perform("package agreements", output, options, .all) { context in
        try await PackageJob(context, paths).agreements(text: text, file: file.map { FilePath($0) })
      } show: { report in
        if let text = report.text {
          Console.lines(AgreementView.printable(text))
        } else if let file = report.file, let agreement = report.agreements.first {
          Console.line("\(agreement.title) is in \(file)")
        } else {
          Console.lines(AgreementView.table(report.agreements))
        }
      }
    }
  }

  /// `kscmirror package plugin`
  struct Plugin: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the management plug-in that a package brings, or fetch it.",
      discussion: "  kscmirror package plugin kesl.tar.gz --output kesl-plugin.zip"
    )

    @Argument(help: "A path below packages/.")
    var path: String

    @Option(
      name: [.customLong("output"), .customShort("o")],
      help: ArgumentHelp("Fetch it into this file.", valueName: "file"),
      completion: .file()
    )
    var file: String?

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await perform("package plugin", output, options, .all) { context in
        try await PackageJob(context, [path]).plugin(file: file.map { FilePath($0) })
      } show: { report in
        guard let name = report.fileName else {
          Console.line("\(report.path) brings no management plug-in")
          return
        }
        let size = report.size.map { ", \(Words.bytes($0))" } ?? ""
        let place = report.address.map { " at \($0)" } ?? ""
        Console.line("\(report.path): plug-in \(name)\(size)\(place)")
        if let file = report.file, let digest = report.sha256 {
          Console.line("it is in \(file), SHA-256 \(digest)")
        }
      }
    }
  }

  /// `kscmirror package mobile`
  struct Mobile: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Have the package of a mobile profile given out, or no longer.",
      discussion: """
        The profile is one that the server has. What belongs to it is a JSON object of the Open API's values.

          kscmirror package mobile publish PROFILE --data profile.json
          kscmirror package mobile unpublish PROFILE
        """,
      subcommands: [PublishProfile.self, UnpublishProfile.self]
    )

    struct PublishProfile: AsyncParsableCommand {
      static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Have the package of a mobile profile given out."
      )

      @Argument(help: "The profile's identifier.")
      var profile: String

      @OptionGroup var consent: PackageConsent

      @Option(
        help: ArgumentHelp("A JSON file with what belongs to the profile.", valueName: "file"),
        completion: .file(extensions: ["json"])
      )
      var data: String?

      @OptionGroup var options: ConfigurationOptions
      @OptionGroup var output: OutputOptions

      func run() async throws {
        try await perform("package mobile publish", output, options, .all, changesNothing: consent.dryRun) { context in
          let job = PackageJob(context, []) { $0.dryRun = consent.dryRun }
          try consent.confirm(profile: profile, "publish", output)
          return try await job.publishMobile(profile, data: data.map { FilePath($0) })
        } show: { report in
          let profile = report.profile
          let place = report.address.map { " at \($0)" } ?? ""
          Console.line(report.dryRun ? "would publish profile \(profile)" : "published profile \(profile)\(place)")
        }
      }
    }

    struct UnpublishProfile: AsyncParsableCommand {
      static let configuration = CommandConfiguration(
        commandName: "unpublish",
        abstract: "Have the package of a mobile profile given out no longer."
      )

      @Argument(help: "The profile's identifier.")
      var profile: String

      @OptionGroup var consent: PackageConsent
      @OptionGroup var options: ConfigurationOptions
      @OptionGroup var output: OutputOptions

      func run() async throws {
        try await perform("package mobile unpublish", output, options, .all) { context in
          let job = PackageJob(context, []) { $0.dryRun = consent.dryRun }
          try consent.confirm(profile: profile, "unpublish", output)
          return try await job.unpublishMobile(profile)
        } show: { report in
          let profile = report.profile
          Console.line("\(report.dryRun ? "would unpublish" : "unpublished") profile \(profile)")
        }
      }
    }
  }
}

extension PackageConsent {
  /// Asks whether something is done with a mobile profile.
  ///
  /// - Throws: an error where nobody says so.
  fileprivate func confirm(profile: String, _ what: String, _ output: OutputOptions) throws {
    if yes || dryRun { return }
    let refusal = "there is no terminal to ask on whether to \(what) profile \(profile)"
    let question = "\(what.capitalized) on the Administration Server?"
    if try Consent.ask(question, showing: "profile \(profile)\n", output, refusal: refusal) {
      return
    }
    throw JobError(.partial, "nothing was done")
  }
}

extension PackageConsent {
  /// Whether somebody can be asked about an agreement.
  func canAsk(_ output: OutputOptions) -> Bool {
    !yes && !output.json && isatty(STDIN_FILENO) == 1
  }

  /// Shows an agreement and asks whether it is accepted. Only its own name or number, typed, accepts it.
  static func ask(_ agreement: PackageAgreement, _ text: String) throws -> Bool {
    Console.errorLine("This package waits for an agreement:")
    Console.errorLines(AgreementView.table([agreement]))
    while true {
      Console.prompt("Type 'text' to read it, '\(agreement.name)' to accept it, or nothing to leave it: ")
      switch AgreementAnswer(readLine(strippingNewline: true), to: agreement) {
      case .show: Console.errorLines(AgreementView.printable(text))
      case .accept: return true
      case .leave: return false
      case .unclear: Console.errorLine("That is neither.")
      }
    }
  }
}
