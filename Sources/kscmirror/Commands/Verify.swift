import ArgumentParser
import Console
import MirrorTypes
import SystemPackage
import Upkeep
import VendorChecks
import Views

/// `kscmirror verify`
struct Verify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Read every byte of the store again, and check the journal; or check the vendor's signatures.",
    discussion: """
        kscmirror verify
        kscmirror verify --vendor                    by the vendor's signatures too
        kscmirror verify --vendor /path/to/Updates   any update tree, without a store
        kscmirror verify --relink                    after a copy without hard links
      """
  )

  @Argument(help: "A folder with an update tree to verify instead of the store; with --vendor.", completion: .directory)
  var folder: String?

  @Flag(help: "Also verify the vendor's own signatures (GOST R 34.10-2012) and all files that they cover.")
  var vendor = false

  @Flag(help: "Make files of releases that are copies links to their objects again, which takes less room.")
  var relink = false

  @OptionGroup var options: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if folder != nil && !vendor { throw ValidationError("A folder can only be verified with --vendor.") }
    if folder != nil && relink { throw ValidationError("--relink is for the store, not for a folder.") }
  }

  func run() async throws {
    if let folder { return try await verify(folder: FilePath(folder)) }
    try await perform("verify", output, options, .settings, reports: true, isForOwner: relink) { context in
      try await VerifyJob(context, vendor: vendor ? context.configuration.vendor : nil, relinks: relink).run()
    } status: { report in
      report.status
    } show: { report in
      if let problem = report.journalProblem { Console.line(problem) }
      if let position = report.journal { Console.line("journal: the chain is whole up to \(position)") }
      if let vendor = report.vendor { VendorView.show(vendor) }
      for problem in report.problems { Console.line(problem) }
      let facts =
        "\(Words.count(report.objects, "object")), \(Words.bytes(report.bytes)), \(Words.count(report.releases, "release"))"
      if let remedy = report.remedy { Console.line(remedy) }
      if let relinked = report.relinked {
        Console.line(
          "linked again: \(Words.count(relinked.files, "file")), \(Words.bytes(relinked.bytes)) less on the disk"
        )
      }
      Console.line(
        report.isClean ? "all good: \(facts)" : "\(Words.count(report.problemCount, "problem")) in \(facts)"
      )
    }
  }

  private func verify(folder: FilePath) async throws {
    try await perform("verify", output, options, .settings, reports: true) { context in
      try await VendorVerifyJob(context, tree: folder).run()
    } status: { report in
      report.status
    } show: { report in
      VendorView.show(report.tree)
    }
  }
}
