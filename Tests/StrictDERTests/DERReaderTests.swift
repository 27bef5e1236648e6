import MirrorTypes
import StrictDER
import TestSupport
import Testing

@Suite struct DERReaderTests {
  @Test func `values are read one behind the other, by their tags`() throws {
    // SEQUENCE { INTEGER 5, [0] { OCTET STRING AB }, UTF8String "é" }
    let bytes: [UInt8] = [0x30, 0x0C, 0x02, 0x01, 0x05, 0xA0, 0x03, 0x04, 0x01, 0xAB, 0x0C, 0x02, 0xC3, 0xA9]
    var outer = try #require(DERReader(bytes))
    let entered = outer.enter(DERTag.sequence)
    var inner = try #require(entered)
    #expect(outer.isAtEnd)
    let (other, number) = (inner.value(DERTag.object), inner.value(DERTag.integer))
    #expect(other == nil && number?.content?.elementsEqual([5]) == true)
    #expect(inner.nextTag == DERTag.context0)
    let taken = inner.value()
    let tagged = try #require(taken)
    #expect(tagged.content == nil && tagged.whole.elementsEqual(bytes[5..<10]))
    var inside = try #require(tagged.inside)
    let octets = inside.value(DERTag.octetString)
    #expect(octets?.content?.elementsEqual([0xAB]) == true)
    let nothing = inside.value()
    #expect(inside.isAtEnd && nothing == nil && inside.nextTag == nil)
    let text = inner.enter(DERTag.utf8String)
    #expect(text == nil && inner.isAtEnd)
  }

  @Test(
    arguments: [
      ("nothing", []), ("a tag alone", [0x30]), ("too few bytes", [0x04, 0x02, 0x01]),
      ("something behind the end", [0x02, 0x01, 0x05, 0x00]), ("an indefinite length", [0x30, 0x80, 0x00, 0x00]),
      ("a length with a zero in front", [0x04, 0x82, 0x00, 0x80] + [UInt8](repeating: 0, count: 128)),
      ("a long length for a short one", [0x04, 0x81, 0x01, 0x00]),
      ("an enormous length", [0x04, 0x88, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
      ("a value cut short deep inside", [0x30, 0x04, 0x30, 0x02, 0x02, 0x01]),
    ] as [(String, [UInt8])]
  )
  func `is no DER`(_ what: String, _ bytes: [UInt8]) { #expect(DERReader(bytes) == nil, "\(what)") }

  @Test func `50 levels are read, and more are not`() {
    func nested(_ depth: Int) -> [UInt8] {
      (1..<depth).reduce([0x30, 0x00]) { inner, _ in
        inner.count < 0x80 ? [0x30, UInt8(inner.count)] + inner : [0x30, 0x81, UInt8(inner.count)] + inner
      }
    }
    #expect(DERReader(nested(50)) != nil)
    #expect(DERReader(nested(51)) == nil)
    #expect(DERReader([UInt8](repeating: 0x30, count: 100_000)) == nil)
  }

  @Test(
    arguments: [
      (0x17, "250515103553Z", "2025-05-15T10:35:53Z"), (0x17, "491231235959Z", "2049-12-31T23:59:59Z"),
      (0x17, "500101000000Z", "1950-01-01T00:00:00Z"), (0x18, "20251111002749Z", "2025-11-11T00:27:49Z"),
      (0x18, "20251111002749.7823427Z", "2025-11-11T00:27:49Z"), (0x18, "20251111002749.50Z", "2025-11-11T00:27:49Z"),
      (0x17, "2505151035Z", nil), (0x17, "250515103553+0200", nil), (0x17, "250515103553.5Z", nil),
      (0x17, "251315103553Z", nil), (0x18, "20251111002749.Z", nil), (0x18, "20250230000000Z", nil),
      (0x18, "20251111002749", nil), (0x18, "+0251111002749Z", nil), (0x0C, "250515103553Z", nil),
    ] as [(UInt8, String, String?)]
  )
  func `a time is read`(_ tag: UInt8, _ text: String, _ expected: String?) throws {
    var reader = try #require(DERReader([tag, UInt8(text.utf8.count)] + Array(text.utf8)))
    let value = reader.value()
    #expect(try #require(value).time?.text == expected)
  }

  @Test func `changed bytes are read whole or not at all`() throws {
    let original: [UInt8] = [
      0x30, 0x1C, 0x02, 0x01, 0x05, 0x06, 0x03, 0x55, 0x04, 0x03, 0xA0, 0x07, 0x30, 0x05, 0x04, 0x03, 0x01, 0x02, 0x03,
      0x17, 0x0D, 0x32, 0x35, 0x30, 0x35, 0x31, 0x35, 0x31, 0x30, 0x33, 0x35, 0x35, 0x33, 0x5A,
    ]
    var (tried, believed) = (0, 0)
    for round in Fuzz.rounds("DER", 4000) {
      var random = round.random
      tried += 1
      var bytes = original
      bytes[1] = UInt8(bytes.count - 2)
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
      }
      guard var reader = DERReader(bytes) else { continue }
      believed += 1
      let again = written(&reader)
      #expect(again == bytes)
    }
    #expect(believed > tried / 40)
  }

  /// All that a reader reads, put together from its smallest pieces.
  private func written(_ reader: inout DERReader) -> [UInt8] {
    var bytes: [UInt8] = []
    while let value = reader.value() {
      var content = value.content.map(Array.init) ?? []
      if var inside = value.inside { content = written(&inside) }
      bytes += value.whole.dropLast(content.count) + content
    }
    return bytes
  }
}
