import MirrorTypes
import Testing

@Suite struct PlainTextTests {
  private static let cases: [(bytes: [UInt8], secret: String)] = [
    (Array("pa ss".utf8), "pa ss"),
    (Array("pass\n".utf8), "pass"),
    (Array("pass\r\nmore\r\n".utf8), "pass"),
    (Array("pass \t\r\n".utf8), "pass"),
    (Array(" pass".utf8), " pass"),
    ([0xEF, 0xBB, 0xBF] + Array("pass\r\n".utf8), "pass"),
    ([0xFF, 0xFE, 0x70, 0, 0xF1, 0, 0x0D, 0, 0x0A, 0], "pñ"),
    ([0xFE, 0xFF, 0, 0x70, 0, 0xF1, 0, 0x0A], "pñ"),
    ([], ""),
    (Array("\n".utf8), ""),
    ([0xEF, 0xBB, 0xBF], ""),
  ]

  @Test(arguments: cases.indices) func `a secret is what somebody has typed, whatever editor has saved it`(_ index: Int)
  {
    let row = Self.cases[index]
    #expect(PlainText.secret(row.bytes) == Array(row.secret.utf8))
  }

  @Test func `bytes that are no text with a mark stay as they are`() {
    for bytes: [UInt8] in [[0xFF, 0xFE, 0x41], [0xFF], [0xF1, 0x41], Array("a\u{FEFF}b".utf8)] {
      #expect(PlainText.utf8(bytes) == bytes)
    }
  }
}
