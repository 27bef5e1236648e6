import Glibc

/// What tells a process from all others that this machine ever had: its number, when it began, and since which start of
/// the machine these count.
package struct ProcessMark: Hashable, Sendable {
  /// Its number.
  package let process: Int
  /// When it began, in the kernel's clock ticks since the machine was started.
  package let started: Int64
  /// The kernel's identifier of this start of the machine.
  package let boot: String

  /// A mark that was noted.
  package init(process: Int, started: Int64, boot: String) {
    self.process = process
    self.started = started
    self.boot = boot
  }

  /// This process's; `nil` where `/proc` does not show it.
  package static var current: ProcessMark? { of(Int(getpid())) }

  /// Whether the process still runs: nobody else has got its number since.
  package var isRunning: Bool { Self.of(process) == self }

  private static func of(_ process: Int) -> ProcessMark? {
    guard let boot = bootIdentifier, let started = start(of: process) else { return nil }
    return ProcessMark(process: process, started: started, boot: boot)
  }

  /// When a process began, in the kernel's clock ticks since the machine was started; `nil` for one that is gone.
  static func start(of process: Int) -> Int64? {
    guard process > 0, let bytes = ProcFile.read("/proc/\(process)/stat") else { return nil }
    // The name in brackets may hold anything, also brackets: what follows the last one is numbers.
    guard let bracket = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
    let fields = bytes[(bracket + 1)...].split(separator: UInt8(ascii: " "))
    // The state is the third field of all, the start is the twenty-second. One that is dead and not yet fetched is gone.
    guard fields.count > 19, !["Z", "X"].contains(String(decoding: fields[0], as: UTF8.self)) else { return nil }
    return Int64(String(decoding: fields[19], as: UTF8.self))
  }

  private static var bootIdentifier: String? {
    ProcFile.read("/proc/sys/kernel/random/boot_id").map { bytes in
      String(decoding: bytes.prefix(36), as: UTF8.self)
    }
  }
}
