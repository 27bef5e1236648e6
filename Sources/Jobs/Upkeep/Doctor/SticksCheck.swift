import FileSystem
import JobCore
import MirrorTypes
import SystemPackage

/// What runs of `pack` have left unfinished where they write, on a stick or in the outbox.
struct SticksCheck: DoctorCheck {
  func findings(in patient: Patient) -> [Finding] {
    guard let output = patient.configuration?.pack.output else { return [] }
    return patient.found("sticks.unfinished") {
      // A stick that is not there has nothing on it.
      guard try Files.status(output)?.kind == .folder else { return [] }
      let left = try Files.entries(of: output, atMost: 10_000).filter { entry in
        entry.kind == .folder && entry.name.hasPrefix("kscmirror-") && entry.name.hasSuffix(".part")
      }
      // One that changes is being written at this moment.
      let dead = try left.filter { entry in
        guard let status = try Files.status(output.appending(entry.name)) else { return false }
        return patient.now.seconds(since: status.modified) > 3600
      }
      guard !dead.isEmpty else { return [] }
      return [
        .warning(
          "sticks.unfinished",
          "an unfinished bundle was left in \(output): \(Words.list(dead.map(\.name), atMost: 3))",
          remedy: "Run 'kscmirror pack' again, or remove it; no site imports it."
        )
      ]
    }
  }
}
