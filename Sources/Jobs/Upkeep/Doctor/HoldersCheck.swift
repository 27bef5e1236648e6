import ContentStore
import FileSystem
import Releases

/// Whether somebody holds a release by something else than its name, and so will not see the next one.
struct HoldersCheck: DoctorCheck {
  private static let name = "store.holders"

  func findings(in patient: Patient) -> [Finding] {
    guard let store = patient.store else { return [] }
    return patient.found(Self.name) {
      guard let current = try store.current()?.number else { return [] }
      let held = Self.judged(store.heldReleases(), current: current)
      guard !held.isEmpty else { return [.ok(Self.name, "nobody goes on using a release of the past")] }
      return held.map { .warning(Self.name, $0.consequence, remedy: "\(HeldRelease.remedy).") }
    }
  }

  /// Who works in the current release will go on by himself; a mount does not.
  static func judged(_ held: [HeldRelease], current: Int) -> [HeldRelease] {
    held.compactMap { release in
      let holders = release.holders.filter { release.number != current || $0.way != .workingFolder }
      return holders.isEmpty ? nil : HeldRelease(number: release.number, holders: holders)
    }
  }
}
