import ArgumentParser
import Console
import MirrorTypes
import Serving
import SystemPackage

/// `kscmirror publish`
struct Publish: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Put the current release into a bucket of an S3-compatible store.",
    discussion: """
      The bucket is that of [publish] in the configuration. Only objects that it does not have are sent; then the \
      manifest of the release; and last the small key 'current', which makes it the current one. A run that was \
      stopped leaves the release before, and the next one goes on.

        kscmirror publish --dry-run
        kscmirror publish --prune --verify 5
      """
  )

  @Flag(name: [.customLong("dry-run"), .customShort("n")], help: "Say what would be sent and removed; do nothing.")
  var dryRun = false

  @Flag(help: "Keep only the newest releases in the bucket ('keep' in [publish], 3).")
  var prune = false

  @Option(help: ArgumentHelp("Read so many of the release's objects back and compare them.", valueName: "percent"))
  var verify: Int?

  @Option(
    help: ArgumentHelp("Write an nginx map of paths to keys.", valueName: "file"),
    completion: .file()
  )
  var nginxMap: String?

  @OptionGroup var options: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let verify, !(1...100).contains(verify) { throw ValidationError("--verify has to be 1 to 100.") }
  }

  func run() async throws {
    try await perform("publish", output, options, .all, reports: true) { context in
      var chosen = PublishJob.Options()
      chosen.dryRun = dryRun
      chosen.prunes = prune
      chosen.verifies = verify
      chosen.nginxMap = nginxMap.map { FilePath($0) }
      return try await PublishJob(context, chosen).run()
    } show: { report in
      let objects = "\(Words.count(report.objects, "object")), \(Words.bytes(report.bytes))"
      Console.line(
        "release \(report.release), \(Words.count(report.files, "file")): \(report.dryRun ? "would send" : "sent") \(objects)"
      )
      if !report.dryRun {
        Console.line(
          report.switched ? "the bucket's current release is now \(report.release)" : "it was current already"
        )
      }
      if prune {
        let pruned = "\(Words.count(report.prunedReleases, "release")), \(Words.count(report.prunedObjects, "object"))"
        Console.line("\(report.dryRun ? "would remove" : "removed") \(pruned)")
      }
      if report.verified > 0 { Console.line("read back and found right: \(Words.count(report.verified, "object"))") }
    }
  }
}
