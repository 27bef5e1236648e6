import Crypto
import Foundation
import Languages
import MirrorTypes
import TestSupport
import Testing

@testable import WebStore

/// The pages that the server makes itself.
struct StatusPageTests {
  private static let now = UTCTime(seconds: 1_764_000_000)

  private static let status = WebStatus(
    site: "plant-7",
    release: .init(
      number: 42,
      created: now - 90_000,
      published: now - 7200,
      files: 75_682,
      bytes: 4_400_000_000,
      indexDate: now - 100_000
    ),
    components: [
      component("KDB", "kaspersky", files: 6000, bytes: 900_000_000, date: now - 3 * 86_400 + 1),
      component("KSN", "kaspersky", files: 40, bytes: 1_100, date: now - 3 * 86_400),
      component("<script>alert(1)</script>", "a\"b", files: 1, bytes: 5, date: now - 8 * 86_400),
      component("APU", "kaspersky", files: 2, bytes: 6, date: nil),
    ],
    lastRun: .init(
      job: "import",
      started: now - 7300,
      finished: now - 7200,
      succeeded: false,
      message: "</p><img src=x onerror=alert(1)>\u{202E}"
    ),
    packages: [.init(path: "packages/a b/kesl&12.deb", bytes: 30_000_000, sha256: String(repeating: "ab", count: 32))],
    packageCount: 3,
    licences: [
      .init(name: "KESL <Server>", site: "hall", ends: now + 86_400, problem: "expiring", shown: .expiring)
    ],
    asOf: now
  )

  /// A component whose files all came a minute ago.
  private static func component(
    _ name: String,
    _ source: String,
    files: Int,
    bytes: Int64,
    date: UTCTime?
  ) -> WebStatus.Component {
    .init(
      name: name,
      source: source,
      files: files,
      bytes: bytes,
      indexDate: date,
      arrived: now - 60,
      age: IndexAge(of: date, now: now, by: .vendors)
    )
  }

  private var html: String { StatusPage(Self.status, now: Self.now, in: .english).html }

  @Test func `it tells the release, the age of each component, the last run, packages and licences`() {
    let html = html
    for words in [
      "Web store of plant-7", ">42<", "75,682 files", "4.10 GiB", "Last import", "Failed", "published 2 hours ago",
      "href=\"/packages/a%20b/kesl%2612.deb\"", ">a b/kesl&amp;12.deb<", String(repeating: "ab", count: 32),
      "and 2 more", "KESL &lt;Server&gt;, hall, ends 2025-11-25",
    ] {
      #expect(html.contains(words), "\(words)")
    }
    #expect(Self.status.components.map(\.age) == [.fresh, .old, .veryOld, .unknown])
    #expect(html.contains("1 very old, 1 old, 1 unknown age, 1 fresh") && html.contains("Fresh: "))
    #expect(html.contains("<tr class=\"critical\">") && html.contains("<tr class=\"warning\">"))
  }

  /// What stands between tags.
  private static func texts(_ html: String) -> Set<String> {
    let body = html.components(separatedBy: "<body>").last ?? html
    return Set(body.split(separator: /<[^>]*>/).map { String($0).trimmingCharacters(in: .whitespacesAndNewlines) })
  }

