import CLinux

/// What keeps a confined process in: as much as the kernel has, and whoever started this program lets it use.
package struct Restraints: OptionSet, Sendable, Hashable, CustomStringConvertible {
  package let rawValue: UInt8

  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// All system calls are refused but those for reading and writing what is open, for memory, and for the end.
  package static let seccomp = Restraints(rawValue: UInt8(confined_by_seccomp))
  /// No file, TCP port or other process can be reached.
  package static let landlock = Restraints(rawValue: UInt8(confined_by_landlock))
  /// No further descriptor can be opened. The administrator's account can take this off again.
  package static let limits = Restraints(rawValue: UInt8(confined_by_limits))

  /// Whether the kernel itself refuses the process everything.
  package var isSandbox: Bool { !isDisjoint(with: [.seccomp, .landlock]) }

  /// Their names: `seccomp and Landlock`.
  package var description: String {
    let all: [(Restraints, String)] = [(.seccomp, "seccomp"), (.landlock, "Landlock"), (.limits, "limits")]
    let names = all.filter { contains($0.0) }.map(\.1)
    guard let last = names.last, names.count > 1 else { return names.first ?? "nothing" }
    return "\(names.dropLast().joined(separator: ", ")) and \(last)"
  }
}
