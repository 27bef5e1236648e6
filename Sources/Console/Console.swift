import Glibc
import MirrorTypes

/// Standard output and standard error: the one way from the program to whoever reads it.
///
/// What is written becomes lines here and nowhere else, and each line is made printable here (``ShownText``): a name, a
/// note or an answer that comes from elsewhere neither begins a line nor steers a terminal nor hides anything.
package enum Console {
  /// Writes a sentence or a fact to standard output, whatever the text has in it: one line, or on a terminal as many as
  /// its width takes. Points in time in it are shown as people have them on their clocks.
  ///
  /// - Parameter hanging: the column where further lines begin; `nil`: as the line looks.
  package static func line(_ text: String = "", hanging: Int? = nil) {
    write(fitted(text, label: "", hanging, STDOUT_FILENO), to: STDOUT_FILENO)
  }

  /// Writes one line to standard output as it is, but printable: for programs.
  package static func data(_ line: String) { write(ShownText.escaped(line) + "\n", to: STDOUT_FILENO) }

  /// Writes a text of several lines to standard output. Its line breaks have to be ours: a ``table(_:rightAligned:)``, or a
  /// text whose parts were made printable when it was put together.
  package static func lines(_ text: String) { write(ownLines(text), to: STDOUT_FILENO) }

  /// Writes bytes to standard output, as they are: documents.
  package static func write(_ bytes: [UInt8]) { bytes.withUnsafeBytes { write($0, to: STDOUT_FILENO) } }

  /// Writes a sentence to standard error, as ``line(_:hanging:)`` does.
  ///
  /// - Parameter label: what stands before it: of ours, it may have colours.
  package static func errorLine(_ text: String, label: String = "") {
    write(fitted(text, label: label, nil, STDERR_FILENO), to: STDERR_FILENO)
  }

  private static func fitted(_ text: String, label: String, _ hanging: Int?, _ descriptor: Int32) -> String {
    let text = LocalTimes.shown(in: ShownText.escaped(text))
    guard let width = Screen.width(of: descriptor) else { return label + text + "\n" }
    // A label takes its room, but for the colours in it.
    let room = String(repeating: "\u{A0}", count: label.replacing(/\u{1B}\[[0-9;]*m/, with: "").count)
    let lines = WrappedText.fitted(room + text, width: width, hanging: hanging)
    return label + lines.joined(separator: "\n").dropFirst(room.count) + "\n"
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
  /// made printable, and never is more than one line. On a terminal the table fits its width; see ``TextColumns``.
  ///
  /// - Parameter below: the columns that stand below their row where the table is too wide; the first row is its head then.
  package static func table(_ rows: [[String]], rightAligned: Set<Int> = [], below: Set<Int> = []) -> String {
    TextColumns.table(
      rows.map { $0.map(ShownText.escaped) },
      rightAligned: rightAligned,
      width: Screen.width(of: STDOUT_FILENO),
      below: below
    )
  }
}
