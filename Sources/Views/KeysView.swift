import Console
import MirrorTypes
import StoreTrust

/// Keys as people read them.
package enum KeysView {
  package static func show(_ report: KeysReport) {
    if !report.isInForce { Console.line("This root is not in force yet: signatures are missing.") }
    Console.line("root version \(report.version), expires \(Timestamp.local(report.expires))")
    Console.line("file: \(report.rootFile)")
    Console.line("fingerprint:")
    show(report.fingerprint)
    for role in report.roles {
      Console.line("\(role.name): \(role.threshold) of")
      for key in role.keys { Console.line("  \(key)") }
    }
    if let sealing = report.sealing { show(sealing) }
    guard let waiting = report.waiting else { return }
    Console.line("\(waiting.file) waits for signatures; it has \(waiting.signatures). Its fingerprint:")
    show(waiting.fingerprint)
  }

  /// What to do with the root key that was made.
  package static func advice(_ report: KeysReport) -> [String] {
    guard let file = report.rootKey else { return [] }
    return [
      "The root key is",
      "  \(file)",
      "Who has it decides what all sites trust. It is needed only to replace keys:",
      "move it to a medium that stays in a safe, keep a copy elsewhere, and write its",
      "pass phrase down, apart from it. If it is lost, every site has to trust a new",
      "root by hand.",
    ]
  }

  package static func show(_ sealing: KeysReport.Sealing) {
    Console.line("parcels are sealed to")
    Console.line("  \(sealing.key)")
    for key in sealing.kept { Console.line("  \(key) (before)") }
  }

  package static func show(_ report: KeysReport.Signed) {
    Console.line("\(report.file): \(Words.count(report.signatures, "signature"))")
    Console.line(report.isInForce ? "It is in force now." : "It is not in force yet.")
    Console.line("fingerprint: \(report.fingerprint)")
  }

  /// A fingerprint in lines of eight groups.
  package static func show(_ groups: [String]) {
    for start in stride(from: 0, to: groups.count, by: 8) {
      Console.line("  " + groups[start..<min(start + 8, groups.count)].joined(separator: " "))
    }
  }
}
