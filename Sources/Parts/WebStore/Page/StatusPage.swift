import Crypto
import FoundationEssentials
import Languages
import MirrorTypes

/// The status page: HTML and a style, and nothing else. It asks for nothing from elsewhere and runs no script; its policy
/// forbids both. What other programs have written, such as what a run said, stands in it as it is.
struct StatusPage {
  private let status: WebStatus
  private let now: UTCTime
  private let language: Language

  /// - Parameters:
  ///   - now: the present.
  ///   - language: what it is written in.
  init(_ status: WebStatus, now: UTCTime, in language: Language) {
    self.status = status
    self.now = now
    self.language = language
  }

  /// The value of the `Content-Security-Policy` field that goes with it.
  static let policy: String = {
    let digest = SHA256.hash(data: Array("\(StatusPageStyle.css)".utf8))
    return "default-src 'none'; style-src 'sha256-\(Data(digest).base64EncodedString())'; img-src data:; "
      + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
  }()

  /// All of it.
  var html: String {
    var page = PageText()
    page.markup("<!DOCTYPE html>\n<html lang=\"")
    page.text(language.code)
    page.markup("\">\n<head>\n<meta charset=\"utf-8\">\n")
    page.markup("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
    page.markup("<meta name=\"color-scheme\" content=\"light dark\">\n")
    // A picture of its own, so that no browser asks for one.
    page.markup("<link rel=\"icon\" href=\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' ")
    page.markup("viewBox='0 0 8 8'%3E%3Crect width='8' height='8' rx='2' fill='%234a6fa5'/%3E%3C/svg%3E\">\n")
    page.element("title", title)
    page.markup("\n<style>")
    page.markup(StatusPageStyle.css)
    page.markup("</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">")
    page.text(language.text(.skip))
    page.markup("</a>\n<header>")
    page.element("h1", title)
    page.element("p", class: "quiet", language.text(.asOf, language.time(now)))
    page.markup("</header>\n<main id=\"main\">\n")
    writeSummary(&page)
    writeRun(&page)
    writeLicences(&page)
    writeComponents(&page)
    writePackages(&page)
    page.markup("</main>\n<footer class=\"quiet\"><a href=\"/api/v1/status\">")
    page.text(language.text(.asJSON))
    page.markup("</a> <a href=\"/metrics\">")
    page.text(language.text(.figures))
    page.markup("</a></footer>\n</body>\n</html>\n")
    return page.html
  }

  private var title: String { status.site.map { language.text(.webStoreOf, $0) } ?? language.text(.webStore) }

  // MARK: - Parts

  private func writeSummary(_ page: inout PageText) {
    guard let release = status.release else {
      page.element("p", class: "empty", language.text(.nothingPublished))
      return
    }
    page.markup("<ul class=\"summary\">")
    let published = language.text(.publishedAt, language.ago(release.published, now: now))
    tile(&page, "none", .release, "\(release.number)", published)
    writeAge(of: release, &page)
    tile(&page, "none", .content, language.bytes(release.bytes), language.count(release.files, .files))
    page.markup("</ul>\n")
  }

  /// How old the databases are: all in all, and how many components.
  private func writeAge(of release: WebStatus.Release, _ page: inout PageText) {
    let age = release.age(now, by: status.limits)
    if let date = release.indexDate {
      let note = "\(language.text(age.ofDatabases)): \(language.time(date))"
      tile(&page, Self.kind(age), .databasesOf, language.ago(date, now: now), note)
    } else if release.hasIndex {
      let note = language.text(.sealedAt, language.ago(release.created, now: now))
      tile(&page, Self.kind(age), .databasesOf, language.text(.unknownDate), note)
    }
    let counts = [IndexAge.veryOld, .old, .unknown, .fresh].map { age in
      (age, status.components.count { $0.age == age })
    }
    let told = counts.filter { $0.1 > 0 }
    // Some components change rarely by their nature: alarming is what has nothing fresh in it.
    let worst = told.first?.0 ?? .noIndex
    let kind = told.count == 1 || !told.contains { $0.0 == .fresh } ? Self.kind(worst) : "none"
    let note = told.map { language.count($0.1, $0.0.ofSome) }.joined(separator: ", ")
    tile(&page, kind, .components, language.number(status.components.count), note)
  }

  private func tile(
    _ page: inout PageText,
    _ kind: StaticString,
    _ label: Phrase,
    _ figure: String,
    _ note: String
  ) {
    page.markup("<li class=\"")
    page.markup(kind)
    page.markup("\">")
    page.element("span", class: "label", language.text(label))
    page.element("b", figure)
    page.element("span", class: "quiet", note)
    page.markup("</li>")
  }

  private func writeRun(_ page: inout PageText) {
    guard let run = status.lastRun else { return }
    page.section("run", language.text(run.job == "import" ? .lastImport : .lastSync))
    page.markup("<p class=\"run ")
    page.markup(run.succeeded ? "fine" : "critical")
    page.markup("\">")
    page.element("span", class: "badge", language.text(run.succeeded ? .succeeded : .failed))
    page.text(" \(language.ago(run.finished, now: now)) (\(language.time(run.finished)))")
    if !run.message.isEmpty {
      page.markup(": <span lang=\"en\">")
      page.text(run.message)
      page.markup("</span>")
    }
    page.markup("</p></section>\n")
  }

  private func writeLicences(_ page: inout PageText) {
    guard !status.licences.isEmpty else { return }
    page.section("licences", language.text(.licencesToLookAt))
    page.markup("<ul class=\"plain\">")
    for licence in status.licences {
      page.markup("<li class=\"warning\">")
      page.element(
        "span",
        class: "badge",
        language.sentence(licence.shown.map { language.text($0) } ?? licence.problem)
      )
      page.text(" \(licence.name), \(licence.site)")
      if let ends = licence.ends { page.text(", \(language.text(.licenceEnds, language.day(ends)))") }
      page.markup("</li>")
    }
    page.markup("</ul></section>\n")
  }

  private func writeComponents(_ page: inout PageText) {
    guard !status.components.isEmpty else { return }
    page.section("components", language.text(.components))
    let (old, veryOld) = (language.span(status.limits.old), language.span(status.limits.veryOld))
    page.element("p", class: "quiet", language.text(.ageLimits, old, veryOld) + " " + language.text(.changeRarely))
    let (index, files, size) = (language.text(.indexOf), language.text(.files), language.text(.size))
    page.markup("\n<table>")
    page.head([(language.text(.component), nil), (index, nil), (files, "figure"), (size, "figure")])
    page.markup("<tbody>")
    let order: [IndexAge: Int] = [.veryOld: 0, .old: 1, .unknown: 2, .fresh: 3, .noIndex: 4]
    for component in status.components.sorted(by: {
      (order[$0.age] ?? 0, $0.name) < (order[$1.age] ?? 0, $1.name)
    }) {
      page.markup("<tr class=\"")
      page.markup(Self.kind(component.age))
      page.markup("\"><th scope=\"row\">")
      page.element("span", class: "name", component.name.isEmpty ? language.text(.noComponent) : component.name)
      page.element("span", class: "quiet", component.source)
      page.markup("</th><td data-label=\"")
      page.text(index)
      page.markup("\"><span>")
      page.element("span", class: "badge", language.text(component.age.ofOne))
      if let date = component.indexDate {
        page.text(" \(language.ago(date, now: now)) ")
        page.element("span", class: "quiet", language.time(date))
      } else {
        page.text(" ")
        page.element("span", class: "quiet", language.text(.arrivedAt, language.ago(component.arrived, now: now)))
      }
      page.markup("</span></td>")
      page.cell(files, class: "figure", language.number(component.files))
      page.cell(size, class: "figure", language.bytes(component.bytes))
      page.markup("</tr>\n")
    }
    page.markup("</tbody></table></section>\n")
  }

  private func writePackages(_ page: inout PageText) {
    guard !status.packages.isEmpty else { return }
    page.section("packages", language.text(.packages))
    let size = language.text(.size)
    page.markup("<table class=\"packages\">")
    page.head([(language.text(.packageHead), nil), (size, "figure"), ("SHA-256", nil)])
    page.markup("<tbody>")
    for package in status.packages {
      page.markup("<tr><th scope=\"row\"><a href=\"")
      page.text("/" + PercentEncoding.encoded(package.path))
      page.markup("\">")
      page.text(package.path.removing(prefix: "packages/") ?? package.path)
      page.markup("</a></th>")
      page.cell(size, class: "figure", language.bytes(package.bytes))
      page.markup("<td data-label=\"SHA-256\">")
      page.element("code", package.sha256)
      page.markup("</td></tr>\n")
    }
    page.markup("</tbody></table>")
    if status.packageCount > status.packages.count {
      let others = language.number(status.packageCount - status.packages.count)
      page.element("p", class: "quiet", language.text(.andMore, others))
    }
    page.markup("</section>\n")
  }

  private static func kind(_ age: IndexAge) -> StaticString {
    switch age {
    case .fresh: "fine"
    case .old: "warning"
    case .veryOld: "critical"
    case .unknown, .noIndex: "none"
    }
  }
}

extension IndexAge {
  /// Of one component.
  fileprivate var ofOne: Phrase {
    switch self {
    case .fresh: .fresh
    case .old: .old
    case .veryOld: .veryOld
    case .unknown: .unknownAge
    case .noIndex: .noIndex
    }
  }

  /// Of several components, by their number.
  fileprivate var ofSome: Counted {
    switch self {
    case .fresh: .freshOnes
    case .old: .oldOnes
    case .veryOld: .veryOldOnes
    case .unknown: .ofUnknownAge
    case .noIndex: .withoutIndex
    }
  }

  /// Of the databases of a release.
  fileprivate var ofDatabases: Phrase {
    switch self {
    case .fresh: .freshDatabases
    case .old: .oldDatabases
    case .veryOld: .veryOldDatabases
    case .unknown, .noIndex: ofOne
    }
  }
}
