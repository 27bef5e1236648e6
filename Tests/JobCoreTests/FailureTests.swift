import AdministrationServer
import BundleFormat
import Catalogue
import Failures
import FileSystem
import Journal
import SystemPackage
import Testing
import Trust

@testable import JobCore

/// What an error says of itself: how the command ends, in which words, and what to do next.
@Suite struct FailureTests {
  private static let denied = FileError("open", "/etc/secret", .permissionDenied)
  private static let pulled = FileError("read", "/media/stick", .ioError)
  private static let own = JobError(.gap, "a gap", remedy: "Bring the bundle between.")

  private static let carrying: [(any Error, any Failure)] = [
    (StoreError.file(denied), denied),
    (BundleError.file(pulled), pulled),
    (BundleError.caller(own), own),
    (BundleError.caller(BundleError.caller(denied)), denied),
    (TrustError.source(file: "root.json", own), own),
    (TrustError.cache(file: "root.json", pulled), pulled),
    (JournalError.file(denied), denied),
    (TrustError.source(file: "root.json", BundleError.caller(StoreError.file(pulled))), pulled),
  ]

  @Test(arguments: Self.carrying.indices) func `an error that carries another one says what that one says`(_ index: Int)
  {
    let (carrier, cause) = Self.carrying[index]
    #expect(JobError(carrier) == JobError(cause))
  }

  @Test func `a call that did not reach its server ends as what kept it back does`() {
    let error = AdministrationServerError.unreachable(call: "Session.Ping", Self.own)
    #expect(
      JobError(error, at: "ksc:13299") == JobError(.gap, "ksc:13299: Session.Ping: a gap", remedy: Self.own.remedy)
    )
  }

  @Test func `a place that only the caller knows is named, and status and remedy stay`() {
    let error = TrustError.rollback(file: "timestamp.json", trusted: 7, found: 3)
    let (plain, placed) = (JobError(error), JobError(error, at: "/media/stick/metadata"))
    #expect(plain.message.hasPrefix("metadata: ") && placed.message.hasPrefix("/media/stick/metadata: timestamp.json"))
    #expect(placed.status == .olderBundle && placed.remedy == plain.remedy && plain.remedy != nil)
    #expect(
      JobError(KeyError.wrongPassphrase, at: "/keys/root.key").message.hasPrefix("/keys/root.key: the pass phrase")
    )
  }

  @Test func `an interruption is none of the program's defects, and what nobody has foreseen is`() {
    struct Unforeseen: Error {}
    #expect(JobError(CancellationError()) == JobError(.partial, "interrupted"))
    #expect(JobError(Unforeseen()).status == .software)
  }

  @Test func `what is expired is reported with the time that it was compared with`() throws {
    let error = TrustError.expired(file: "timestamp.json", at: 1_780_000_000, version: 4, now: 1_780_315_200)
    #expect(JobError(error).status == .expired)
    #expect(try #require(JobError(error).remedy).contains("it says 2026-06-01T12:00:00Z"))
  }
}
