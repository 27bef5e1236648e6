import Crypto
import FoundationEssentials
import Languages
import MirrorTypes
import SiteDocuments

/// The licences of one site or several as one HTML page: for a browser, a telephone, paper, or a mail.
///
/// The page needs nothing but itself: no script, no picture and no font from elsewhere. Its own content security policy
/// forbids all of that, and any style but its own, so that nothing that a site has sent could be more than text. It is
/// light or dark as the reader's system is.
package struct LicencePage: Sendable {
  /// A site by its documents over time.
  private struct Site {
    let report: LicenceReport
    let history: LicenceHistory
    let usages: [String: [(time: UTCTime, inUse: Int)]]
  }

  private let sites: [Site]
  private let now: UTCTime
  private let warnDays: Int
  private let language: Language

  /// A page.
  ///
  /// - Parameters:
  ///   - histories: each site's documents; a site without any is left out.
  ///   - now: the time to judge by.
  ///   - warnDays: how many days before its end a licence is worth a warning.
  ///   - language: what it is written in.
  package init(
    _ histories: [LicenceHistory],
    now: UTCTime,
    warnDays: Int = LicenceReport.standardWarnDays,
    in language: Language
  ) {
    self.language = language
    self.now = now
    self.warnDays = warnDays
    sites = histories.compactMap { history in
      history.newest.map {
        Site(report: LicenceReport($0, now: now, warnDays: warnDays), history: history, usages: history.usages)
      }
    }
    .sorted {
      $0.report.worst != $1.report.worst ? $0.report.worst > $1.report.worst : $0.report.site < $1.report.site
    }
  }

  /// The page's bytes, UTF-8. The same documents, time and language give the same bytes.
  package var html: String {
    var page = HTMLText()
    page.markup("<!DOCTYPE html>\n<html lang=\"")
    page.text(language.code)
    page.markup("\">\n<head>\n<meta charset=\"utf-8\">\n")
    page.markup("<meta http-equiv=\"Content-Security-Policy\" content=\"")
    page.text("default-src 'none'; style-src 'sha256-\(Self.styleDigest)'; base-uri 'none'; form-action 'none'")
    page.markup("\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
    page.markup(
      "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
    )
    page.element("title", title)
    page.markup("\n<style>")
    page.markup(LicencePageStyle.css)
    page.markup("</style>\n</head>\n<body>\n<header>")
    page.element("h1", title)
    page.element(
      "p",
      class: "quiet",
      language.text(.judged, language.time(now), language.count(warnDays, .days))
    )
    page.markup("</header>\n<main>\n")
    for site in sites { write(site, to: &page) }
    if sites.isEmpty { page.element("p", language.text(.noDocuments)) }
    page.markup("</main>\n<footer>")
    page.element("p", class: "quiet", language.text(.madeFromExports))
    page.markup("</footer>\n</body>\n</html>\n")
    return page.html
  }

  private var title: String {
    language.text(.licencesOf, sites.count == 1 ? sites[0].report.site : language.count(sites.count, .sites))
  }

  private static let styleDigest = Data(SHA256.hash(data: Data("\(LicencePageStyle.css)".utf8))).base64EncodedString()

  private func write(_ site: Site, to page: inout HTMLText) {
    let report = site.report
    page.markup("<section>\n")
    if sites.count > 1 { page.element("h2", report.site) }
    let age = Int(now.seconds(since: report.made) / 86_400)
    let ageWords = age <= 0 ? "" : ", " + language.count(age, .daysAgo)
    page.element("p", class: "quiet", language.text(.siteState, language.time(report.made) + ageWords))
    writeSummary(report, to: &page)
    writeChanges(site.history.latestChanges(warnDays: warnDays), to: &page)
    if report.rows.isEmpty {
      page.element("p", language.text(.siteHasNoLicences))
    } else {
      page.markup("<table>\n<thead><tr>")
      for column in [Phrase.licence, .state, .timeLeft, .devices, .overTime] {
        page.markup("<th scope=\"col\">")
        page.text(language.text(column))
        page.markup("</th>")
      }
      page.markup("</tr></thead>\n<tbody>\n")
      for row in report.rows { write(row, usage: site.usages[row.key.serial] ?? [], to: &page) }
      page.markup("</tbody>\n</table>\n")
    }
    if !report.files.isEmpty {
      page.element("p", class: "quiet", language.count(report.files.count, .keyFilesInStore))
    }
    page.markup("</section>\n")
  }

  private func writeSummary(_ report: LicenceReport, to page: inout HTMLText) {
    page.markup("<ul class=\"summary\">")
    let words: [(Urgency, Agreeing)] = [(.critical, .needAction), (.warning, .needLook), (.fine, .areFine)]
    for (urgency, words) in words {
      let count = report.count(urgency)
      page.markup("<li class=\"")
      page.text(count == 0 ? "none" : "\(urgency)")
      page.markup("\">")
      page.element("b", language.number(count))
      page.markup(" ")
      page.element("span", language.words(words, with: count))
      page.markup("</li>")
    }
    page.markup("</ul>\n")
    page.element("p", class: "sentence", report.summary(in: language))
    page.markup("\n")
  }

  /// The most changes that are listed.
  private static let maximumChanges = 40

  private func writeChanges(_ changes: [LicenceChange], to page: inout HTMLText) {
    guard !changes.isEmpty else { return }
    page.markup("<details open><summary>")
    page.text(language.text(.sinceBefore, language.count(changes.count, .changes)))
    page.markup("</summary><ul class=\"changes\">\n")
    for change in changes.prefix(Self.maximumChanges) { page.element("li", change.sentence(in: language)) }
    if changes.count > Self.maximumChanges {
      page.element("li", language.text(.andMore, language.number(changes.count - Self.maximumChanges)))
    }
    page.markup("</ul></details>\n")
  }

  private func write(
    _ row: LicenceReport.Row,
    usage: [(time: UTCTime, inUse: Int)],
    to page: inout HTMLText
  ) {
    let assessment = row.assessment
    page.markup("<tr class=\"")
    page.text("\(assessment.urgency)")
    page.markup("\"><th scope=\"row\">")
    page.element("span", class: "product", row.key.text(.product) ?? language.sentence(language.text(.productUnknown)))
    page.element("code", row.key.serial)
    let type = row.type(in: language)
    if !type.isEmpty { page.element("span", class: "quiet", type) }
    page.markup("</th>")
    cell(.state, to: &page) { page in
      let kind = assessment.states.contains(.unused) ? "badge idle" : "badge"
      page.element("span", class: kind, assessment.words(in: language))
    }
    cell(.timeLeft, to: &page) { writeTime(row, to: &$0) }
    cell(.devices, to: &page) { writeUse(row, to: &$0) }
    cell(.overTime, to: &page) { PageDrawing.trend(usage, limit: assessment.limit, in: language, to: &$0) }
    page.markup("</tr>\n")
  }

  /// A cell with the name of its column, which a narrow page shows beside it.
  private func cell(_ column: Phrase, to page: inout HTMLText, _ content: (inout HTMLText) -> Void) {
    page.markup("\n<td data-label=\"")
    page.text(language.text(column))
    page.markup("\">")
    content(&page)
    page.markup("</td>")
  }

  private func writeTime(_ row: LicenceReport.Row, to page: inout HTMLText) {
    guard let days = row.assessment.daysLeft else {
      page.element("span", class: "quiet", language.text(row.key.end == .never ? .withoutEnd : .unknown))
      return
    }
    let isOver = row.assessment.states.contains(.expired)
    let words =
      switch days {
      // Rounded down, they are one more than whole days ago.
      case ..<(-1): language.count(-days - 1, .endedDaysAgo)
      case ...0: language.text(isOver ? .justEnded : .lastDay)
      default: language.count(days, .days)
      }
    page.element("b", words)
    page.markup(" ")
    page.element("span", class: "quiet day", row.expiryDay(in: language))
    let isSoon = row.assessment.states.contains(.expiring)
    let urgency = min(row.assessment.urgency, isOver ? .critical : isSoon ? .warning : .fine)
    PageDrawing.bar(Double(max(0, days)) / Double(row.key.wholeDays), urgency, to: &page)
  }

  private func writeUse(_ row: LicenceReport.Row, to page: inout HTMLText) {
    guard let inUse = row.assessment.inUse else {
      page.element("span", class: "quiet", language.text(.unknown))
      return
    }
    page.element("b", language.number(inUse))
    page.markup(" ")
    let reserve = row.key.number(.reserve).flatMap { number in
      number > 0 ? ", " + language.text(.reserved, language.number(number)) : nil
    }
    let limit = row.assessment.limit.map { language.text(.ofLimit, language.number($0)) } ?? language.text(.noLimit)
    page.element("span", class: "quiet", limit + (reserve ?? ""))
    if let usage = row.assessment.usage {
      let isFull = row.assessment.states.contains(.exhausted)
      PageDrawing.bar(usage, min(row.assessment.urgency, isFull ? .warning : .fine), to: &page)
    }
  }
}

extension Record where Field == LicenceField {
  /// For how many days it was good on its first day, as far as that is known, and a year else; at least 1.
  fileprivate var wholeDays: Int {
    guard let expiry, let start = time(.activated) ?? time(.created), expiry > start else {
      return number(.periodDays).flatMap { !isSubscription && $0 > 0 ? $0 : nil } ?? 365
    }
    return max(1, Int(expiry.seconds(since: start) / 86_400))
  }
}
