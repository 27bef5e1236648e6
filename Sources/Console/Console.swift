import Glibc
import MirrorTypes

/// Standard output and standard error: the one way from the program to whoever reads it.
///
/// What is written becomes lines here and nowhere else, and each line is made printable here (``ShownText``): a name, a
/// note or an answer that comes from elsewhere neither begins a line nor steers a terminal nor hides anything.
package enum Console {
  /// Writes one line to standard output, whatever the text has in it.
  package static func line(_ text: String = "") { write(ShownText.escaped(text) + "\n", to: STDOUT_FILENO) }

  /// Writes a text of several lines to standard output. Its line breaks have to be ours: a ``table(_:rightAligned:)``, or a
  /// text whose parts were made printable when it was put together.
  package static func lines(_ text: String) { write(ownLines(text), to: STDOUT_FILENO) }

  /// Writes bytes to standard output, as they are: documents.
  package static func write(_ bytes: [UInt8]) { bytes.withUnsafeBytes { write($0, to: STDOUT_FILENO) } }

  /// Writes one line to standard error, whatever the text has in it.
  ///
  /// - Parameter label: what stands before it: of ours, it may have colours.
  package static func errorLine(_ text: String, label: String = "") {
    write(label + ShownText.escaped(text) + "\n", to: STDERR_FILENO)
  }

  /// Writes a text of several lines to standard error: see ``lines(_:)``.
  package static func errorLines(_ text: String) { write(ownLines(text), to: STDERR_FILENO) }

  /// Asks on standard error: the line stays open for an answer.
  package static func prompt(_ text: String) { write(ShownText.escaped(text), to: STDERR_FILENO) }

  /// Takes the open line of standard error away, and begins it anew with a text.
  package static func rewriteLine(_ text: String = "") {
    write("\r\u{1B}[K" + ShownText.escaped(text), to: STDERR_FILENO)
  }

  private static func ownLines(_ text: String) -> String {
    text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { ShownText.escaped(String(Substring($0))) }.joined(separator: "\n")
  }

  private static func write(_ text: String, to descriptor: Int32) {
    var text = text
    text.withUTF8 { write(UnsafeRawBufferPointer($0), to: descriptor) }
  }

  private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) {
    var rest = bytes
    while let start = rest.baseAddress, !rest.isEmpty {
      let count = Glibc.write(descriptor, start, rest.count)
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { return }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }

  /// Lays out rows in columns, as wide as their widest cell; numbers of a right-hand column stand at its right. A cell is
  /// made printable, and never is more than one line.
  package static func table(_ rows: [[String]], rightAligned: Set<Int> = []) -> String {
    let rows = rows.map { $0.map(ShownText.escaped) }
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
    return rows.map { row in
      let cells = row.enumerated().map { column, cell in
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        if rightAligned.contains(column) { return padding + cell }
        return column == row.count - 1 ? cell : cell + padding
      }
      return cells.joined(separator: "  ") + "\n"
    }.joined()
  }
}
