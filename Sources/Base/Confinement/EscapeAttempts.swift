import CLinux
import SystemPackage

/// What a confined process has tried that it must not be able to, and how that went: a look at this system, not a
/// promise.
package struct EscapeAttempts: Sendable, Hashable {
  /// Something that a confined process tries.
  package enum Attempt: String, Sendable, Hashable, CaseIterable {
    case useFile = "use a file that the program has open"
    case openFile = "open a file"
    case makeFile = "make a file"
    case connect = "connect to a server"
    case fork = "start another process"
    case signal = "reach the process that has started it"
    case mapCode = "make code of data"
    case execute = "run another program"
  }

  /// What keeps the process in.
  package let restraints: Restraints
  /// The reason for which each failed; one that is not here did not fail.
  package let refusals: [Attempt: Errno]

  /// What was possible.
  package var possible: [Attempt] { Attempt.allCases.filter { refusals[$0] == nil } }

  /// Starts a confined process that tries all of it.
  ///
  /// - Parameter isUnrestrained: as on a kernel that has neither seccomp nor Landlock.
  package init(isUnrestrained: Bool = false) throws(ConfinementError) {
    let process = try ConfinedProcess(try_to_leave, patience: 30, isUnrestrained: isUnrestrained)
    restraints = process.restraints
    var first = [Int32](repeating: 0, count: Attempt.allCases.count - 1)
    guard try process.receiveAll(into: &first) else { throw .failed(status: 0) }
    // The last comes by itself, and only if no other program has taken the process's place.
    var last: [Int32] = [0]
    if try process.receiveAll(into: &last) { try process.finish() } else { process.stop() }
    let reasons = first + last
    refusals = Dictionary(
      uniqueKeysWithValues: zip(Attempt.allCases, reasons).filter { $1 != 0 }.map { ($0, Errno(rawValue: $1)) }
    )
  }
}
