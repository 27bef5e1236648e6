import Glibc
import SystemPackage

/// A program that an administrator has named, run to its end or to the end of its time.
package struct AdministratorCommand: Sendable {
  /// How it ended.
  package enum Ending: Sendable, Hashable {
    /// With an exit status.
    case exit(Int32)
    /// By a signal.
    case signal(Int32)
    /// It took too long, and was ended with all that it had started.
    case tooLong
  }

  /// What came of it.
  package struct Outcome: Sendable, Hashable {
    /// How it ended.
    package let ending: Ending
    /// The beginning of what it wrote, to either stream.
    package let output: String

    /// Whether it did what it should.
    package var isGood: Bool { ending == .exit(0) }

    /// Why not, in words.
    package var words: String {
      let said = output.split(separator: "\n").first.map { ": \($0)" } ?? ""
      return switch ending {
      case .exit(let status): "it ended with status \(status)\(said)"
      case .signal(let signal): "it was ended by signal \(signal)\(said)"
      case .tooLong: "it took too long and was ended\(said)"
      }
    }
  }

  private let arguments: [String]
  private let environment: [String: String]
  private let seconds: Int

  /// So much of what it writes is kept, in bytes.
  private static let keptOutput = 4096

  /// A program.
  ///
  /// - Parameters:
  ///   - arguments: its path and its arguments.
  ///   - environment: what it gets in addition to the environment of this process.
  ///   - seconds: how long it may take.
  package init(_ arguments: [String], environment: [String: String] = [:], seconds: Int) {
    self.arguments = arguments
    self.environment = environment
    self.seconds = seconds
  }

  /// The shell's command line.
  package init(shell command: String, environment: [String: String], seconds: Int) {
    self.init(["/bin/sh", "-c", command], environment: environment, seconds: seconds)
  }

  /// Runs it.
  ///
  /// - Parameter input: what it can read from its standard input.
  /// - Throws: `Errno` when it cannot be started.
  package func run(input: [UInt8] = []) throws(Errno) -> Outcome {
    // A file, and no pipe: whoever does not read it ends no writer.
    guard let file = tmpfile() else { throw Self.failure }
    defer { fclose(file) }
    guard fwrite(input, 1, input.count, file) == input.count, fflush(file) == 0, lseek(fileno(file), 0, SEEK_SET) == 0
    else { throw Self.failure }
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw Self.failure }
    defer { close(ends[0]) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    // Of this end only: the program at the other one may wait for room.
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    let started = spawn(input: fileno(file), output: ends[1])
    close(ends[1])
    let process = try started.get()
    var reading = OutputReading(descriptor: ends[0], limit: Self.keptOutput)
    let ending = wait(for: process, &reading)
    return Outcome(ending: ending, output: reading.text)
  }

  private func spawn(input: Int32, output: Int32) -> Result<pid_t, Errno> {
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_adddup2(&actions, input, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_adddup2(&actions, output, 2)
    // A group of its own, so that all that it starts can be ended with it.
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    posix_spawnattr_setpgroup(&attributes, 0)
    var process = pid_t()
    let status = Self.withStrings(arguments) { words in
      Self.withStrings(variables) { variables in
        posix_spawn(&process, arguments.first ?? "", &actions, &attributes, words, variables)
      }
    }
    return status == 0 ? .success(process) : .failure(Errno(rawValue: status))
  }

  /// The environment: this process's, with what is added; a NUL would end a value.
  private var variables: [String] {
    var all: [String: String] = [:]
    var entry = environ
    while let variable = entry.pointee {
      let text = String(cString: variable)
      if let sign = text.firstIndex(of: "=") { all[String(text[..<sign])] = String(text[text.index(after: sign)...]) }
      entry += 1
    }
    all.merge(environment) { $1 }
    return all.map { "\($0.key)=\($0.value.filter { $0 != "\0" })" }.sorted()
  }

  private static func withStrings<Value>(
    _ texts: [String],
    _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Value
  ) -> Value {
    var pointers: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeMutableBufferPointer { buffer in
      // The array has a member at least: its end.
      body(buffer.baseAddress.unsafelyUnwrapped)
    }
  }

  /// Waits for its end, and takes what it writes meanwhile.
  private func wait(for process: pid_t, _ reading: inout OutputReading) -> Ending {
    let end = Self.clock + Double(seconds)
    while Self.clock < end {
      reading.read(waiting: 100)
      if let ending = Self.ending(of: process, WNOHANG) {
        reading.read(waiting: 0)
        return ending
      }
    }
    kill(-process, SIGTERM)
    for _ in 0..<20 {
      reading.read(waiting: 100)
      if Self.ending(of: process, WNOHANG) != nil {
        kill(-process, SIGKILL)
        return .tooLong
      }
    }
    kill(-process, SIGKILL)
    _ = Self.ending(of: process, 0)
    return .tooLong
  }

  private static func ending(of process: pid_t, _ options: Int32) -> Ending? {
    var status: Int32 = 0
    var found = waitpid(process, &status, options)
    while found < 0, errno == EINTR { found = waitpid(process, &status, options) }
    guard found == process else { return found < 0 ? .exit(127) : nil }
    return status & 0x7F == 0 ? .exit(status >> 8 & 0xFF) : .signal(status & 0x7F)
  }

  private static var failure: Errno { Errno(rawValue: errno) }

  private static var clock: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

/// The beginning of what comes through a pipe; the rest is read and dropped, so that its writer goes on.
private struct OutputReading {
  let descriptor: Int32
  let limit: Int
  private var kept: [UInt8] = []
  private var hasEnded = false

  init(descriptor: Int32, limit: Int) {
    self.descriptor = descriptor
    self.limit = limit
  }

  var text: String { String(decoding: kept, as: UTF8.self) }

  /// Reads what is there, and waits so many milliseconds for something.
  mutating func read(waiting: Int32) {
    guard !hasEnded else {
      if waiting > 0 { usleep(20_000) }
      return
    }
    var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard Glibc.poll(&poll, 1, waiting) > 0 else { return }
    var buffer = [UInt8](repeating: 0, count: 16_384)
    let count = Glibc.read(descriptor, &buffer, buffer.count)
    if count > 0 { kept += buffer[..<min(count, max(0, limit - kept.count))] }
    if count == 0 { hasEnded = true }
  }
}
