import ArgumentParser
import Console
import Releases
import Upkeep
import Views

/// `kscmirror rollback`
struct Rollback: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Publish an earlier snapshot again, by one rename, or end that.",
    discussion: """
      It is remembered: no sync and no import publishes again by itself what was here at that time. A newer snapshot is \
      published as always.

        kscmirror rollback          the release before the current one
        kscmirror rollback 41
        kscmirror rollback --undo   the newest snapshot again
      """
  )

  @Argument(help: "The snapshot to publish (default: the one published before).", completion: .snapshots)
  var snapshot: Int?

  @Flag(help: "End a rollback: publish the newest snapshot again.")
  var undo = false

  @OptionGroup var options: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard !undo || snapshot == nil else { throw ValidationError("--undo takes no snapshot: it publishes the newest.") }
  }

  func run() async throws {
    try await perform("rollback", output, options, .settings) { context in
      try RollbackJob(context, undo ? .undo : .goBack(to: snapshot)).run()
    } show: { report in
      Console.line("current: snapshot \(report.current) (before: \(report.previous.map(String.init) ?? "none"))")
      if let held = report.heldBack {
        Console.line("snapshot \(held.snapshot) is held back; 'kscmirror rollback --undo' publishes it again")
      }
    }
  }
}
