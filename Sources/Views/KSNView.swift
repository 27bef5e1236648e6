import Console
import KSN
import MirrorTypes

/// What concerns KSN, as people read it.
package enum KSNView {
  /// What has left.
  package static func show(_ report: KSNExportReport) {
    let verb = report.dryRun ? "would remove" : "removed"
    for name in report.cleared { Console.line("\(verb) \(name).json from the spool: it has arrived") }
    guard let number = report.number else {
      return Console.line(
        "there is nothing new to send\(report.sentBefore > 0 ? "; --again sends once more what was sent" : "")"
      )
    }
    if report.dryRun {
      Console.line()
      return Console.lines(report.contents)
    }
    let parts = [
      Words.count(report.bodies, "body of statistics", "bodies of statistics"),
      Words.count(report.statements, "statement"), Words.count(report.configurations, "configuration"),
      Words.count(report.licences, "licence"),
    ]
    Console.line("parcel \(number): \(parts.joined(separator: ", "))")
    if report.sentBefore > 0 { Console.line("sent before: \(Words.count(report.sentBefore, "body", "bodies"))") }
    var stayed = report.leftOut.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    if report.valuesLeftOut > 0 { stayed.append("\(Words.count(report.valuesLeftOut, "value")) of statistics") }
    if !stayed.isEmpty { Console.line("stayed here: \(stayed.joined(separator: ", "))") }
    Console.line(
      report.folder.map { "wrote \($0)" }
        ?? "kept in the store; 'kscmirror parcel send --output FOLDER' writes it to a stick"
    )
  }

  /// What was collected.
  package static func show(_ report: KSNImportReport) {
    if report.parcels.isEmpty { Console.line("no parcel for KSN was collected since the last time") }
    for parcel in report.parcels {
      let bodies = Words.count(parcel.bodies, "body of statistics", "bodies of statistics")
      Console.line("took parcel \(parcel.number) of site \(parcel.site): \(bodies)")
    }
    for site in report.sites {
      Console.line("\(site.site), as of \(site.made): \(site.summary)")
      for change in site.changes { Console.line("  \(change)") }
      if site.undelivered > 0 {
        let bodies = Words.count(site.undelivered, "body of statistics waits", "bodies of statistics wait")
        Console.line("  \(bodies) for 'kscmirror ksn deliver'")
      }
    }
  }

  /// What is in a configuration of Private KSN.
  package static func show(_ report: KSNVerifyReport) {
    let rows: [(String, String?)] = [
      ("file", report.file), ("SHA-256", report.sha256), ("provider", report.provider), ("contacts", report.contacts),
      ("signed by", report.signer), ("signed", report.signed), ("made", report.created),
      ("content, SHA-256", report.contentSHA256),
    ]
    let table = rows.compactMap { name, value in value.map { [name + ":", $0] } }
    Console.lines(Console.table(table))
    if let statement = report.statement {
      Console.line("statement\(report.language.map { " (\($0))" } ?? ""):")
      for line in statement.split(separator: "\n", omittingEmptySubsequences: false) {
        Console.line("  " + String(line))
      }
    }
    Console.line(
      "The Administration Server takes it for genuine. Nothing was changed: set it up in the server's console."
    )
  }

  /// What was handed over.
  package static func show(_ report: KSNDeliverReport) {
    if report.isWanted == false {
      return Console.line("the Administration Server sends no statistics to KSN: nothing was handed over")
    }
    for body in report.delivered { Console.line("delivered \(text(body))") }
    if report.dryRun { for body in report.pending { Console.line("would deliver \(text(body))") } }
    if report.delivered.isEmpty && report.pending.isEmpty && report.unknown.isEmpty {
      Console.line("there is nothing to deliver")
    }
  }

  private static func text(_ body: KSNDeliverReport.Body) -> String {
    "\(body.name) of site \(body.site), parcel \(body.number), \(Words.bytes(Int64(body.bytes)))"
  }
}
