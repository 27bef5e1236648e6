import Crypto
import FoundationEssentials
import MirrorTypes

/// The status page: HTML and a style, and nothing else. It asks for nothing from elsewhere and runs no script; its policy
/// forbids both.
struct StatusPage {
  private let status: WebStatus
  private let now: UTCTime

  /// - Parameter now: the present.
  init(_ status: WebStatus, now: UTCTime) {
    self.status = status
    self.now = now
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
    page.markup("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
    page.markup("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
    page.markup("<meta name=\"color-scheme\" content=\"light dark\">\n")
    // A picture of its own, so that no browser asks for one.
    page.markup("<link rel=\"icon\" href=\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' ")
    page.markup("viewBox='0 0 8 8'%3E%3Crect width='8' height='8' rx='2' fill='%234a6fa5'/%3E%3C/svg%3E\">\n")
    page.element("title", title)
    page.markup("\n<style>")
    page.markup(StatusPageStyle.css)
    page.markup("</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the content</a>\n<header>")
    page.element("h1", title)
    page.element("p", class: "quiet", "As of \(Words.time(now)).")
    page.markup("</header>\n<main id=\"main\">\n")
    writeSummary(&page)
    writeRun(&page)
    writeLicences(&page)
    writeComponents(&page)
    writePackages(&page)
    page.markup("</main>\n<footer class=\"quiet\"><a href=\"/api/v1/status\">This as JSON</a> ")
    page.markup("<a href=\"/metrics\">Figures for Prometheus</a></footer>\n</body>\n</html>\n")
    return page.html
  }

  private var title: String { status.site.map { "Web store of \($0)" } ?? "Web store" }

  // MARK: - Parts

  private func writeSummary(_ page: inout PageText) {
    guard let release = status.release else {
      page.markup(
        "<p class=\"empty\">Nothing is published yet. Import a bundle, and this page shows what it holds.</p>\n"
      )
      return
    }
    page.markup("<ul class=\"summary\">")
    tile(&page, "none", "Release", "\(release.number)", "published \(Words.ago(release.published, now: now))")
    writeAge(of: release, &page)
    tile(&page, "none", "Content", Words.bytes(release.bytes), Words.count(release.files, "file"))
    page.markup("</ul>\n")
  }

  /// How old the databases are: all in all, and how many components.
  private func writeAge(of release: WebStatus.Release, _ page: inout PageText) {
    let age = release.age(now, by: status.limits)
    if let date = release.indexDate {
      tile(&page, Self.kind(age), "Databases of", Words.ago(date, now: now), "\(Self.word(age)): \(Words.time(date))")
    } else if release.hasIndex {
      tile(&page, Self.kind(age), "Databases of", "unknown date", "sealed \(Words.ago(release.created, now: now))")
    }
    let counts = [IndexAge.veryOld, .old, .unknown, .fresh].map { age in
      (age, status.components.count { $0.age == age })
    }
    let told = counts.filter { $0.1 > 0 }
    // Some components change rarely by their nature: alarming is what has nothing fresh in it.
    let worst = told.first?.0 ?? .noIndex
    let kind = told.count == 1 || !told.contains { $0.0 == .fresh } ? Self.kind(worst) : "none"
    let note = told.map { "\(Words.count($0.1)) \(Self.word($0.0).lowercased())" }.joined(separator: ", ")
    tile(&page, kind, "Components", Words.count(status.components.count), note)
  }

  private func tile(
    _ page: inout PageText,
    _ kind: StaticString,
    _ label: String,
    _ figure: String,
    _ note: String
  ) {
    page.markup("<li class=\"")
    page.markup(kind)
    page.markup("\">")
    page.element("span", class: "label", label)
    page.element("b", figure)
    page.element("span", class: "quiet", note)
    page.markup("</li>")
  }

  private func writeRun(_ page: inout PageText) {
    guard let run = status.lastRun else { return }
    page.markup("<section aria-labelledby=\"run\"><h2 id=\"run\">")
    page.text(run.job == "import" ? "Last import" : "Last \(run.job)")
    page.markup("</h2>\n<p class=\"run ")
    page.markup(run.succeeded ? "fine" : "critical")
    page.markup("\">")
    page.element("span", class: "badge", run.succeeded ? "Succeeded" : "Failed")
    page.text(" \(Words.ago(run.finished, now: now)) (\(Words.time(run.finished)))")
    if !run.message.isEmpty { page.text(": \(run.message)") }
    page.markup("</p></section>\n")
  }

  private func writeLicences(_ page: inout PageText) {
    guard !status.licences.isEmpty else { return }
    page.markup(
      "<section aria-labelledby=\"licences\"><h2 id=\"licences\">Licences to look at</h2>\n<ul class=\"plain\">"
    )
    for licence in status.licences {
      page.markup("<li class=\"warning\">")
      page.element("span", class: "badge", licence.problem.prefix(1).uppercased() + licence.problem.dropFirst())
      page.text(" \(licence.name), \(licence.site)")
      if let ends = licence.ends { page.text(", ends \(Words.time(ends).prefix(10))") }
      page.markup("</li>")
    }
    page.markup("</ul></section>\n")
  }

  private func writeComponents(_ page: inout PageText) {
    guard !status.components.isEmpty else { return }
    page.markup("<section aria-labelledby=\"components\"><h2 id=\"components\">Components</h2>\n")
    page.markup(
      "<p class=\"quiet\">By the date of its own index: old from "
    )
    page.text("\(Words.span(status.limits.old)) on, very old from \(Words.span(status.limits.veryOld)) on. ")
    page.markup("Some components change rarely by their nature.</p>\n")
    page.markup("<table><thead><tr><th scope=\"col\">Component</th><th scope=\"col\">Index of</th>")
    page.markup(
      "<th scope=\"col\" class=\"figure\">Files</th><th scope=\"col\" class=\"figure\">Size</th></tr></thead>\n<tbody>"
    )
    let order: [IndexAge: Int] = [.veryOld: 0, .old: 1, .unknown: 2, .fresh: 3, .noIndex: 4]
    for component in status.components.sorted(by: {
      (order[$0.age] ?? 0, $0.name) < (order[$1.age] ?? 0, $1.name)
    }) {
      page.markup("<tr class=\"")
      page.markup(Self.kind(component.age))
      page.markup("\"><th scope=\"row\">")
      page.element("span", class: "name", component.name.isEmpty ? "(no component)" : component.name)
      page.element("span", class: "quiet", component.source)
      page.markup("</th><td data-label=\"Index of\"><span>")
      page.element("span", class: "badge", Self.word(component.age))
      if let date = component.indexDate {
        page.text(" \(Words.ago(date, now: now)) ")
        page.element("span", class: "quiet", Words.time(date))
      } else {
        page.text(" ")
        page.element("span", class: "quiet", "arrived \(Words.ago(component.arrived, now: now))")
      }
      page.markup("</span></td>")
      page.cell("Files", class: "figure", Words.count(component.files))
      page.cell("Size", class: "figure", Words.bytes(component.bytes))
      page.markup("</tr>\n")
    }
    page.markup("</tbody></table></section>\n")
  }

  private func writePackages(_ page: inout PageText) {
    guard !status.packages.isEmpty else { return }
    page.markup("<section aria-labelledby=\"packages\"><h2 id=\"packages\">Packages</h2>\n")
    page.markup(
      "<table class=\"packages\"><thead><tr><th scope=\"col\">Package</th><th scope=\"col\" class=\"figure\">Size</th>"
    )
    page.markup("<th scope=\"col\">SHA-256</th></tr></thead>\n<tbody>")
    for package in status.packages {
      page.markup("<tr><th scope=\"row\"><a href=\"")
      page.text("/" + PercentEncoding.encoded(package.path))
      page.markup("\">")
      page.text(package.path.removing(prefix: "packages/") ?? package.path)
      page.markup("</a></th>")
      page.cell("Size", class: "figure", Words.bytes(package.bytes))
      page.markup("<td data-label=\"SHA-256\">")
      page.element("code", package.sha256)
      page.markup("</td></tr>\n")
    }
    page.markup("</tbody></table>")
    if status.packageCount > status.packages.count {
      page.element("p", class: "quiet", "and \(Words.count(status.packageCount - status.packages.count)) more")
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

  private static func word(_ age: IndexAge) -> String {
    switch age {
    case .fresh: "Fresh"
    case .old: "Old"
    case .veryOld: "Very old"
    case .unknown: "Unknown age"
    case .noIndex: "No index"
    }
  }
}
