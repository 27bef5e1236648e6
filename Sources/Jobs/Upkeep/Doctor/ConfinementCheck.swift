import Confinement
import JobCore

/// What this system lets a process have for the unpacking of what nobody has verified.
struct ConfinementCheck: DoctorCheck {
  private static let name = "system.confinement"

  func findings(in patient: Patient) -> [Finding] {
    do throws(ConfinementError) {
      return [Self.finding(try EscapeAttempts())]
    } catch {
      return [
        .error(
          Self.name,
          "no bundle and no parcel can be unpacked here: \(error)",
          remedy: "See whether this account may start more processes, and whether there is memory."
        )
      ]
    }
  }

  static func finding(_ attempts: EscapeAttempts) -> Finding {
    let held = attempts.restraints
    guard held.isSandbox else {
      return .warning(
        name,
        "volumes and parcels are unpacked in a process of its own, which the kernel does not confine: it gives this account neither seccomp nor Landlock",
        remedy: "Let the container or the service use seccomp; a fault of libzstd could be used by a stick otherwise."
      )
    }
    guard attempts.possible.isEmpty else {
      return .warning(
        name,
        "volumes and parcels are unpacked in a process that \(held) confine, and that still can: \(attempts.possible.map(\.rawValue).joined(separator: ", "))",
        remedy: held.contains(.seccomp) ? nil : "Let the container or the service use seccomp."
      )
    }
    return .ok(name, "volumes and parcels are unpacked in a process that \(held) confine")
  }
}
