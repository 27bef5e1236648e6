import Console
import Licences
import MirrorTypes

/// What has left, as people read it.
package enum ExportView {
  package static func show(_ report: LicenceExportReport) {
    if report.dryRun {
      Console.line()
      return Console.lines(report.contents)
    }
    let what =
      "\(Words.count(report.keys, "key")), \(Words.count(report.devices, "device"))"
      + (report.files > 0 ? ", \(Words.count(report.files, "key file")) by digest" : "")
      + (report.bodies > 0 ? ", \(Words.count(report.bodies, "body", "bodies")) of keys (secrets)" : "")
    Console.line("parcel \(report.number): \(what)")
    let leftOut = report.leftOut.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    if !leftOut.isEmpty { Console.line("stayed here: \(leftOut.joined(separator: ", "))") }
    Console.line(
      report.folder.map { "wrote \($0)" }
        ?? "kept in the store; 'kscmirror parcel send --output FOLDER' writes it to a stick"
    )
  }
}
