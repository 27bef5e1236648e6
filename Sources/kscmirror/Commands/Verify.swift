import ArgumentParser
import MirrorJobs

/// `kscmirror verify`
struct Verify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Read every byte of the store again and compare it with its digest.",
    discussion: """
        kscmirror verify
      """
  )

  @OptionGroup var options: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    try await perform("verify", output) { reporter in
      try VerifyJob(store: try options.storeFolder(), reporter: reporter).run()
    } status: { report in
      report.isClean ? .success : .damagedStore
    } show: { report in
      for problem in report.problems { Console.line(Console.printable(problem)) }
      let facts =
        "\(Words.count(report.objects, "object")), \(Words.bytes(report.bytes)), \(Words.count(report.releases, "release"))"
      if let remedy = report.remedy { Console.line(remedy) }
      Console.line(
        report.isClean ? "all good: \(facts)" : "\(Words.count(report.problems.count, "problem")) in \(facts)"
      )
    }
  }
}
