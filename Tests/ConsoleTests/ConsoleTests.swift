import Console
import MirrorTypes
import Testing

@Suite struct ConsoleTests {
  @Test(
    arguments: [
      (0, "0.0 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.4, "59 s"), (60, "1 min 0 s"), (3599, "59 min 59 s"),
      (3600, "1 h 0 min"), (172_799, "47 h 59 min"), (172_800, "2 days"),
    ] as [(Double, String)]
  )
  func `a length of time has two units at the most`(_ seconds: Double, _ words: String) {
    #expect(Words.duration(seconds) == words)
  }

  @Test func `columns are as wide as their widest cell, and nothing trails behind the last`() {
    let table = Console.table([["name", "size"], ["a", "1"], ["longer", "1000"]], rightAligned: [1])
    #expect(table == "name    size\na          1\nlonger  1000\n")
    #expect(Console.table([["a", "b"], ["cc"]]) == "a   b\ncc\n")
    #expect(Console.table([]).isEmpty)
  }

  @Test func `a cell is one line, whatever stands in it`() {
    let table = Console.table([["a\nb", "\u{1B}[31mred"], ["\u{202E}x", "y"]])
    #expect(table.split(separator: "\n").count == 2)
    #expect(table.unicodeScalars.allSatisfy { $0 == "\n" || !$0.isUnsafeToShow })
  }
}
