import Console
import Setup
import SetupPlan
import StoreTrust

/// What was set up, as people read it.
package enum SetupView {
  package static func show(_ report: SetupReport) {
    guard report.isWritten else {
      Console.line("would write \(report.configuration):")
      Console.line()
      // The text is ours, and so are its line breaks: what was typed stands in it quoted, and escaped.
      return Console.lines(report.text)
    }
    Console.line("wrote \(report.configuration)")
    if let keys = report.keys { show(keys, areNew: report.madeKeys) }
    for path in report.dropIns { Console.line("wrote \(path)") }
    if !report.timers.isEmpty { Console.line("switched on \(report.timers.joined(separator: ", "))") }
    Console.line()
    Console.line("Next, on this host:")
    for command in report.next { Console.line("  \(command)") }
    if report.side == .connected {
      Console.line("Then carry the stick to the isolated server. There, once:")
      Console.line("  kscmirror setup isolated")
    } else {
      Console.line("'trust add' asks for the fingerprint that 'kscmirror keys show' shows on the")
      Console.line("host with internet: have it read to you over a telephone.")
    }
  }

  private static func show(_ keys: KeysReport, areNew: Bool) {
    Console.line(areNew ? "made keys. The fingerprint to read out at each site:" : "keys are here. Their fingerprint:")
    KeysView.show(keys.fingerprint)
    for line in KeysView.advice(keys) { Console.line(line) }
  }
}
