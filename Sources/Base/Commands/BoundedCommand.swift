import Failures
import Glibc
import SystemPackage

/// A program of somebody else's that is run to its end: for a bounded time, with a bounded part of what it says kept, no
/// input, and no more of our environment than it is given.
package struct BoundedCommand: Sendable {
  /// The program's path, and its arguments.
  package var words: [String]
  /// All of its environment.
  package var environment: [String: String]
  /// After how many seconds it is ended, with all that it has started.
  package var seconds: Int64
  /// How many bytes are kept of what it says, on both outputs together: the last ones.
  package var keptBytes: Int
  /// How many seconds it has to end by itself when its time is over, before it is killed.
  package var grace: Int64

  /// A program with its arguments.
  package init(
    _ words: [String],
    environment: [String: String],
    seconds: Int64,
    keptBytes: Int = 2048,
    grace: Int64 = 5
  ) {
    self.words = words
    self.environment = environment
    self.seconds = seconds
    self.keptBytes = keptBytes
    self.grace = grace
  }

  /// How a program ended.
  package enum Ending: Hashable, Sendable {
    /// By itself, with a status.
    case exit(Int32)
    /// By a signal.
    case signal(Int32)
    /// Its time was over.
    case timedOut
  }

  /// How it ended, and what it said.
  package struct Outcome: Hashable, Sendable {
    /// How it ended.
    package let ending: Ending
    /// The last bytes of what it said.
    package let output: [UInt8]
    /// Whether it said more than that.
    package let isCut: Bool
  }

  /// Runs it, and waits for its end.
  ///
  /// What it has put into the background, and what ended in time, goes on; it is not waited for.
  ///
  /// - Throws: ``CommandError`` when it cannot be started.
  package func run() throws(CommandError) -> Outcome {
    var pipe = try OutputPipe()
    let process = try spawn(writingTo: pipe)
    pipe.closeWriting()
    var tail = Tail(limit: keptBytes)
    var deadline = Self.now + seconds
    var state = (isOver: false, isKilled: false)
    while true {
      let isOpen = pipe.read(into: &tail, forMilliseconds: 50)
      if Self.hasEnded(process) {
        // As long as it is not waited for, nobody else gets its number.
        if state.isOver { kill(-process, SIGKILL) }
        let status = Self.reap(process)
        _ = pipe.read(into: &tail, forMilliseconds: 0)
        return Outcome(ending: state.isOver ? .timedOut : Self.ending(status), output: tail.bytes, isCut: tail.isCut)
      }
      if !isOpen { usleep(20_000) }
      guard Self.now >= deadline, !state.isKilled else { continue }
      // It leads a group of its own, so that what it has started ends with it.
      kill(-process, state.isOver ? SIGKILL : SIGTERM)
      state.isKilled = state.isOver
      state.isOver = true
      deadline = Self.now + grace
    }
  }

  private static var now: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec)
  }

  /// Whether a process has ended. It stays to be waited for.
  private static func hasEnded(_ process: pid_t) -> Bool {
    var record = siginfo_t()
    let flags = WEXITED | WNOHANG | WNOWAIT
    // Where nobody may wait for children, there is none to wait for once it has ended.
    return waitid(P_PID, id_t(process), &record, flags) != 0 ? errno == ECHILD : record.si_signo == SIGCHLD
  }

  /// The status of a process that has ended; as of an exit with 255 where it is not known.
  private static func reap(_ process: pid_t) -> Int32 {
    var status: Int32 = 255 << 8
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    return status
  }

  /// What `wait` says, in the macros of wait.h.
  private static func ending(_ status: Int32) -> Ending {
    let signal = status & 0x7F
    return signal == 0 ? .exit((status >> 8) & 0xFF) : .signal(signal)
  }

  private func spawn(writingTo pipe: borrowing OutputPipe) throws(CommandError) -> pid_t {
    guard let program = words.first else { throw CommandError(program: "", reason: .invalidArgument) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, pipe.writing, 1)
    posix_spawn_file_actions_adddup2(&actions, pipe.writing, 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var (none, all) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF) | Self.newSession
    )
    var process: pid_t = 0
    let settings = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    let result = Self.withTexts(words) { words in
      Self.withTexts(settings) { settings in posix_spawn(&process, program, &actions, &attributes, words, settings) }
    }
    guard result == 0 else { throw CommandError(program: program, reason: Errno(rawValue: result)) }
    return process
  }

  /// `POSIX_SPAWN_SETSID` of glibc, which Swift does not import: a session, and so a group of processes, of its own.
  private static let newSession: Int16 = 0x80

  private static func withTexts<Result>(
    _ texts: [String],
    _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    let copies = texts.map { strdup($0) }
    defer { copies.forEach { free($0) } }
    return body(copies + [nil])
  }
}

/// A program that cannot be started.
package struct CommandError: Failure, Hashable {
  /// Its path.
  package let program: String
  /// The operating system's reason.
  package let reason: Errno

  package var status: ExitStatus { reason == .noSuchFileOrDirectory ? .notThere : .permission }
  package var message: String { "cannot run \(program): \(reason)" }
}

/// The pipe that a program's outputs lead to.
private struct OutputPipe: ~Copyable {
  private let reading: Int32
  let writing: Int32
  private var isWritingOpen = true

  init() throws(CommandError) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw CommandError(program: "a pipe", reason: Errno(rawValue: errno)) }
    (reading, writing) = (ends[0], ends[1])
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(reading, F_SETFL, O_NONBLOCK)
  }

  deinit {
    close(reading)
    if isWritingOpen { close(writing) }
  }

  mutating func closeWriting() {
    close(writing)
    isWritingOpen = false
  }

  /// Reads what has come, and waits so long for it.
  ///
  /// - Returns: whether more may come.
  func read(into tail: inout Tail, forMilliseconds wait: Int32) -> Bool {
    var record = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
    guard poll(&record, 1, wait) > 0 else { return true }
    var buffer = [UInt8](repeating: 0, count: 16_384)
    // However much it says, its time is looked at again.
    for _ in 0..<64 {
      let count = Glibc.read(reading, &buffer, buffer.count)
      if count == 0 { return false }
      guard count > 0 else { return errno == EAGAIN || errno == EINTR }
      tail.append(buffer[..<count])
    }
    return true
  }
}

/// The last bytes of something.
private struct Tail {
  let limit: Int
  private(set) var isCut = false
  private var kept: [UInt8] = []

  init(limit: Int) { self.limit = limit }

  mutating func append(_ bytes: ArraySlice<UInt8>) {
    kept += bytes
    guard kept.count > limit else { return }
    isCut = true
    kept.removeFirst(kept.count - limit)
  }

  var bytes: [UInt8] { kept }
}
