import CLinux
import Confinement
import Glibc
import SystemPackage
import Testing

@Suite struct ConfinedProcessTests {
  /// What this system gives to a confined process.
  private static let held = (try? EscapeAttempts())?.restraints ?? []

  @Test(.enabled(if: held.contains(.seccomp), "seccomp is not to be had here"))
  func `a confined process can reach no file, no server, no process and no program`() throws {
    // One that it would have, if what is open here were open there.
    let file = try FileDescriptor.open("/proc/self/status", .readOnly)
    defer { try? file.close() }
    let attempts = try EscapeAttempts()
    #expect(attempts.possible == [], "\(attempts.restraints)")
    for (attempt, reason) in attempts.refusals {
      #expect(reason == (attempt == .useFile ? .badFileDescriptor : .notPermitted), "\(attempt)")
    }
  }

  @Test func `where the kernel has neither seccomp nor Landlock, no file and no server can be opened all the same`()
    throws
  {
    let attempts = try EscapeAttempts(isUnrestrained: true)
    #expect(attempts.restraints == .limits)
    #expect(!attempts.restraints.isSandbox)
    for attempt in [EscapeAttempts.Attempt.openFile, .makeFile, .connect] {
      #expect(attempts.refusals[attempt] == .tooManyOpenFiles, "\(attempt)")
    }
    #expect(attempts.refusals[.useFile] == .badFileDescriptor)
  }

  @Test func `a process that is ended by a signal is told apart from one that has done its work`() throws {
    let crashed = try ConfinedProcess(end_by_signal)
    var bytes: [UInt8] = [0]
    #expect(try !crashed.receiveAll(into: &bytes))
    let error = #expect(throws: ConfinementError.self) { try crashed.finish() }
    #expect(error == .ended(signal: SIGSEGV))
    #expect(error?.isCrash == true)
    #expect(error.map { "\($0)" }?.contains("signal 11") == true)
    let stopped = try ConfinedProcess(say_nothing)
    stopped.stop()
    let killed = #expect(throws: ConfinementError.self) { try stopped.finish() }
    #expect(killed?.isCrash == false)
  }

  @Test func `a process that says nothing is given up`() throws {
    let silent = try ConfinedProcess(say_nothing, patience: 1)
    var bytes: [UInt8] = [0]
    #expect(throws: ConfinementError.stuck(seconds: 1)) { try silent.receiveAll(into: &bytes) }
    // Further bytes go nowhere, and end nothing.
    #expect(try !silent.sendAll([UInt8](repeating: 1, count: 100_000)))
  }
}
