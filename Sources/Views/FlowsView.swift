import Console
import MirrorTypes
import Upkeep

/// Flows as people read them, in 80 columns.
package enum FlowsView {
  private static let width = 80

  /// Shows them.
  package static func show(_ report: FlowsReport) {
    let asked = report.server.map { "; \($0) was asked" } ?? ""
    Console.line("flows of an Administration Server, topology \(report.topology.rawValue)\(asked)")
    Console.line("Ports are the vendor's defaults; 'listens': here, 'answers': the server.")
    Console.line()
    Console.line("port       state    who uses it, and what to do")
    for row in report.rows { show(row) }
    let impossible = report.rows.count { $0.carriage == .impossible }
    let replaced = report.rows.count { $0.carriage == .replaced }
    Console.line()
    Console.line("\(replaced) replaced by kscmirror, \(impossible) cannot be carried")
  }

  private static func show(_ row: FlowsReport.Row) {
    let state = row.state == .unknown ? "-" : row.state.rawValue
    let head = padded("\(row.port)/\(row.transport.rawValue)", 11) + padded(state, 9)
    let indent = String(repeating: " ", count: head.count)
    // The head is in front of the first line only: what is broken is the text.
    let lines =
      WrappedText.lines(row.use, width: width - head.count, indent: "  ")
      + WrappedText.lines("\(row.carriage.words): \(row.todo)", width: width - head.count, indent: "  ")
    for (number, line) in lines.enumerated() { Console.line((number == 0 ? head : indent) + line) }
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }
}
