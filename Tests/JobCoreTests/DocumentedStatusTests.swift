import Failures
import JobCore
import TestSupport
import Testing

/// kscmirror(1) lists each exit status once, with what it means; the guide says what to do.
@Suite struct DocumentedStatusTests {
  /// The items of a section of the manual that are numbers: each with the lines of its text.
  private func documented(_ heading: String) throws -> [(number: Int32, text: [Substring])] {
    let found = try ManualPages.sections().filter { $0.heading == heading }
    #expect(found.count == 1, "\(heading)")
    var items: [(number: Int32, text: [Substring])] = []
    for line in try #require(found.first).text.split(separator: "\n") {
      if line.hasPrefix(".It "), let number = Int32(line.dropFirst(4)) {
        items.append((number, []))
      } else if !items.isEmpty, !line.hasPrefix(".It"), !line.hasPrefix(".El") {
        items[items.count - 1].text.append(line)
      }
    }
    return items
  }

  @Test func `every status is in the manual, in order, and no other is`() throws {
    let items = try documented("EXIT STATUS")
    #expect(items.filter { !$0.text.isEmpty }.map(\.number) == ExitStatus.allCases.map(\.rawValue).sorted())
  }

  @Test func `the guide says of every status what it means, and of each but the first what to do`() throws {
    let items = try documented("WHEN SOMETHING GOES WRONG")
    #expect(items.map(\.number) == ExitStatus.allCases.map(\.rawValue).sorted())
    for item in items where item.number != 0 {
      let parts = item.text.split(separator: ".br")
      #expect(parts.count == 2 && parts.allSatisfy { !$0.isEmpty }, "\(item.number)")
    }
  }
}
