import Glibc
import JobCore
import MirrorTypes
import Synchronization

/// Shows what a job tells to a person: a line of progress on a terminal, plain lines elsewhere. All of it goes to
/// standard error, so that standard output has results alone.
package final class TerminalReporter: JobReporter {
  private struct State {
    var phase = ""
    var shownAt = 0.0
    var startedAt = TerminalReporter.clock
    var lineIsOpen = false
  }

  private let state = Mutex(State())
  private let quiet: Bool
  private let showsProgress: Bool
  private let colours: Bool

  /// A reporter.
  ///
  /// - Parameter quiet: tell only what somebody has to look at.
  package init(quiet: Bool) {
    self.quiet = quiet
    let terminal = isatty(STDERR_FILENO) == 1
    showsProgress = terminal && !quiet
    colours = terminal && getenv("NO_COLOR").map { $0.pointee == 0 } ?? true
  }

  package func report(_ event: JobEvent) {
    state.withLock { state in
      switch event {
      case .phase(let text):
        state.phase = text
        state.startedAt = Self.clock
        state.shownAt = 0
        clearLine(&state)
        if !quiet && !showsProgress { Console.errorLine(text) }
      case .progress(let progress): show(progress, &state)
      case .notice(let notice): show(notice, &state)
      }
    }
  }

  /// Takes the line of progress away before something else is written.
  package func finish() { state.withLock { clearLine(&$0) } }

  private func show(_ notice: JobNotice, _ state: inout State) {
    if quiet && notice.severity == .information { return }
    clearLine(&state)
    let label =
      switch notice.severity {
      case .information: ""
      case .warning: paint("warning: ", "33")
      case .error: paint("error: ", "31")
      }
    Console.errorLine(notice.text, label: label)
  }

  private func show(_ progress: JobProgress, _ state: inout State) {
    let now = Self.clock
    guard showsProgress, now - state.shownAt >= 0.1 else { return }
    state.shownAt = now
    var parts = [state.phase]
    if let files = progress.files {
      parts.append(
        progress.totalFiles.map { "\(Words.count(files)) of \(Words.count($0, "file"))" } ?? Words.count(files, "file")
      )
    }
    let elapsed = now - state.startedAt
    let rate = elapsed > 0.5 ? Double(progress.bytes) / elapsed : nil
    parts.append(
      progress.totalBytes.map { "\(Words.bytes(progress.bytes)) of \(Words.bytes($0))" } ?? Words.bytes(progress.bytes)
    )
    if let rate, rate > 0 {
      parts.append("\(Words.bytes(Int64(rate)))/s")
      if let left = secondsLeft(progress, elapsed: elapsed, rate: rate) { parts.append("\(Words.duration(left)) left") }
    }
    let bar = fraction(progress).map { Self.bar($0) + " " } ?? ""
    state.lineIsOpen = true
    Console.rewriteLine(String((bar + parts.joined(separator: " · ")).prefix(Self.width - 1)))
  }

  private func fraction(_ progress: JobProgress) -> Double? {
    if let total = progress.totalBytes, total > 0 { return min(1, Double(progress.bytes) / Double(total)) }
    if let files = progress.files, let total = progress.totalFiles, total > 0 {
      return min(1, Double(files) / Double(total))
    }
    return nil
  }

  private func secondsLeft(_ progress: JobProgress, elapsed: Double, rate: Double) -> Double? {
    if let total = progress.totalBytes { return Double(max(0, total - progress.bytes)) / rate }
    guard let done = fraction(progress), done > 0.01 else { return nil }
    return elapsed / done * (1 - done)
  }

  private static func bar(_ fraction: Double) -> String {
    let full = Int(fraction * 20)
    return "[" + String(repeating: "#", count: full) + String(repeating: "-", count: 20 - full) + "]"
  }

  private func clearLine(_ state: inout State) {
    if state.lineIsOpen { Console.rewriteLine() }
    state.lineIsOpen = false
  }

  private func paint(_ text: String, _ code: String) -> String { colours ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }

  private static var width: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20 else { return 80 }
    return Int(size.ws_col)
  }

  /// Seconds on a clock that only goes forward.
  package static var clock: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
