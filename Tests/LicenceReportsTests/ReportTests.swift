import DocumentFixtures
import Foundation
import LicenceReports
import MirrorTypes
import SiteDocuments
import TestSupport
import Testing

@Suite struct ReportTests {
  static let hostile = [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'; --", "&lt;b&gt;", "`${x}`", "a\tb\r\nc",
    "\u{1B}]0;title\u{7}\u{9B}31m", "\u{202E}gpj.exe\u{2066}", "=HYPERLINK(\"http://x\")", "A;=HYPERLINK(\"http://x\")",
    "A, +1+2", "+1+1", "-2+3", "@SUM(A1)",
    "  =1+1", "|calc", "产品名称很长很长", "e\u{301}\u{301}\u{301}", "👩‍👩‍👧‍👦 family", "a,b;c\"d", "</style></title>",
    "=\u{308}HYPERLINK(\"http://evil/\"&A1,\"click\")", "\u{2212}1", "\u{FE66}SUM(A1)", "\u{A0}=1", "\"\u{301}=1",
  ]

  static var report: LicenceReport {
    var document = LicenceDocument(Fixture.header)
    for (index, product) in hostile.enumerated() {
      var key = Fixture.key("S\(index)")
      key[.product] = .text(product)
      document.keys.append(key)
    }
    return LicenceReport(document, now: Fixture.made)
  }

  @Test func `a table has its columns in line, no tabs, and nothing that steers a terminal`() throws {
    let lines = Self.report.table(in: .english).split(separator: "\n")
    #expect(lines.count == Self.hostile.count + 1)
    for scalar in Self.report.table(in: .english).unicodeScalars where scalar != "\n" {
      #expect(scalar.properties.generalCategory != .control && !("\u{202A}"..."\u{202E}").contains(scalar))
    }
    // In the rows without wide characters or marks all columns begin where the head's do.
    let place = try #require(lines.first?.range(of: "STATE")?.lowerBound.utf16Offset(in: lines[0]))
    for line in lines.dropFirst() where line.utf8.allSatisfy({ $0 < 0x80 }) {
      #expect(line.dropFirst(place) == "active")
      #expect(line.dropFirst(place - 2).prefix(2) == "  ")
    }
    #expect(lines.allSatisfy { !$0.hasSuffix(" ") })
  }

