import Glibc
import SystemPackage

/// Why a confined process did not do its work.
package enum ConfinementError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The system starts no further process, and why.
  case notStarted(Errno)
  /// It was ended by a signal.
  case ended(signal: Int32)
  /// It ended by itself, with this exit status.
  case failed(status: Int32)
  /// It neither took nor gave anything for so many seconds.
  case stuck(seconds: Int32)

  /// Whether the process has failed on the bytes that it was given, and not for want of memory or by somebody's order.
  package var isCrash: Bool {
    switch self {
    case .notStarted: false
    case .ended(let signal): signal != SIGKILL
    case .failed, .stuck: true
    }
  }

  /// The failure in words, which go on after a file's name.
  package var description: String {
    switch self {
    case .notStarted(let reason): "no process can be started that unpacks it: \(reason)"
    case .ended(SIGKILL):
      "the process that unpacks it was killed: by somebody, or by the system because memory was short"
    case .ended(let signal):
      "the process that unpacks it was ended by signal \(signal) (\(strsignal(signal).map { String(cString: $0) } ?? "unknown")): the bytes are an attack, or a library has a fault"
    case .failed(let status): "the process that unpacks it ended with status \(status)"
    case .stuck(let seconds): "the process that unpacks it has done nothing for \(seconds) seconds"
    }
  }
}
