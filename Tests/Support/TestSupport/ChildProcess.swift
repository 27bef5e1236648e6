import Foundation
import Glibc
import Synchronization
import SystemPackage

/// Another program that runs beside the tests, started by posix_spawn, so that many can be started at the same time.
package final class ChildProcess: Sendable {
  /// How a program ended.
  package enum Ending: Hashable, Sendable {
    /// By itself, with this status.
    case exit(Int32)
    /// By this signal.
    case signal(Int32)
  }

  /// A program that could not be started.
  package struct Failure: Error, CustomStringConvertible {
    /// What and why.
    package let description: String
  }

  /// Its number.
  package let number: pid_t
  private let ending = Mutex<Ending?>(nil)

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - program: its path.
  ///   - output: the file that takes its standard output; `nil`: nobody.
  ///   - errors: the file that takes its standard error; `nil`: nobody.
  ///   - environment: all of its environment; `nil`: ours.
  package init(
    _ program: String,
    _ arguments: [String],
    output: FilePath? = nil,
    errors: FilePath? = nil,
    environment: [String: String]? = nil
  ) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let flags = O_WRONLY | O_CREAT | O_TRUNC
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output?.string ?? "/dev/null", flags, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, errors?.string ?? "/dev/null", flags, 0o600)
    // Sockets of NIO are open in a new program as well: other tests' listeners would go on beyond their end.
    for descriptor in 3..<2048 { posix_spawn_file_actions_addclose(&actions, Int32(descriptor)) }
    // What a test has ignored or blocked is no matter of the program's.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var (none, all) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    var words = ([program] + arguments).map { strdup($0) } + [nil]
    var settings = environment.map { $0.map { strdup("\($0.key)=\($0.value)") } + [nil] }
    defer { for word in words + (settings ?? []) { free(word) } }
    var number = pid_t()
    let status =
      settings == nil
      ? posix_spawn(&number, program, &actions, &attributes, &words, environ)
      : posix_spawn(&number, program, &actions, &attributes, &words, &settings!)
    guard status == 0 else { throw Failure(description: "cannot start \(program): \(Errno(rawValue: status))") }
    self.number = number
  }

  deinit {
    guard ending.withLock({ $0 }) == nil else { return }
    kill(SIGKILL)
    wait()
  }

  /// Sends a signal, if it still runs.
  package func kill(_ signal: Int32) {
    ending.withLock { ending in
      if ending == nil { _ = Glibc.kill(number, signal) }
    }
  }

  /// Whether it still runs.
  package var isRunning: Bool { reap(WNOHANG) == nil }

  /// Waits until it has ended.
  @discardableResult
  package func wait() -> Ending {
    // Not under the lock, so that it can be killed meanwhile.
    var info = siginfo_t()
    while waitid(P_PID, id_t(number), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR {}
    return reap(0) ?? .exit(-1)
  }

  /// Waits until it has ended, on a thread of its own.
  package func ending() async -> Ending {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: self.wait()) }
    }
  }

  private func reap(_ options: Int32) -> Ending? {
    ending.withLock { ending in
      if let ending { return ending }
      var status: Int32 = 0
      guard waitpid(number, &status, options) == number else { return nil }
      ending = status & 0x7F == 0 ? .exit(status >> 8 & 0xFF) : .signal(status & 0x7F)
      return ending
    }
  }
}
