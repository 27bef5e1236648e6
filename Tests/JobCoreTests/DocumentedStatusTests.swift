import Failures
import Foundation
import JobCore
import Testing

/// kscmirror(1) lists each exit status once, with what it means.
@Suite struct DocumentedStatusTests {
  /// The numbers in the section on exit statuses that have a text, in the order in which they stand there.
  private func documented() throws -> [Int32] {
    let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Man/kscmirror.1")
    let lines = try String(contentsOf: page, encoding: .utf8).split(separator: "\n")
    let start = try #require(lines.firstIndex(of: ".Sh EXIT STATUS"))
    var numbers: [Int32] = []
    for (line, next) in zip(lines[start...], lines[start...].dropFirst()).dropFirst() {
      if line.hasPrefix(".Sh ") { break }
      guard line.hasPrefix(".It "), let number = Int32(line.dropFirst(4)), !next.hasPrefix(".It") else { continue }
      numbers.append(number)
    }
    return numbers
  }

  @Test func `every status is in the manual, in order, and no other is`() throws {
    #expect(try documented() == ExitStatus.allCases.map(\.rawValue).sorted())
  }
}
