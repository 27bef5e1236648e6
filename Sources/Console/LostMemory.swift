import Failures
import Glibc

/// What is said where memory that is mapped from a file cannot be had any more, since its disk fails or is full: the kernel
/// ends a program by SIGBUS then, and without a word.
///
/// That is as safe as a kill is, at any instruction.
package enum LostMemory {
  /// Has the end by SIGBUS say why.
  package static func explain() {
    var action = sigaction()
    // Nothing but these two calls: a handler may not take memory or locks.
    action.__sigaction_handler.sa_handler = { _ in
      let text: StaticString =
        "kscmirror: memory of a file could not be read or written: its disk fails, or is full. Look at the disk (dmesg), and run the command again; what is unfinished is repaired then.\n"
      _ = Glibc.write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
      _exit(ExitStatus.inputOutput.rawValue)
    }
    action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
    sigaction(SIGBUS, &action, nil)
  }
}
