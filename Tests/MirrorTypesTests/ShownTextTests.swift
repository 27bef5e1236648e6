import Foundation
import MirrorTypes
import Testing

@Suite struct ShownTextTests {
  /// Texts that break lines, steer terminals, or are not what they look like.
  static let hostile = [
    "a\nb", "a\r\nb", "a\tb", "\u{1B}[2J", "\u{9B}31m", "\u{85}", "\u{2028}\u{2029}", "x\u{202E}gpj.exe",
    "\u{2066}\u{2069}",
    "\u{200B}\u{200D}\u{FEFF}", "\u{AD}", "e\u{301}", "\u{0}", "\u{7F}", "\u{E0041}", "\u{1D173}", "\n\u{301}",
    "\r\u{200D}\n",
    "\"\u{301}", "\\n",
  ]

  @Test(arguments: hostile) func `a text becomes one line that shows what is in it`(_ text: String) throws {
    let line = ShownText.escaped("before " + text + " behind")
    #expect(line.unicodeScalars.allSatisfy { !$0.isUnsafeToShow })
    #expect(line.hasPrefix("before ") && line.hasSuffix(" behind"))
    #expect(ShownText.escaped(line) == line, "what was made printable stays as it is")
    let quoted = ShownText.quoted(text)
    #expect(quoted.unicodeScalars.allSatisfy { !$0.isUnsafeToShow })
    // The quotes that stand for the name's end are the last alone.
    #expect(quoted.unicodeScalars.filter { $0 == "\"" }.count - 2 == text.unicodeScalars.filter { $0 == "\"" }.count)
  }

  @Test(arguments: hostile) func `JSON is the same to a reader, and shows what is in it`(_ text: String) throws {
    let written = String(decoding: try JSONEncoder().encode([text]), as: UTF8.self)
    let shown = ShownText.escapedJSON(written)
    #expect(shown.unicodeScalars.allSatisfy { !$0.isUnsafeToShow })
    let read = try #require(try JSONDecoder().decode([String].self, from: Data(shown.utf8)).first)
    #expect(Array(read.utf8) == Array(text.utf8))
  }

  @Test func `a long name is cut`() {
    #expect(ShownText.quoted(String(repeating: "a", count: 500), atMost: 10) == "\"aaaaaaaaaa…\"")
  }

  @Test(arguments: ["", ".", "..", "-x", "a b", "a\nb", "a/b", "\u{E9}", "\u{212A}", String(repeating: "a", count: 65)])
  func `a site has no such name`(_ name: String) { #expect(!SiteName.isValid(name)) }
}
