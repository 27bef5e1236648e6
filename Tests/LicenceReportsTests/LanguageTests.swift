import DocumentFixtures
import Foundation
import Languages
import LicenceReports
import MirrorTypes
import SiteDocuments
import Testing

/// Reports of licences in the languages that there are, and for the spreadsheets of their countries.
@Suite struct LanguageTests {
  /// A history in which everything happens that a report has words for.
  private static let history: LicenceHistory = {
    var old = LicenceDocument(Fixture.header)
    var new = LicenceDocument(LicenceHeader(site: "plant-7", made: time("2026-07-01T00:00:00Z"), source: .openAPI))
    old.keys = ["gone", "renewed", "use", "end", "less"].map { Fixture.key($0) }
    new.keys = ["renewed", "use", "end", "less", "fresh", "subscribed", "nameless", "idle"].map { Fixture.key($0) }
    new.keys[0][.expires] = .time(time("2028-06-01T00:00:00Z"))
    new.keys[1][.inUse] = .number(12)
    new.keys[1][.limit] = .number(12)
    new.keys[2][.expires] = .time(time("2026-06-05T00:00:00Z"))
    new.keys[3][.inUse] = .number(6)
    new.keys[3][.reserve] = .number(2)
    new.keys[5][.subscription] = .flag(true)
    new.keys[5][.subscriptionEndType] = .number(1)
    new.keys[5][.subscriptionState] = .number(1)
    new.keys[6][.product] = nil
    new.keys[6][.type] = .number(3)
    new.keys[6][.limit] = nil
    new.keys[7][.inUse] = nil
    new.keys[7][.expires] = .time(time("2026-07-20T00:00:00Z"))
    new.files = Fixture.document.files
    return LicenceHistory([old, new])
  }()
  private static let now = time("2026-07-02T12:00:00Z")

  private static func report(_ change: (inout LicenceDocument) -> Void = { _ in }) -> LicenceReport {
    var document = history.documents[1]
    change(&document)
    return LicenceReport(document, now: now)
  }

  /// What stands between tags.
  private static func texts(_ html: String) -> Set<String> {
    let body = html.components(separatedBy: "<body>").last ?? html
    return Set(body.split(separator: /<[^>]*>/).map { String($0).trimmingCharacters(in: .whitespacesAndNewlines) })
  }

  @Test func `in Spanish and Russian nothing of a page is left in English but names`() {
    let english = Self.texts(LicencePage([Self.history], now: Self.now, in: .english).html)
    #expect(english.count > 40)
    let names = Set(Self.history.documents.flatMap(\.keys).map(\.serial)).union(["Endpoint Security"])
    for language in [Language.spanish, .russian] {
      let page = LicencePage([Self.history], now: Self.now, in: language).html
      let left = Self.texts(page).intersection(english).subtracting(names).filter { $0.contains(where: \.isLetter) }
      #expect(left == [], "\(language)")
      #expect(page.contains("<html lang=\"\(language.code)\">"))
      for match in page.matches(of: /data-label="([^"]*)"/) {
        #expect(page.contains(">\(match.output.1)</th>"), "\(match.output.1)")
      }
      let table = Self.report().table(in: language)
      let both = Set(table.split(separator: "\n")).intersection(
        Self.report().table(in: .english).split(separator: "\n")
      )
      #expect(both == [], "\(table)")
    }
  }

  /// The pages, for a browser: written to the folder that KSCMIRROR_PAGE names.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["KSCMIRROR_PAGE"] != nil, "KSCMIRROR_PAGE names no folder"))
  func `the pages can be looked at`() throws {
    let folder = try #require(ProcessInfo.processInfo.environment["KSCMIRROR_PAGE"])
    for language in Language.allCases {
      let page = LicencePage([Self.history], now: Self.now, in: language).html
      try page.write(toFile: "\(folder)/licences.\(language.code).html", atomically: true, encoding: .utf8)
    }
  }

  @Test func `the summary agrees with its numbers`() {
    #expect(
      Language.allCases.map { Self.report().summary(in: $0) } == [
        "8 licences: 1 expired, 1 paused, 1 expiring within 30 days, 1 exhausted, 4 fine.",
        "8 licencias: 1 caducada, 1 en pausa, 1 caduca en 30 días o menos, 1 agotada, 4 en orden.",
        "8 лицензий: 1 истекла, 1 приостановлена, 1 истекает в течение 30 дней, 1 исчерпана, 4 в порядке.",
      ]
    )
    #expect(
      Self.history.latestChanges(warnDays: 30).map { $0.sentence(in: .russian) }.contains(
        "use: используется (12 устройств), на 5 больше, чем раньше"
      )
    )
  }

  /// Reads a table with semicolons, whose quoted cells have no line ends.
  private static func cells(_ line: Substring) -> [String] {
    var cells = [""]
    var isQuoted = false
    for scalar in line.unicodeScalars {
      switch scalar {
      case "\"": isQuoted.toggle()
      case ";" where !isQuoted: cells.append("")
      default: cells[cells.count - 1].unicodeScalars.append(scalar)
      }
    }
    return cells
  }

  @Test func `a table for Excel has a mark, semicolons, days that it knows, and no cell that it computes`() throws {
    let hostile = ["=1+1", "a;b", "+SUM(A1;A2)", "@x", "say \"so\"", "\u{2212}1"]
    let report = Self.report { document in
      for (index, text) in hostile.enumerated() {
        document.keys.append(Fixture.key("H\(index)"))
        document.keys[document.keys.count - 1][.product] = .text(text)
      }
    }
    for (language, head, urgency) in [
      (
        Language.spanish, "Sede;Serie;Producto;Tipo;Caduca;Días restantes;Límite;En uso;Reserva;Estado;Urgencia",
        "normal"
      ),
      (.russian, "Площадка;Номер;Продукт;Тип;Истекает;Осталось дней;Лимит;Занято;Резерв;Состояние;Срочность", "норма"),
    ] {
      let table = report.csv(for: .excel(language))
      #expect(Array(table.utf8.prefix(3)) == [0xEF, 0xBB, 0xBF] && table.utf8.suffix(2).elementsEqual([0x0D, 0x0A]))
      let lines = table.dropFirst().split(separator: "\r\n")
      #expect(lines.first.map(String.init) == head)
      #expect(lines.count == report.rows.count + 1 && lines.allSatisfy { Self.cells($0).count == 11 }, "\(table)")
      for line in lines.dropFirst() {
        let cells = Self.cells(line)
        #expect(cells[2].first.map { $0.isLetter || $0 == "'" } ?? true, "\(cells[2])")
        #expect(cells[4].isEmpty || cells[4].wholeMatch(of: /\d{4}-\d\d-\d\d/) != nil || !cells[4].contains("never"))
      }
      #expect(lines.contains { Self.cells($0)[10] == urgency })
    }
  }

  @Test func `what programs read is the same in every language`() {
    let table = Self.report().csv(for: .standard)
    #expect(table.hasPrefix("site,serial,product,type,expires,days_left,limit,in_use,reserve,state,urgency\r\n"))
    #expect(table.contains(",subscription paused,warning\r\n") && table.contains("never"))
    #expect(Self.report().json.contains("\"states\":[\"expired\",\"active\"]"))
  }
}
