import Commands
import Failures
import FileSystem
import FoundationEssentials
import JobCore
import MirrorConfiguration
import MirrorTypes
import SystemPackage

/// Reports that a command fails, once, and once that it works again: by mail, or by a command of the administrator's.
package struct FailureNotice: Sendable, InContext {
  package let context: JobContext
  private let now: UTCTime
  private var settings: NotifySettings { configuration.notify }

  /// How long a command or the mail program may take, in seconds.
  private static let seconds: Int64 = 60
  /// So much of what it writes is kept, in bytes.
  private static let keptOutput = 4096

  /// Notices about the commands of the context's store, where what is remembered lies.
  package init(_ context: JobContext) {
    self.context = context
    now = context.clock.now
  }

  /// Takes the end of a command. What cannot be remembered or delivered is a warning: it hides no result.
  ///
  /// - Parameters:
  ///   - command: the subcommand.
  ///   - status: how it ended.
  ///   - message: what it said of a failure.
  ///   - isWatched: whether a person sees it fail: then nothing has to be reported.
  package func take(_ command: String, _ status: ExitStatus, _ message: String, isWatched: Bool) {
    guard settings.isUsed, (try? Files.status(folders.root)) != nil else { return }
    do {
      try follow(command, ending(status, isWatched: isWatched), status, message)
    } catch {
      reporter.warning("notify", "the failure could not be reported: \(JobError(error).message)")
    }
  }

  private func ending(_ status: ExitStatus, isWatched: Bool) -> FailureMemory.Ending {
    switch status {
    case .success: .succeeded
    case .usage: .silent
    // A long run is no failure of the next one; one that hangs is.
    case .busy where !hangs: .silent
    default: isWatched ? .silent : .failed
    }
  }

  /// Whether a run has held the store for longer than a sync may take.
  private var hangs: Bool {
    let patience = configuration.watch.sync.warning
    return RunningJob.all(in: folder).contains { run in run.since.map { now.seconds(since: $0) > patience } == true }
  }

  private func follow(
    _ command: String,
    _ ending: FailureMemory.Ending,
    _ status: ExitStatus,
    _ message: String
  ) throws {
    let file = StateFile(
      folders.notices.appending("\(command.filter { $0 != " " && $0 != "/" }).json"),
      kind: "kscmirror failures",
      remedy: "Remove it: the next failure is reported again.",
      maximumSize: 4096,
      isPrivate: true
    )
    let memory = try file.readIfIntact().flatMap { FailureMemory($0) }
    let next = FailureMemory.following(memory, ending, now: now, after: settings.after)
    var kept = next.delivered
    if let report = next.report {
      let letter = FailureLetter(command, report, status, message, site: configuration.site, store: folder.string)
      if !deliver(letter) { kept = next.undelivered }
    }
    guard kept != memory else { return }
    if let kept { try file.write(kept.object) } else { try Files.remove(file.path) }
  }

  /// - Returns: whether all whom it is for have it.
  private func deliver(_ letter: FailureLetter) -> Bool {
    var isDelivered = true
    func run(_ what: String, _ words: [String], adding variables: [String: String] = [:], input: String) {
      let command = BoundedCommand(
        words,
        environment: ProcessInfo.processInfo.environment.merging(variables) { $1 },
        input: Array(input.utf8),
        seconds: Self.seconds,
        kept: .first(Self.keptOutput),
        grace: 2
      )
      do throws(CommandError) {
        let outcome = try command.run()
        guard !outcome.isGood else { return }
        reporter.warning("notify", "\(what): \(outcome.words)")
      } catch {
        reporter.warning("notify", "\(what): it cannot be started: \(error.reason)")
      }
      isDelivered = false
    }
    if let command = settings.command {
      run("the command of [notify]", ["/bin/sh", "-c", command], adding: letter.environment, input: letter.body)
    }
    if !settings.mail.isEmpty {
      let mail = letter.mail(to: settings.mail, from: settings.from)
      run("\(settings.sendmail)", [settings.sendmail.string, "-t", "-oi"], input: mail)
    }
    return isDelivered
  }
}
