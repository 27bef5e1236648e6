import Crypto
import FoundationEssentials
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

  /// A page.
  ///
  /// - Parameters:
  ///   - histories: each site's documents; a site without any is left out.
  ///   - now: the time to judge by.
  ///   - warnDays: how many days before its end a licence is worth a warning.
  package init(_ histories: [LicenceHistory], now: UTCTime, warnDays: Int = LicenceReport.standardWarnDays) {
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

  /// The page's bytes, UTF-8. The same documents and the same time give the same bytes.
  package var html: String {
    var page = HTMLText()
    page.markup("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
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
      "Judged on \(Self.minute(now)), with a warning \(Words.count(warnDays, "day")) ahead."
    )
    page.markup("</header>\n<main>\n")
    for site in sites { write(site, to: &page) }
    if sites.isEmpty { page.element("p", "No documents of licences.") }
    page.markup("</main>\n<footer>")
    page.element("p", class: "quiet", "Made by kscmirror from what the sites have exported. Days are counted in UTC.")
    page.markup("</footer>\n</body>\n</html>\n")
    return page.html
  }

  private var title: String {
    sites.count == 1 ? "Licences of \(sites[0].report.site)" : "Licences of \(Words.count(sites.count, "site"))"
  }

  private static let styleDigest = Data(SHA256.hash(data: Data("\(LicencePageStyle.css)".utf8))).base64EncodedString()

  /// `2026-06-12 10:00 UTC`.
  private static func minute(_ time: UTCTime) -> String {
    let text = time.text
    return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) UTC"
  }

  private func write(_ site: Site, to page: inout HTMLText) {
    let report = site.report
    page.markup("<section>\n")
    if sites.count > 1 { page.element("h2", report.site) }
    let age = Int(now.seconds(since: report.made) / 86_400)
    let ageWords = age <= 0 ? "" : ", \(Words.count(age, "day")) ago"
    page.element("p", class: "quiet", "As the site was on \(Self.minute(report.made))\(ageWords).")
    writeSummary(report, to: &page)
    writeChanges(site.history.latestChanges(warnDays: warnDays), to: &page)
    if report.rows.isEmpty {
      page.element("p", "The site has no licences.")
    } else {
      page.markup("<table>\n<thead><tr><th scope=\"col\">Licence</th><th scope=\"col\">State</th>")
      page.markup("<th scope=\"col\">Time left</th><th scope=\"col\">Devices</th>")
      page.markup("<th scope=\"col\">Over time</th></tr></thead>\n<tbody>\n")
      for row in report.rows { write(row, usage: site.usages[row.key.serial] ?? [], to: &page) }
      page.markup("</tbody>\n</table>\n")
    }
    if !report.files.isEmpty {
      let subject = Words.count(report.files.count, "key file is", "key files are")
      page.element("p", class: "quiet", "\(subject) in store at the site, known by digest only.")
    }
    page.markup("</section>\n")
  }

  private func writeSummary(_ report: LicenceReport, to page: inout HTMLText) {
    page.markup("<ul class=\"summary\">")
    let words: [(Urgency, String)] = [(.critical, "need action"), (.warning, "need a look"), (.fine, "are fine")]
    for (urgency, words) in words {
      let count = report.count(urgency)
      page.markup("<li class=\"")
      page.text(count == 0 ? "none" : "\(urgency)")
      page.markup("\">")
      page.element("b", "\(count)")
      page.markup(" ")
      page.element("span", count == 1 ? words.replacing("need ", with: "needs ").replacing("are ", with: "is ") : words)
      page.markup("</li>")
    }
    page.markup("</ul>\n")
    page.element("p", class: "sentence", report.summary)
    page.markup("\n")
  }

  /// The most changes that are listed.
  private static let maximumChanges = 40

  private func writeChanges(_ changes: [LicenceChange], to page: inout HTMLText) {
    guard !changes.isEmpty else { return }
    page.markup("<details open><summary>")
    page.text("Since the document before: \(Words.count(changes.count, "change"))")
    page.markup("</summary><ul class=\"changes\">\n")
    for change in changes.prefix(Self.maximumChanges) { page.element("li", change.sentence) }
    if changes.count > Self.maximumChanges { page.element("li", "and \(changes.count - Self.maximumChanges) more") }
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
    page.element("span", class: "product", row.key.text(.product) ?? "Product unknown")
    page.element("code", row.key.serial)
    if !row.type.isEmpty { page.element("span", class: "quiet", row.type) }
    page.markup("</th>\n<td data-label=\"State\">")
    page.element("span", class: assessment.states.contains(.unused) ? "badge idle" : "badge", assessment.words)
    page.markup("</td>\n<td data-label=\"Time left\">")
    writeTime(row, to: &page)
    page.markup("</td>\n<td data-label=\"Devices\">")
    writeUse(row, to: &page)
    page.markup("</td>\n<td data-label=\"Over time\">")
    PageDrawing.trend(usage, limit: assessment.limit, to: &page)
    page.markup("</td></tr>\n")
  }

  private func writeTime(_ row: LicenceReport.Row, to page: inout HTMLText) {
    guard let days = row.assessment.daysLeft else {
      page.element("span", class: "quiet", row.expiryDay == "never" ? "without end" : "unknown")
      return
    }
    let isOver = row.assessment.states.contains(.expired)
    let words =
      switch days {
      // Rounded down, they are one more than whole days ago.
      case ..<(-1): "ended \(Words.count(-days - 1, "day")) ago"
      case ...0: isOver ? "just ended" : "last day"
      default: Words.count(days, "day")
      }
    page.element("b", words)
    page.markup(" ")
    page.element("span", class: "quiet day", row.expiryDay)
    let isSoon = row.assessment.states.contains(.expiring)
    let urgency = min(row.assessment.urgency, isOver ? .critical : isSoon ? .warning : .fine)
    PageDrawing.bar(Double(max(0, days)) / Double(row.key.wholeDays), urgency, to: &page)
  }

  private func writeUse(_ row: LicenceReport.Row, to page: inout HTMLText) {
    guard let inUse = row.assessment.inUse else {
      page.element("span", class: "quiet", "unknown")
      return
    }
    page.element("b", "\(inUse)")
    page.markup(" ")
    let reserve = row.key.number(.reserve).flatMap { $0 > 0 ? ", \($0) in reserve" : nil } ?? ""
    page.element("span", class: "quiet", (row.assessment.limit.map { "of \($0)" } ?? "no limit") + reserve)
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
