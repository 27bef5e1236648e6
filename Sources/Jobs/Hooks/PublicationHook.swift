import Catalogue
import Commands
import ContentStore
import Failures
import FileSystem
import Glibc
import JobCore
import Journal
import MirrorConfiguration
import MirrorTypes
import StrictJSON
import SystemPackage

/// The command of an administrator's that is run when a release has been published, by a shell.
///
/// It gets the release in its environment and nothing that is secret; whatever becomes of it, the release stays published.
package struct PublicationHook: Sendable, InContext {
  package let context: JobContext
  private let hook: ImportHook
  private let user: SystemUser?
  private let isOther: Bool

  /// The command of the configuration's `[import]`; `nil` where there is none.
  ///
  /// - Throws: an error with ``ExitStatus/configuration`` for a user that does not exist, or whom this one cannot become.
  package init?(_ context: JobContext) throws {
    guard let hook = context.configuration.importHook else { return nil }
    self.context = context
    self.hook = hook
    guard let name = hook.user else {
      (user, isOther) = (SystemUser.current, false)
      return
    }
    guard let user = SystemUser(name) else {
      throw Self.wrong(context, "there is no user '\(name)' here", "Correct 'then_user' in [import], or make the user.")
    }
    let remedy = "Run it as root or as \(name), or take 'then_user' out of [import]."
    guard user.number == geteuid() || geteuid() == 0 else {
      throw Self.wrong(context, "'then_user' is \(name), and only root can run a command as another user", remedy)
    }
    (self.user, isOther) = (user, user.number != geteuid())
  }

  private static func wrong(_ context: JobContext, _ message: String, _ remedy: String) -> JobError {
    JobError(.configuration, "\(context.configuration.file): \(message)", remedy: remedy)
  }

  /// Does something that may publish a release, and runs the command if it has, also where it fails after that.
  ///
  /// - Returns: what `body` returns, and what became of the command; `nil` if there was no reason to run it.
  /// - Throws: what `body` throws.
  package func following<Result>(
    isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws -> Result
  ) async throws -> (Result, HookReport?) {
    let before = published()?.number
    do {
      let result = try await body()
      return (result, run(ifPublishedSince: before))
    } catch {
      _ = run(ifPublishedSince: before)
      throw error
    }
  }

  private func run(ifPublishedSince before: Int?) -> HookReport? {
    guard let now = published(), now.number != before else { return nil }
    return run(after: now)
  }

  /// What is published; `nil` if that is nothing, or there is no store that can be read.
  private func published() -> PublishedRelease? {
    guard let store = try? ContentStore.open(folder, access: .reading), let release = try? store.current() else {
      return nil
    }
    var bundle: String?
    if case .imported(let name)? = try? store.snapshot(release.number).origin { bundle = name }
    return PublishedRelease(number: release.number, folder: release.path, bundle: bundle)
  }

  /// Runs it, and notes in the journal that it was run, what it said and how it ended. Its failure is reported, and is none
  /// of the publication's.
  func run(after release: PublishedRelease) -> HookReport {
    reporter.report(.phase("running the command of [import]"))
    let facts: [String: JournalValue] = [
      "release": .integer(Int64(release.number)), "command": .string(ShownText.escaped(hook.command)),
      "user": .string(user?.name ?? "\(geteuid())"),
    ]
    do {
      let beginning = AuditNote(.hook, "the command after the publication of release \(release.number)", facts)
      let output = try audit.noting(beginning) { _ in
        let output = try ended(try command(release).run())
        let said = output.isEmpty ? [:] : ["output": JournalValue.string(output)]
        let text = "the command after the publication of release \(release.number) has ended well"
        return (output, AuditNote(.hook, text, facts.merging(said) { $1 }))
      }.value
      return HookReport(output: output, failure: nil)
    } catch {
      let failure = JobError(error)
      reporter.error(
        "hook-failed",
        "release \(release.number) is published; the command of [import] failed: \(failure.message)"
      )
      return HookReport(output: "", failure: failure.message)
    }
  }

  /// What it said, if it ended well.
  private func ended(_ outcome: BoundedCommand.Outcome) throws -> String {
    let output = Self.shown(outcome)
    let how: String
    switch outcome.ending {
    case .exit(0): return output
    case .exit(let status): how = "it ended with status \(status)"
    case .signal(let signal): how = "it was ended by signal \(signal)"
    case .timedOut: how = "it had not ended after \(Words.count(hook.seconds, "second")), and was ended"
    }
    throw JobError(.hookFailed, output.isEmpty ? how : "\(how); it said: \(output)")
  }

  /// What it said, in one line that can be printed.
  static func shown(_ outcome: BoundedCommand.Outcome) -> String {
    var bytes = outcome.output[...]
    // A character may have been cut in two.
    if outcome.isCut { bytes = bytes.drop { $0 & 0xC0 == 0x80 } }
    let lines = bytes.split(separator: UInt8(ascii: "\n")).map {
      ShownText.escaped(String(decoding: $0, as: UTF8.self))
    }
    return (outcome.isCut ? "…" : "") + lines.joined(separator: " | ")
  }

  private func command(_ release: PublishedRelease) -> BoundedCommand {
    var words = ["/bin/sh", "-c", hook.command]
    if isOther, let user {
      words = ["/usr/bin/setpriv", "--reuid=\(user.number)", "--regid=\(user.group)", "--init-groups", "--"] + words
    }
    return BoundedCommand(words, environment: environment(release), seconds: hook.seconds)
  }

  /// Where programs are looked for if our own environment says nothing.
  private static let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

  private func environment(_ release: PublishedRelease) -> [String: String] {
    var result = ["PATH": Self.path]
    for name in ["PATH", "LANG", "LC_ALL", "TZ"] {
      if let value = getenv(name) { result[name] = String(cString: value) }
    }
    if let user { result.merge(["HOME": user.home, "USER": user.name, "LOGNAME": user.name]) { $1 } }
    result["KSCMIRROR_STORE"] = folder.string
    result["KSCMIRROR_RELEASE"] = "\(release.number)"
    result["KSCMIRROR_RELEASE_FOLDER"] = release.folder.string
    result["KSCMIRROR_BUNDLE"] = release.bundle
    if let site = configuration.site { result["KSCMIRROR_SITE"] = site }
    if !configuration.file.isEmpty { result["KSCMIRROR_CONFIG"] = configuration.file.string }
    return result
  }
}

/// What was published.
struct PublishedRelease: Sendable {
  /// The release.
  let number: Int
  /// Its folder.
  let folder: FilePath
  /// The bundle that it came with; `nil` if it came with none.
  let bundle: String?
}

/// What became of the command.
package struct HookReport: Sendable, Encodable {
  /// The last of what it said, in one line.
  package let output: String
  /// Why it failed; `nil` if it ended well.
  package let failure: String?
}