  @Test func `in Spanish and Russian nothing is left in English but names, and what a run has said`() {
    let names: Set<String> = [
      "KDB", "KSN", "APU", "kaspersky", "&lt;script&gt;alert(1)&lt;/script&gt;", "a&quot;b", "SHA-256", "42", "4",
      "6.000",
      "40", "1", "2", "", "a b/kesl&amp;12.deb", String(repeating: "ab", count: 32),
    ]
    let said = "&lt;/p&gt;&lt;img src=x onerror=alert(1)&gt;\\u{202e}"
    let english = Self.texts(html)
    #expect(english.count > 50)
    for language in [Language.spanish, .russian] {
      let page = StatusPage(Self.status, now: Self.now, in: language).html
      #expect(page.contains("<html lang=\"\(language.code)\">") && page.contains("<span lang=\"en\">"))
      let left = Self.texts(page).intersection(english).subtracting(names).subtracting([said])
      let words = left.filter { $0.contains(where: \.isLetter) && !["5 B", "6 B", "858 MiB"].contains($0) }
      #expect(words == [], "\(language)")
      // The labels that a narrow page shows are those of its table.
      for match in page.matches(of: /data-label="([^"]*)"/) {
        #expect(page.contains(">\(match.output.1)</th>"), "\(match.output.1)")
      }
    }
    let russian = StatusPage(Self.status, now: Self.now, in: .russian).html
    for words in [
      "Веб-хранилище: plant-7", "75\u{A0}682 файла", "4,10 ГиБ", "27 часов назад", "Скоро истекает", "срок: 25.11.2025",
      "1 очень старый, 1 старый, 1 неизвестного возраста, 1 свежий", "Последний импорт", "Ошибка",
    ] {
      #expect(russian.contains(words), "\(words)")
    }
  }

  @Test func `a browser gets the page in the language that it wishes, and any other in the store's`() async throws {
    try await ServerFixture().run { fixture in
      fixture.content.madeStatus.withLock {
        $0 = Self.status
        $0.language = .russian
      }
      for (wish, code) in [("es-MX, en;q=0.5", "es"), ("en", "en"), ("de", "ru"), ("de, *;q=0.1", "ru")] {
        let page = try await fixture.get("/", "Accept-Language: \(wish)")
        #expect(page.fields["content-language"] == code && page.fields["vary"] == "Accept-Language", "\(wish)")
        #expect(page.text.contains("<html lang=\"\(code)\">"), "\(wish)")
      }
      #expect(try await fixture.get("/").text.contains("Веб-хранилище: plant-7"))
      // What programs read is the same whatever anybody wishes.
      let plain = try await fixture.get("/api/v1/status")
      let wished = try await fixture.get("/api/v1/status", "Accept-Language: es")
      #expect(
        plain.body == wished.body && plain.text.contains("\"problem\":\"expiring\"") && !plain.text.contains("shown")
      )
    }
  }

  @Test func `a release of 2015 that was published a minute ago is very old, and nothing of it is green`() {
    let date = UTCTime(seconds: 1_445_992_380)
    var status = Self.status
    status.release?.indexDate = date
    status.release?.published = Self.now - 60
    status.lastRun = nil
    status.components = ["KDB", "KSN"].map { Self.component($0, "kaspersky", files: 1, bytes: 1, date: date) }
    let html = StatusPage(status, now: Self.now, in: .english).html
    #expect(html.contains("Very old: 2015-10-28 00:33") && html.contains("2 very old"), "\(html)")
    #expect(html.components(separatedBy: "class=\"critical\"").count == 5 && !html.contains("class=\"fine\""))
    // What is not known is not green either.
    status.release?.indexDate = nil
    status.components = [Self.component("KDB", "kaspersky", files: 1, bytes: 1, date: nil)]
    let unknown = StatusPage(status, now: Self.now, in: .english).html
    #expect(unknown.contains("unknown date") && !unknown.contains("class=\"fine\""), "\(unknown)")
  }

  @Test func `what comes from elsewhere is text and nothing else`() {
    #expect(!html.contains("<script") && !html.contains("<img") && !html.contains("\u{202E}"))
    #expect(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
  }

  @Test func `it asks for nothing from elsewhere, and its policy allows its own style alone`() throws {
    let html = html
    #expect(html.components(separatedBy: "http://").count == 2)
    #expect(html.contains("xmlns='http://www.w3.org/2000/svg'"))
    #expect(!html.contains("https://") && !html.contains(" src=\""))
    let style = try #require(html.components(separatedBy: "<style>").last?.components(separatedBy: "</style>").first)
    let digest = Data(SHA256.hash(data: Data(style.utf8))).base64EncodedString()
    #expect(StatusPage.policy.contains("style-src 'sha256-\(digest)'"))
    #expect(StatusPage.policy.hasPrefix("default-src 'none'"))
  }

  @Test func `the same is reported as JSON and to Prometheus`() async throws {
    try await ServerFixture().run { fixture in
      fixture.content.madeStatus.withLock { $0 = Self.status }
      let json = try await fixture.get("/api/v1/status")
      let object = try #require(try JSONSerialization.jsonObject(with: Data(json.body)) as? [String: Any])
      #expect((object["release"] as? [String: Any])?["number"] as? Int == 42)
      #expect(object["version"] as? Int == 2 && object["packageCount"] as? Int == 3)
      #expect(json.fields["content-type"] == "application/json")
      let figures = try await fixture.get("/metrics").text
      #expect(figures.contains("\nkscmirror_release_number 42\n"))
      #expect(
        figures.contains(
          "_index_seconds{source=\"kaspersky\",component=\"KDB\"} \(Self.now.seconds - 3 * 86_400 + 1)\n"
        )
      )
      #expect(figures.contains("_arrived_seconds{source=\"kaspersky\",component=\"APU\"} \(Self.now.seconds - 60)\n"))
      #expect(!figures.contains("_index_seconds{source=\"kaspersky\",component=\"APU\"}"))
      for age in ["fresh", "old", "very old", "unknown"] {
        #expect(figures.contains("\nkscmirror_components{age=\"\(age)\"} 1\n"), "\(age)")
      }
      #expect(figures.contains("\nkscmirror_release_age{age=\"fresh\"} 1\n"))
      #expect(figures.contains("\nkscmirror_release_age{age=\"very old\"} 0\n"))
      #expect(figures.contains("source=\"a\\\"b\""))
      #expect(figures.contains("\nkscmirror_last_run_succeeded{job=\"import\"} 0\n"))
      #expect(figures.contains("\nkscmirror_http_requests_total{class=\"2xx\"} 1\n"))
      let page = try await fixture.get("/")
      #expect(page.status == 200 && page.fields["content-security-policy"] == StatusPage.policy)
      // They have no entity tag, so that nothing is gained by keeping them.
      #expect(page.fields["cache-control"] == "no-store" && json.fields["cache-control"] == "no-store")
      let head = try await fixture.get("/", method: "HEAD")
      #expect(head.body.isEmpty && head.fields["content-length"] != nil)
    }
  }

  @Test func `two components of one name are one series, or a collector would refuse them all`() {
    var status = Self.status
    status.components += status.components.map { component in
      var other = component
      other.indexDate = component.indexDate?.adding(seconds: -5)
      return other
    }
    var text = PrometheusText()
    text.store(status)
    let series = text.text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { $0.prefix { $0 != " " } }
    #expect(series.contains { $0.contains("KDB") } && Set(series).count == series.count, "\(text.text)")
    #expect(text.text.contains("component=\"KDB\"} \(Self.now.seconds - 3 * 86_400 + 1)\n"))
  }

  @Test func `the page and the figures judge by the limits that are set`() {
    var status = Self.status
    status.limits = AgeLimits(old: 14 * 86_400, veryOld: 21 * 86_400)
    status.release?.indexDate = Self.now.adding(seconds: -10 * 86_400)
    #expect(
      StatusPage(status, now: Self.now, in: .english).html.contains("old from 14 days on, very old from 21 days on")
    )
    var text = PrometheusText()
    text.store(status)
    #expect(text.text.contains("kscmirror_release_age{age=\"fresh\"} 1\n"), "\(text.text)")
  }

  /// The page with all that it can have, for a browser: written to the folder that KSCMIRROR_PAGE names.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["KSCMIRROR_PAGE"] != nil, "KSCMIRROR_PAGE names no folder"))
  func `the page can be looked at`() throws {
    let folder = try #require(ProcessInfo.processInfo.environment["KSCMIRROR_PAGE"])
    for language in Language.allCases {
      let page = StatusPage(Self.status, now: Self.now, in: language).html
      try page.write(toFile: "\(folder)/status.\(language.code).html", atomically: true, encoding: .utf8)
    }
  }
}
