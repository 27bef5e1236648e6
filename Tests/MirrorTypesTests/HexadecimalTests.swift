import MirrorTypes
import Testing

@Suite struct HexadecimalTests {
  @Test func `digits of either case come back as the bytes, and nothing else is one`() {
    let all = Array(UInt8.min ... .max)
    #expect(Hexadecimal.bytes(Hexadecimal.digits(all)) == all)
    #expect(Hexadecimal.bytes(Hexadecimal.digits(all).uppercased()) == all)
    #expect(Hexadecimal.bytes("") == [])
    for wrong in ["0", "000", "0g", "g0", " 00", "0x", "-1", "+1", "\u{FF10}\u{FF10}", "0\n", "é"] {
      #expect(Hexadecimal.bytes(wrong) == nil)
    }
  }

  @Test func `texts that look the same are told apart by their bytes`() {
    #expect("\u{E9}" == "e\u{301}")
    #expect(!"\u{E9}".hasSameBytes(as: "e\u{301}"))
    #expect("e\u{301}".precedesByBytes("\u{E9}"))
    #expect(!"a".precedesByBytes("a"))
    #expect("B".precedesByBytes("a"))
  }
}
