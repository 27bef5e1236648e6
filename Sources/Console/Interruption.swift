import Dispatch
import Glibc

/// What somebody who presses Ctrl-C at a terminal gets to see: a clean line, and a sentence on what that leaves behind. The
/// process ends by the signal then, as the shell expects it.
///
/// The signal's handler only writes a byte to a pipe, which is all that a handler may do; what reads it does the rest. A
/// second Ctrl-C ends the process at once, whatever it is at.
package enum Interruption {
  /// The pipe; `nil` where there are no descriptors left, and the signal does what it always does.
  private static let pipe: (reading: Int32, writing: Int32)? = {
    var ends: [Int32] = [-1, -1]
    guard Glibc.pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }()

  /// Has Ctrl-C say what a command's interruption leaves behind. Where nobody looks at a terminal nothing is changed, nor
  /// where whoever has started the program ignores the signal.
  package static func explain(_ command: String, on reporter: TerminalReporter) {
    guard isatty(STDERR_FILENO) == 1, let pipe else { return }
    var before = sigaction()
    guard sigaction(SIGINT, nil, &before) == 0, before.__sigaction_handler.sa_handler == nil else { return }
    // A pass phrase is asked for without showing what is typed: the shell has to get its terminal back as it was.
    var terminal = termios()
    let isTerminal = tcgetattr(STDIN_FILENO, &terminal) == 0
    let saved = terminal
    DispatchQueue(label: "interruption", qos: .userInteractive).async {
      var byte: UInt8 = 0
      while Glibc.read(pipe.reading, &byte, 1) < 0, errno == EINTR {}
      var saved = saved
      if isTerminal { tcsetattr(STDIN_FILENO, TCSANOW, &saved) }
      reporter.end(saying: text(of: command))
      signal(SIGINT, SIG_DFL)
      kill(getpid(), SIGINT)
    }
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in
      var byte: UInt8 = 0
      let error = errno
      if let pipe = Interruption.pipe { _ = Glibc.write(pipe.writing, &byte, 1) }
      errno = error
    }
    // Once: the next one ends the process.
    action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND)) | SA_RESTART
    sigaction(SIGINT, &action, nil)
  }

  /// What an interruption leaves behind.
  static func text(of command: String) -> String {
    let then =
      switch command {
      case "sync": "The next 'kscmirror sync' continues where this one stopped."
      case "import": "What is published stays as it is; the next 'kscmirror import' continues where this one stopped."
      case "pack":
        "The store is as it was. The next 'kscmirror pack' removes what is unfinished on the stick, and begins anew; "
          + "a bundle on several sticks is continued with 'kscmirror pack --continue'."
      default: "Run 'kscmirror \(command)' again: it continues, or begins anew."
      }
    return "Interrupted; nothing is damaged. \(then)"
  }
}
