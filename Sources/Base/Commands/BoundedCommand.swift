import Failures
import Glibc
import SystemPackage

/// A program of somebody else's that is run to its end: for a bounded time, with a bounded part of what it says kept, and
/// with no more of our environment than it is given.
package struct BoundedCommand: Sendable {
  /// The program's path, and its arguments.
  package var words: [String]
  /// All of its environment. What would end a value before its end, a NUL, is left out.
  package var environment: [String: String]
  /// What it can read from its standard input.
  package var input: [UInt8]
  /// After how many seconds it is ended, with all that it has started.
  package var seconds: Int64
  /// What is kept of what it says, on both outputs together.
  package var kept: Kept
  /// How many seconds it has to end by itself when its time is over, before it is killed.
  package var grace: Int64

  /// A program with its arguments.
  package init(
    _ words: [String],
    environment: [String: String],
    input: [UInt8] = [],
    seconds: Int64,
    kept: Kept = .last(2048),
    grace: Int64 = 5
  ) {
    self.words = words
    self.environment = environment
    self.input = input
    self.seconds = seconds
    self.kept = kept
    self.grace = grace
  }

  /// A part of what a program says, in bytes; the rest is read and dropped, so that it goes on.
  package enum Kept: Hashable, Sendable {
    /// The beginning.
    case first(Int)
    /// The end.
    case last(Int)
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
    /// What was kept of what it said.
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
    var said = Said(kept: kept)
    var deadline = Self.now + seconds
    var state = (isOver: false, isKilled: false)
    while true {
      let isOpen = pipe.read(into: &said, forMilliseconds: 50)
      if Self.hasEnded(process) {
        // As long as it is not waited for, nobody else gets its number.
        if state.isOver { kill(-process, SIGKILL) }
        let status = Self.reap(process)
        _ = pipe.read(into: &said, forMilliseconds: 0)
        return Outcome(ending: state.isOver ? .timedOut : Self.ending(status), output: said.bytes, isCut: said.isCut)
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
    let source = try InputFile(input)
    posix_spawn_file_actions_adddup2(&actions, source.descriptor, 0)
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
    let settings = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.filter { $0 != "\0" })" }
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

/// What a program can read. A file, and no pipe: whoever does not read it ends no writer.
private struct InputFile: ~Copyable {
  private let file: UnsafeMutablePointer<FILE>
  var descriptor: Int32 { fileno(file) }

  init(_ bytes: [UInt8]) throws(CommandError) { file = try Self.open(bytes) }

  deinit { fclose(file) }

  private static func open(_ bytes: [UInt8]) throws(CommandError) -> UnsafeMutablePointer<FILE> {
    guard let file = bytes.isEmpty ? fopen("/dev/null", "r") : tmpfile() else { throw failure }
    _ = fcntl(fileno(file), F_SETFD, FD_CLOEXEC)
    guard fwrite(bytes, 1, bytes.count, file) == bytes.count, fflush(file) == 0,
      bytes.isEmpty || lseek(fileno(file), 0, SEEK_SET) == 0
    else {
      let failure = failure
      fclose(file)
      throw failure
    }
    return file
  }

  private static var failure: CommandError {
    CommandError(program: "a file for its input", reason: Errno(rawValue: errno))
  }
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
  func read(into said: inout Said, forMilliseconds wait: Int32) -> Bool {
    var record = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
    guard poll(&record, 1, wait) > 0 else { return true }
    var buffer = [UInt8](repeating: 0, count: 16_384)
    // However much it says, its time is looked at again.
    for _ in 0..<64 {
      let count = Glibc.read(reading, &buffer, buffer.count)
      if count == 0 { return false }
      guard count > 0 else { return errno == EAGAIN || errno == EINTR }
      said.append(buffer[..<count])
    }
    return true
  }
}

/// What is kept of what a program says.
private struct Said {
  let kept: BoundedCommand.Kept
  private(set) var bytes: [UInt8] = []
  private(set) var isCut = false

  init(kept: BoundedCommand.Kept) { self.kept = kept }

  mutating func append(_ more: ArraySlice<UInt8>) {
    switch kept {
    case .first(let limit):
      let room = max(0, limit - bytes.count)
      bytes += more.prefix(room)
      isCut = isCut || more.count > room
    case .last(let limit):
      bytes += more
      guard bytes.count > limit else { return }
      isCut = true
      bytes.removeFirst(bytes.count - limit)
    }
  }
}
