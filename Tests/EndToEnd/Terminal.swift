import Foundation
import Glibc
import Synchronization
import SystemPackage
import TestSupport

/// A terminal that the program writes to, and what has appeared on it.
final class Terminal: Sendable {
  /// What a program opens.
  let path: FilePath
  private let descriptor: Int32
  /// `TIOCSPTLCK` and `TIOCGPTN`, which Swift cannot import.
  private static let (setLock, getNumber): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
  private let shown = Mutex("")
  private let isRead = Mutex(true)

  /// A terminal of so many columns.
  init(columns: UInt16) throws {
    let descriptor = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var (locked, number): (Int32, UInt32) = (0, 0)
    guard descriptor >= 0, ioctl(descriptor, Self.setLock, &locked) == 0,
      ioctl(descriptor, Self.getNumber, &number) == 0
    else { throw World.Failure(description: "there is no terminal to be had") }
    path = FilePath("/dev/pts/\(number)")
    self.descriptor = descriptor
    var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(descriptor, UInt(TIOCSWINSZ), &size)
  }

  deinit { close(descriptor) }

  /// Runs the program on it to its end.
  func run(_ arguments: [String], while body: (ChildProcess) async throws -> Void = { _ in }) async throws
    -> ChildProcess.Ending
  {
    let environment = ["PATH": "/usr/bin:/bin", "TZ": "UTC", "TERM": "xterm", "LC_ALL": "C.UTF-8"]
    // It stays open as long as we hold it ourselves, so that nothing is lost that was written last.
    let held = open(path.string, O_RDWR | O_NOCTTY | O_CLOEXEC)
    let process = try ChildProcess(World.program, arguments, output: path, errors: path, environment: environment)
    isRead.withLock { $0 = false }
    // A thread of its own: it waits, and no test may wait for it.
    Thread.detachNewThread { [self] in
      read()
      isRead.withLock { $0 = true }
    }
    try await body(process)
    let ending = await process.ending()
    tcdrain(held)
    close(held)
    for _ in 0..<12 where try await eventually({ isRead.withLock { $0 } }) { break }
    return ending
  }

  /// Waits until something has appeared, for two minutes at the most.
  func shows(_ words: String) async throws -> Bool {
    for _ in 0..<12 where try await eventually({ text.contains(words) }) { return true }
    return false
  }

  /// All that has appeared so far.
  var text: String { shown.withLock { $0 } }

  /// What a person sees: of a line that was written anew, the last of it.
  var lines: [String] {
    text.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let last = line.components(separatedBy: "\r\u{1B}[K").last ?? ""
      return last.replacing(/\u{1B}\[[0-9;]*m/, with: "")
    }
  }

  /// Reads to the end, which comes when nobody holds the terminal open any more.
  private func read() {
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      guard count > 0 else { return }
      shown.withLock { $0 += String(decoding: buffer[..<count], as: UTF8.self) }
    }
  }
}