  @Test func `numbers stand at the right, and long names are cut`() {
    var document = LicenceDocument(Fixture.header)
    document.keys = [Fixture.key("A"), Fixture.key("B")]
    document.keys[0][.product] = .text(String(repeating: "x", count: 100))
    document.keys[1][.inUse] = .number(1)
    document.keys[1][.limit] = .number(100_000)
    #expect(
      LicenceReport(document, now: Fixture.made).table(in: .english, productWidth: 10) == """
        SERIAL  PRODUCT     TYPE        EXPIRES     DAYS   LIMIT  IN USE  RESERVE  STATE
        A       xxxxxxxxx…  commercial  2027-06-01   364      10       7        0  active
        B       Endpoint …  commercial  2027-06-01   364  100000       1        0  active

        """
    )
  }

  @Test func `CSV is what RFC 4180 says, and no cell is a formula`() throws {
    let csv = Self.report.csv(for: .standard)
    #expect(csv.hasSuffix("\r\n"))
    let rows = try Self.parsed(csv)
    #expect(rows.count == Self.hostile.count + 1 && rows.allSatisfy { $0.count == 11 })
    for row in rows.dropFirst() {
      let product = row[2].drop { $0 == " " }
      #expect(!["=", "+", "-", "@", "|", "\t"].contains(String(product.prefix(1))), "\(row[2])")
    }
    // By its first character's bytes, not by what it looks like together with the next.
    for row in rows.dropFirst() {
      let first = row[2].unicodeScalars.first { $0 != " " }
      #expect(first.map { $0 == "'" || $0.properties.isAlphabetic || $0.properties.numericType == .decimal } ?? true)
    }
    #expect(rows.contains { $0[2] == "'=HYPERLINK(\"http://x\")" })
    #expect(rows.contains { $0[2] == "a,b;c\"d" })
    #expect(rows.contains { $0[2] == "A;'=HYPERLINK(\"http://x\")" } && rows.contains { $0[2] == "A, '+1+2" })
  }

  /// Reads CSV as RFC 4180 describes it.
  private static func parsed(_ csv: String) throws -> [[String]] {
    var rows: [[String]] = []
    var (row, cell, isQuoted) = ([String](), "", false)
    var rest = Array(csv.unicodeScalars)[...]
    while let scalar = rest.popFirst() {
      switch scalar {
      case "\"" where isQuoted && rest.first == "\"":
        cell.unicodeScalars.append("\"")
        rest.removeFirst()
      case "\"": isQuoted.toggle()
      case "," where !isQuoted:
        row.append(cell)
        cell = ""
      case "\r" where !isQuoted:
        #expect(rest.popFirst() == "\n")
        rows.append(row + [cell])
        (row, cell) = ([], "")
      default: cell.unicodeScalars.append(scalar)
      }
    }
    #expect(!isQuoted && row.isEmpty && cell.isEmpty)
    return rows
  }

  @Test func `the JSON is one line that any other program reads`() throws {
    let json = Self.report.json
    #expect(json.split(separator: "\n").count == 1 && json.hasSuffix("\n"))
    let object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    #expect(object["site"] as? String == "plant-7" && object["version"] as? Int == 1)
    let licences = try #require(object["licences"] as? [[String: Any]])
    #expect(licences.count == Self.hostile.count)
    #expect(licences[0]["daysLeft"] as? Int == 364 && licences[0]["states"] as? [String] == ["active"])
    #expect((object["summary"] as? [String: Int]) == ["critical": 0, "warning": 0, "fine": Self.hostile.count])
  }

  /// A page with hostile texts wherever there is room for one, of two sites over time.
  private static var page: String {
    let documents = (1...4).map { month in
      var document = LicenceDocument(
        LicenceHeader(
          site: "<b>plant</b>",
          made: UTCTime(year: 2026, month: month, day: 1, hour: 0, minute: 0) ?? Fixture.made,
          source: .openAPI
        )
      )
      document.keys = hostile.indices.map { index in
        var key = Fixture.key(hostile[index] + "\(index)")
        key[.product] = .text(hostile[index])
        key[.inUse] = .number(Int64(month * index))
        return key
      }
      if month == 4 { document.keys.removeFirst(3) }
      return document
    }
    return LicencePage(
      [LicenceHistory(documents), LicenceHistory([Fixture.document])],
      now: Fixture.made,
      in: .english
    ).html
  }

  @Test func `a page has only its own elements, whatever the texts are`() throws {
    let page = Self.page
    let allowed: Set<String> = [
      "!DOCTYPE", "html", "head", "meta", "title", "style", "body", "header", "main", "footer", "section", "h1", "h2",
      "p", "ul", "li", "b", "span", "details", "summary", "table", "thead", "tbody", "tr", "th", "td", "code", "svg",
      "rect", "line", "polyline", "circle",
    ]
    let style = try #require(page.firstMatch(of: /<style>[^<]*<\/style>/))
    let rest = page.replacingCharacters(in: style.range, with: "<style></style>")
    let tags = rest.matches(of: /<\/?([^\s>]+)([^>]*)>/)
    #expect(tags.count > 500)
    for tag in tags {
      #expect(allowed.contains(String(tag.1)), "\(tag.0)")
      #expect(!tag.2.contains("style=") && !tag.2.contains(" on") && !tag.2.contains("src="), "\(tag.0)")
    }
    #expect(rest.count { $0 == "<" } == tags.count && rest.count { $0 == ">" } == tags.count)
    // Each element that is opened is closed.
    for name in allowed.subtracting(["!DOCTYPE", "meta", "rect", "line", "polyline", "circle"]) {
      #expect(
        tags.count { $0.1 == name && !$0.0.hasPrefix("</") } == tags.count { $0.1 == name && $0.0.hasPrefix("</") },
        "\(name)"
      )
    }
    #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && page.contains("&lt;b&gt;plant&lt;/b&gt;"))
  }

  @Test func `a page needs nothing from elsewhere, and its policy knows its style`() throws {
    let page = Self.page
    for word in ["http:", "https:", "url(", "@import", "<script", "<link", "<img", "javascript:"] {
      let allowed = word == "http:" ? page.replacing("http://x", with: "").replacing("http://evil/", with: "") : page
      #expect(!allowed.replacing("&lt;script", with: "").contains(word), "\(word)")
    }
    let style = try #require(page.firstMatch(of: /<style>([^<]*)<\/style>/))
    let folder = TemporaryFolder()
    try Data(style.1.utf8).write(to: URL(fileURLWithPath: folder["style"].string))
    let digest = try Command.run("openssl", ["dgst", "-sha256", "-r", folder["style"].string]).prefix(64)
    let policy = try #require(page.firstMatch(of: /style-src &#39;sha256-([A-Za-z0-9+\/=]+)&#39;/))
    let bytes = try #require(Data(base64Encoded: String(policy.1)))
    #expect(bytes.map { String(format: "%02x", $0) }.joined() == String(digest))
    #expect(page.contains("default-src &#39;none&#39;"))
    #expect(page.contains("prefers-color-scheme: dark") && page.contains("@media print"))
  }

  @Test func `the same page is made of the same documents, and trends are drawn where there is a history`() {
    #expect(Self.page == Self.page)
    #expect(Self.page.matches(of: /<polyline/).count == Self.hostile.count - 3)
    #expect(Self.page.contains("Since the document before"))
    let empty = LicencePage([], now: Fixture.made, in: .english).html
    #expect(empty.contains("No documents of licences."))
  }
}
