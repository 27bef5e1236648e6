import Console
import MirrorTypes
import VendorChecks

/// What the vendor's signatures say of a tree, as people read it.
package enum VendorView {
  /// What the vendor's signatures say, in a line.
  package static func line(_ report: VendorReport) -> String {
    "vendor's signatures: \(Words.count(report.indexes, "index", "indexes")) and \(Words.count(report.files, "file")) verified, \(Words.count(report.notVerifiable)) not verifiable"
  }

  package static func show(_ vendor: VendorReport) {
    for problem in vendor.problems { Console.line("\(problem.path): \(problem.reason)") }
    Console.line(line(vendor))
    for path in vendor.notVerifiableIndexes {
      Console.line("  not verifiable: \(path) and what it names")
    }
    if vendor.leftOver > 0 {
      Console.line(
        "\(Words.count(vendor.leftOver, "index", "indexes")) left over: signed by the vendor, named by no other index"
      )
      for path in vendor.leftOverIndexes { Console.line("  left over: \(path)") }
    }
    for path in vendor.differingPrimaries {
      Console.line("\(path) is not the one that the retranslation index carries")
    }
    guard vendor.absent + vendor.absentIndexes > 0 else { return }
    var counts: [String] = []
    if vendor.absentIndexes > 0 {
      counts.append(Words.count(vendor.absentIndexes, "index", "indexes"))
    }
    if vendor.absent > 0 { counts.append(Words.count(vendor.absent, "file")) }
    let note = vendor.isSelectionKnown ? "" : "; it is not known which of them were chosen"
    Console.line("\(counts.joined(separator: " and ")) named by signed indexes and not here\(note):")
    for path in vendor.absentNames { Console.line("  absent: \(path)") }
    if vendor.absent + vendor.absentIndexes > vendor.absentNames.count { Console.line("  …") }
  }
}
