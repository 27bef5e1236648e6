import CLinux
import Glibc
import SystemPackage

/// A process of its own, in which C code reads bytes that nobody has verified: a fault in that code gets whoever made the
/// bytes a process that has one socket, and that the kernel refuses everything else.
///
/// It is a copy of this process by `fork`, without a program of its own: that costs a millisecond instead of thirty,
/// and needs no path. What this process has in memory is in the copy too, and nothing leads from there but the socket, on
/// which it is believed nothing. In the copy runs C code alone: Swift's runtime may have been in any state.
///
/// One thread at a time.
package final class ConfinedProcess {
  /// What runs in it; see `confined_work`.
  package typealias Work = @convention(c) (Int32, Int32) -> Int32

  /// How it ended.
  private enum Ending {
    case exit(Int32)
    case signal(Int32)
  }

  /// What keeps it in.
  package let restraints: Restraints
  private let process: pid_t
  private var socket: Int32
  private var ending: Ending?
  private let patience: Int32

  /// Starts a process.
  ///
  /// - Parameters:
  ///   - work: what it does.
  ///   - file: an open file that it may read.
  ///   - patience: after so many seconds in which it neither takes nor gives anything it is given up.
  ///   - isUnrestrained: start it as on a kernel that has neither seccomp nor Landlock.
  package init(
    _ work: Work,
    reading file: FileDescriptor? = nil,
    patience: Int32 = 300,
    isUnrestrained: Bool = false
  ) throws(ConfinementError) {
    var process: pid_t = 0
    socket = start_confined(work, file?.rawValue ?? -1, isUnrestrained ? 1 : 0, &process)
    guard socket >= 0 else { throw .notStarted(Errno(rawValue: errno)) }
    self.process = process
    self.patience = patience
    var held: UInt8 = 0
    guard Self.repeating({ [socket] in recv(socket, &held, 1, 0) }) == 1 else {
      close(socket)
      let ending = Self.wait(for: process)
      if case .signal(let signal) = ending { throw .ended(signal: signal) }
      throw .notStarted(.resourceTemporarilyUnavailable)
    }
    restraints = Restraints(rawValue: held).intersection([.seccomp, .landlock, .limits])
  }

  deinit { stop() }

  /// Ends the process, whatever it is doing.
  package func stop() {
    guard ending == nil else { return }
    kill(process, SIGKILL)
    ending = reap()
  }

  /// Sees how the process has ended, after all that it had to say.
  ///
  /// - Throws: ``ConfinementError`` unless it ended by itself with status 0.
  package func finish() throws(ConfinementError) {
    let ending = self.ending ?? reap()
    self.ending = ending
    switch ending {
    case .exit(0): return
    case .exit(let status): throw .failed(status: status)
    case .signal(let signal): throw .ended(signal: signal)
    }
  }

  private func reap() -> Ending {
    if socket >= 0 { close(socket) }
    socket = -1
    return Self.wait(for: process)
  }

  /// Waits for the end of a process whose socket is closed. One that goes on all the same is killed.
  private static func wait(for process: pid_t) -> Ending {
    var status: Int32 = 0
    var pause: useconds_t = 50
    while true {
      let found = waitpid(process, &status, pause < 2_000_000 ? WNOHANG : 0)
      if found == process { break }
      // Somebody else has waited for it: how it ended is not known.
      if found < 0, errno != EINTR { return .exit(127) }
      if pause >= 1_000_000 { kill(process, SIGKILL) }
      usleep(pause)
      pause *= 2
    }
    let signal = status & 0x7F
    return signal == 0 ? .exit(status >> 8 & 0xFF) : .signal(signal)
  }

  private static func repeating(_ call: () -> Int) -> Int {
    while true {
      let result = call()
      if result >= 0 || errno != EINTR { return result }
    }
  }
}

// MARK: - Bytes

extension ConfinedProcess {
  /// Sends as many bytes as it takes at once.
  ///
  /// - Returns: how many; 0: none now; `nil`: it takes no more, and has ended, or is about to.
  package func trySend(_ bytes: UnsafeRawBufferPointer) -> Int? {
    let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
    let count = Self.repeating { send(socket, bytes.baseAddress, bytes.count, flags) }
    if count >= 0 { return count }
    return errno == EAGAIN ? 0 : nil
  }

  /// Tells it that nothing more comes.
  package func endInput() { shutdown(socket, Int32(SHUT_WR)) }

  /// Takes bytes that are there.
  ///
  /// - Returns: how many; 0 at the end; `nil`: none yet.
  package func tryReceive(into bytes: UnsafeMutableRawBufferPointer) -> Int? {
    let count = Self.repeating { recv(socket, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT)) }
    if count >= 0 { return count }
    return errno == EAGAIN ? nil : 0
  }

  /// Waits until it takes or gives something.
  ///
  /// - Parameters:
  ///   - isSending: whether there is something to send.
  ///   - isReceiving: whether something is expected.
  package func wait(isSending: Bool, isReceiving: Bool = true) throws(ConfinementError) {
    let events = (isReceiving ? POLLIN : 0) | (isSending ? POLLOUT : 0)
    var waiting = pollfd(fd: socket, events: Int16(events), revents: 0)
    guard Self.repeating({ Int(poll(&waiting, 1, patience * 1000)) }) == 0 else { return }
    stop()
    throw .stuck(seconds: patience)
  }

  /// Sends all bytes.
  ///
  /// - Returns: `false`: it takes no more, and has ended, or is about to.
  package func sendAll(_ bytes: UnsafeRawBufferPointer) throws(ConfinementError) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      guard let count = trySend(rest) else { return false }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      if count == 0 { try wait(isSending: true, isReceiving: false) }
    }
    return true
  }

  /// Fills a buffer.
  ///
  /// - Returns: `false`: it has ended before.
  package func receiveAll(into bytes: UnsafeMutableRawBufferPointer) throws(ConfinementError) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      switch tryReceive(into: rest) {
      case nil: try wait(isSending: false)
      case 0: return false
      case let count?: rest = UnsafeMutableRawBufferPointer(rebasing: rest[count...])
      }
    }
    return true
  }

  /// Fills an array of numbers.
  package func receiveAll<Number: FixedWidthInteger>(into numbers: inout [Number]) throws(ConfinementError) -> Bool {
    try numbers.withUnsafeMutableBufferPointer { (buffer) throws(ConfinementError) in
      try receiveAll(into: UnsafeMutableRawBufferPointer(buffer))
    }
  }

  /// Sends an array of numbers.
  package func sendAll<Number: FixedWidthInteger>(_ numbers: [Number]) throws(ConfinementError) -> Bool {
    try numbers.withUnsafeBufferPointer { (buffer) throws(ConfinementError) in
      try sendAll(UnsafeRawBufferPointer(buffer))
    }
  }
}
