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
    var speed = Speed(from: TerminalReporter.clock)
    var lineIsOpen = false
    /// Whether the process is about to end, and nothing more is shown.
    var isOver = false
    /// Whether something was shown that somebody has to look at.
    var hasWarned = false
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
    showsProgress = Screen.canRewrite(STDERR_FILENO) && !quiet
    colours = terminal && getenv("NO_COLOR").map { $0.pointee == 0 } ?? true
  }

  package func report(_ event: JobEvent) {
    state.withLock { state in
      guard !state.isOver else { return }
      switch event {
      case .phase(let text):
        state.phase = text
        state.startedAt = Self.clock
        state.speed = Speed(from: state.startedAt)
        state.shownAt = 0
        clearLine(&state)
        if showsProgress {
          state.lineIsOpen = true
          Console.rewriteLine(TextColumns.clipped(text, to: (Screen.width(of: STDERR_FILENO) ?? 80) - 1))
        } else if !quiet {
          Console.errorLine(text)
        }
      case .progress(let progress): show(progress, &state)
      case .notice(let notice): show(notice, &state)
      }
    }
  }

  /// Whether something was shown that somebody has to look at.
  package var hasWarned: Bool { state.withLock { $0.hasWarned } }

  /// Takes the line of progress away before something else is written.
  package func finish() { state.withLock { clearLine(&$0) } }

  /// Says a last sentence, since somebody has interrupted the program; nothing is shown behind it.
  package func end(saying text: String) {
    state.withLock { state in
      if state.lineIsOpen { Console.rewriteLine() } else { Console.errorLine("") }
      state.lineIsOpen = false
      state.isOver = true
      Console.errorLine(text)
    }
  }

  private func show(_ notice: JobNotice, _ state: inout State) {
    if quiet && notice.severity == .information { return }
    // A person at a stick has no use for a digest; who keeps evidence reads the journal.
    if showsProgress && notice.name == "journal" { return }
    clearLine(&state)
    if notice.severity != .information { state.hasWarned = true }
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
    state.speed.take(progress.bytes, at: now)
    let line = ProgressLine(
      phase: state.phase,
      progress: progress,
      elapsed: now - state.startedAt,
      rate: state.speed.rate
    )
    state.lineIsOpen = true
    Console.rewriteLine(line.text(width: Screen.width(of: STDERR_FILENO) ?? 80))
  }

  private func clearLine(_ state: inout State) {
    if state.lineIsOpen { Console.rewriteLine() }
    state.lineIsOpen = false
  }

  private func paint(_ text: String, _ code: String) -> String { colours ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }

  /// Seconds on a clock that only goes forward.
  package static var clock: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
