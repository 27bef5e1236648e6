import FileSystem
import Foundation
import JobCore
import JobDoubles
import MirrorConfiguration
import SystemPackage
import TestSupport
import Testing

@testable import Commands
@testable import Hooks

/// When the command of an administrator's is run, and what is made of its end.
@Suite struct PublicationHookTests {
  private let ground = TemporaryFolder()
  private let filled: FilledStore

  init() throws { filled = try FilledStore() }

  private func context(_ command: String, seconds: Int64 = 60, user: String? = nil, _ told: Told) -> JobContext {
    .test(filled.root, told) { configuration in
      configuration.importHook = ImportHook(command)
      configuration.importHook?.seconds = seconds
      configuration.importHook?.user = user
    }
  }

  private func publish(_ text: String) throws {
    _ = try filled.store.publish(filled.seal([.init("updates/a", text)]).number)
  }

  private func following(
    _ command: String,
    seconds: Int64 = 60,
    _ told: Told = Told(),
    _ body: () throws -> Void
  ) async throws -> HookReport? {
    let hook = try #require(try PublicationHook(context(command, seconds: seconds, told)))
    return try await hook.following { try body() }.1
  }

  @Test func `it is run when something was published, with the release in its environment and no secrets`() async throws
  {
    let script = "echo $KSCMIRROR_RELEASE $KSCMIRROR_RELEASE_FOLDER; cat $KSCMIRROR_RELEASE_FOLDER/updates/a"
    setenv("KSCMIRROR_TEST_SECRET", "secret", 1)
    let report = try await following("\(script); echo $KSCMIRROR_TEST_SECRET") { try publish("content") }
    #expect(report?.failure == nil)
    #expect(report?.output == "1 \(filled.root)/releases/1 | content")
    #expect(try await following("false") {} == nil)
  }

  @Test(arguments: [
    ("echo why; exit 3", 60, "it ended with status 3; it said: why"), ("kill -15 $$", 60, "it was ended by signal 15"),
    ("sleep 60", 1, "it had not ended after 1 second, and was ended"),
    ("printf 'a\\033[31m\\nb'; exit 1", 60, "it said: a\\u{1b}[31m | b"),
  ])
  func `its failure is reported, in one line, and hides nothing`(_ command: String, _ seconds: Int64, _ words: String)
    async throws
  {
    let told = Told()
    let report = try await following(command, seconds: seconds, told) { try publish("content") }
    #expect(report?.failure?.contains(words) == true, "\(report?.failure ?? "")")
    #expect(
      told.notices.contains { $0.name == "hook-failed" && $0.severity == .error && $0.text.contains("is published") }
    )
  }

  @Test func `it is run, too, where something was published and then went wrong`() async throws {
    let place = ground["ran"]
    let error = await #expect(throws: JobError.self) {
      _ = try await following("touch \(place)") {
        try publish("content")
        throw JobError(.partial, "later")
      }
    }
    #expect(error?.message == "later")
    #expect(FileManager.default.fileExists(atPath: place.string))
  }

  @Test func `a user who is not there is an error before anything is done`() {
    let error = #expect(throws: JobError.self) {
      try PublicationHook(context("true", user: "no-such-user-here", Told()))
    }
    #expect(error?.status == .configuration)
    #expect(throws: Never.self) { try PublicationHook(context("true", user: SystemUser.current?.name, Told())) }
  }

  @Test func `without a command there is nothing to run`() throws {
    #expect(try PublicationHook(.test(filled.root)) == nil)
  }

  @Test(.enabled(if: geteuid() == 0 && SystemUser("nobody") != nil, "only root can run a command as somebody else"))
  func `root runs it as the user that is configured`() async throws {
    let hook = try #require(try PublicationHook(context("id -un; id -gn", user: "nobody", Told())))
    let report = try await hook.following { try publish("content") }.1
    #expect(report?.output.hasPrefix("nobody | ") == true && report?.failure == nil, "\(report?.failure ?? "")")
  }
}
