import MirrorTypes
import TestSupport
import Testing

@Suite struct EncodingTests {
  @Test(arguments: [
    ("", "", ""), ("a-z_0.9~", "a-z_0.9~", "a-z_0.9~"), ("a/b", "a/b", "a%2Fb"), ("a b%", "a%20b%25", "a%20b%25"),
    ("é\u{0}?#", "%C3%A9%00%3F%23", "%C3%A9%00%3F%23"),
  ])
  func `what is not plain is a percent sign and two digits`(_ text: String, _ path: String, _ part: String) {
    #expect(PercentEncoding.encoded(text) == path)
    #expect(PercentEncoding.encoded(text, slash: true) == part)
    #expect(PercentEncoding.decoded(path) == Array(text.utf8))
    #expect(PercentEncoding.decoded(part) == Array(text.utf8))
  }

  @Test(arguments: ["%", "%2", "a%", "%g0", "%0g", "%+1", "% 1", "%%41", "%\u{FF11}\u{FF11}"])
  func `a percent sign without two digits is refused`(_ text: String) {
    #expect(PercentEncoding.decoded(text) == nil)
  }

  @Test func `any text comes back, and digits of either case are read`() {
    #expect(PercentEncoding.decoded("%c3%A9") == Array("é".utf8))
    var random = SeededGenerator(0x9E)
    for _ in 0..<500 {
      let scalars = (0..<12).compactMap { _ in Unicode.Scalar(UInt32.random(in: 0..<0x300, using: &random)) }
      let text = String(String.UnicodeScalarView(scalars))
      let encoded = PercentEncoding.encoded(text, slash: true)
      #expect(encoded.utf8.allSatisfy { $0 < 0x7F && !"/?#& ".utf8.contains($0) })
      #expect(PercentEncoding.decoded(encoded) == Array(text.utf8))
    }
  }

  @Test func `a text in HTML is nothing but text, and hides nothing`() {
    #expect(HTMLEscaping.escaped("plain é") == "plain é")
    #expect(
      HTMLEscaping.escaped("<a href=\"x\" id='y'>&`") == "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;&#96;"
    )
    #expect(HTMLEscaping.escaped("a\u{202E}b\n") == "a\\u{202e}b\\u{a}")
  }
}
