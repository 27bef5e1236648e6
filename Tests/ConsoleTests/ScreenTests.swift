import MirrorTypes
import Testing

@testable import Console

/// Texts and tables on a screen of some width: nothing is wider, and nothing is lost.
@Suite struct ScreenTests {
  @Test func `a line goes on below its text, and commands stay whole`() {
    let line = "ok      the databases are of yesterday, and that is what everybody here wants them to be"
    #expect(
      WrappedText.fitted(line, width: 40) == [
        "ok      the databases are of yesterday,", "        and that is what everybody here",
        "        wants them to be",
      ]
    )
    #expect(WrappedText.fitted("short", width: 40) == ["short"])
    #expect(
      WrappedText.fitted("To go on, run 'kscmirror pack --continue' now.", width: 30) == [
        "To go on, run", "  'kscmirror pack --continue'", "  now.",
      ]
    )
    #expect(
      WrappedText.fitted("warning it is late in the day", width: 18, hanging: 8) == [
        "warning it is late", "        in the day",
      ]
    )
  }

  @Test func `blanks within a line stay as they are, and long words are whole`() {
    #expect(WrappedText.lines("a  b   c", width: 80, indent: "") == ["a  b   c"])
    let path = "/srv/" + String(repeating: "x", count: 60)
    #expect(WrappedText.fitted("the file \(path) is there", width: 40) == ["the file", "  \(path)", "  is there"])
  }

  private let rows = [
    ["serial", "product", "days", "state"], ["A-1", "Endpoint Security for Business", "12", "active"],
    ["B-22", "-", "3000", "cancelled"],
  ]

  @Test func `a table that is too wide has columns below its rows, or becomes paragraphs`() {
    func table(_ width: Int?) -> String {
      TextColumns.table(rows, rightAligned: [2], width: width, below: [1])
    }
    let whole = """
      serial  product                         days  state
      A-1     Endpoint Security for Business    12  active
      B-22    -                               3000  cancelled

      """
    #expect(table(nil) == whole)
    #expect(table(56) == whole)
    #expect(
      table(50) == """
        serial  days  state
        A-1       12  active
            product: Endpoint Security for Business
        B-22    3000  cancelled

        """
    )
    #expect(
      table(22) == """
        A-1
            product: Endpoint
              Security for
              Business;
            days: 12;
            state: active
        B-22
            days: 3000;
            state: cancelled

        """
    )
  }

  @Test func `a fact below a row is kept together where a line has room for it, its name's words too`() {
    let rows = [
      ["site", "databases of", "receipt of", "packed last"],
      [
        "plant-7", "2025-11-11 00:26 UTC", "2026-11-30 23:44 UTC", "kscmirror-000002-for-plant-7, 63.5 KiB, 2026-11-30",
      ],
    ]
    #expect(
      TextColumns.table(rows, rightAligned: [], width: 56, below: [1, 2, 3]) == """
        site
        plant-7
            databases of: 2025-11-11 00:26 UTC;
            receipt of: 2026-11-30 23:44 UTC;
            packed last: kscmirror-000002-for-plant-7, 63.5 KiB,
              2026-11-30

        """
    )
  }

  @Test func `a long last column goes on below itself`() {
    let rows = [
      ["name", "value"], ["a", "one two three four five six seven eight"], ["bb", "AKP8,KASMAC,KAV12,KES10,KLAUNCH"],
    ]
    #expect(
      TextColumns.table(rows, rightAligned: [], width: 32) == """
        name  value
        a     one two three four five
              six seven eight
        bb    AKP8,KASMAC,KAV12,KES10,KL
              AUNCH

        """
    )
  }

  @Test(arguments: 20...100) func `no line of a table is wider than the screen`(_ width: Int) {
    let rows =
      [["a", "b", "c", "d"]] + (1...3).map { row in (0..<4).map { String(repeating: "word ", count: row + $0) + "x" } }
    for below in [Set([1, 2]), [3], []] {
      let table = TextColumns.table(rows, rightAligned: [1], width: width, below: below)
      #expect(table.split(separator: "\n").allSatisfy { TextColumns.width(String($0)) <= width }, "\(width): \(table)")
      #expect(table.matches(of: /word/).count == rows.dropFirst().joined().joined().matches(of: /word/).count)
    }
  }

  @Test(
    arguments: [
      ("it expires on 2026-07-01T10:00:00Z", "it expires on 2026-07-01 10:00 UTC"),
      (
        "made 2026-07-01 10:00 UTC, and (2026-01-02T03:04:05Z).",
        "made 2026-07-01 10:00 UTC, and (2026-01-02 03:04:05 UTC)."
      ),
      (
        "/srv/2026-07-01T10:00:00Z.log and x2026-07-01T10:00:00Z",
        "/srv/2026-07-01T10:00:00Z.log and x2026-07-01T10:00:00Z"
      ),
      ("2026-13-01T10:00:00Z is no day", "2026-13-01T10:00:00Z is no day"),
    ]
  )
  func `points in time in a sentence are local ones with their zone`(_ text: String, _ shown: String) {
    // Tests run where the clock is that of UTC, or say what they would say there.
    let isUTC = Timestamp.local(.epoch) == "1970-01-01 00:00 UTC"
    #expect(!isUTC || LocalTimes.shown(in: text) == shown)
    #expect(isUTC || shown.contains("UTC") == (LocalTimes.shown(in: text) != text))
  }
}
