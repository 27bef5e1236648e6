import MirrorTypes
import Testing

@Suite struct WordsTests {
  @Test(arguments: [
    (0, "0 files"), (1, "1 file"), (2, "2 files"), (999, "999 files"), (1000, "1,000 files"),
    (75_682, "75,682 files"), (1_234_567, "1,234,567 files"), (-1, "-1 files"), (-1000, "-1,000 files"),
  ])
  func `one thing is singular, all else plural, with the thousands apart`(_ number: Int, _ words: String) {
    #expect(Words.count(number, "file") == words)
  }

  @Test func `a plural of its own is taken as it is`() {
    #expect(Words.count(1, "index", "indexes") == "1 index")
    #expect(Words.count(2, "index", "indexes") == "2 indexes")
    #expect(Words.count(1, "file carries", "files carry") == "1 file carries")
    #expect(Words.count(UInt64.max) == "18,446,744,073,709,551,615")
    #expect(Words.count(Int64.min) == "-9,223,372,036,854,775,808")
    #expect(Words.exactBytes(1) == "1 byte" && Words.exactBytes(0) == "0 bytes")
    #expect(Words.exactBytes(1_048_576) == "1048576 bytes")
  }

  @Test(
    arguments: [
      (0, "0 B"), (1023, "1023 B"), (1024, "1.00 KiB"), (10_230, "9.99 KiB"), (10_239, "10.0 KiB"),
      (102_348, "99.9 KiB"), (102_399, "100 KiB"), (1_022_976, "999 KiB"), (1_023_999, "0.98 MiB"),
      (4_391_460_864, "4.09 GiB"), (1 << 50, "1024 TiB"), (-2048, "-2.00 KiB"), (.min, "-8388608 TiB"),
    ] as [(Int64, String)]
  )
  func `bytes have three figures and a unit`(_ count: Int64, _ words: String) { #expect(Words.bytes(count) == words) }

  @Test(arguments: [
    ([], "", "", ""), (["a"], "a", "", ""), (["a", "b"], "a, b", "", ""),
    (["a", "b", "c"], "a, b and 1 more", " and 1 more", " (and 1 more)"),
    (["a", "b", "c", "d"], "a, b and 2 more", " and 2 more", " (and 2 more)"),
  ])
  func `a list says how many it leaves out`(_ names: [String], _ list: String, _ more: String, _ aside: String) {
    #expect(Words.list(names, atMost: 2) == list)
    #expect(Words.more(than: 2, of: names.count) == more)
    #expect(Words.moreAside(than: 2, of: names.count) == aside)
  }

  @Test func `a list has five names where nothing else is said`() {
    #expect(Words.list(["a", "b", "c", "d", "e"]) == "a, b, c, d, e")
    #expect(Words.list(["a", "b", "c", "d", "e", "f", "g"]) == "a, b, c, d, e and 2 more")
    #expect(Words.list(["a", "b"], separator: ", then ") == "a, then b")
  }
}
