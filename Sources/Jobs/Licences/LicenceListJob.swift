import Failures
import JobCore
import Languages
import LicenceReports
import MirrorTypes
import SiteDocuments
import SystemPackage

/// Lists licences, and says which of them somebody has to look after.
package struct LicenceListJob: Sendable, InContext {
  package let context: JobContext
  private let origin: LicenceOrigin
  private let warnDays: Int
  private let csv: CSVForm

  /// A job.
  ///
  /// - Parameters:
  ///   - origin: where the licences are read from.
  ///   - csv: who reads the CSV.
  ///   - warnDays: from how many days before its end a licence is worth a warning; `nil`: as the configuration says.
  package init(_ context: JobContext, origin: LicenceOrigin, warnDays: Int? = nil, csv: CSVForm = .standard) {
    self.context = context
    self.csv = csv
    self.origin = origin
    self.warnDays = warnDays ?? context.configuration.licence.warnDays
  }

  /// Reads the licences. Nothing is changed.
  package func run() async throws -> LicenceListReport {
    let gathering = LicenceGathering(context: context, origin: origin, site: configuration.site ?? "this-site")
    let gathered = try await gathering.gather()
    gathered.tellUnreadable(reporter)
    let now = clock.now
    let report = LicenceReport(gathered.document, now: now, warnDays: warnDays)
    return LicenceListReport(report, in: configuration.language, csv: csv)
  }
}

extension LicenceGathering.Gathered {
  /// Warns of what the server has told and nobody could read.
  func tellUnreadable(_ reporter: any JobReporter) {
    guard !unreadable.isEmpty else { return }
    let names = unreadable.sorted { $0.key < $1.key }.map { "\($0.key) of \($0.value)" }
    reporter.warning(
      "unreadable",
      "values of other kinds than documented were left out: \(names.joined(separator: ", "))"
    )
  }
}

/// Licences, and how they stand.
package struct LicenceListReport: Sendable, Encodable {
  /// The site.
  package let site: String
  /// When its data was taken.
  package let made: String
  /// From how many days before its end a licence is worth a warning.
  package let warnDays: Int
  /// The summary in a sentence, in English whatever the language: other programs read it.
  package let summary: String
  /// The same, as people read it.
  package let shownSummary: String
  /// The licences, the most urgent first.
  package let licences: [Line]
  /// Key files by name and digest.
  package let files: [File]
  /// The cells of a table, as people read it, with its head.
  package let rows: [[String]]
  /// The same as CSV.
  package let csv: String
  /// How a command ends that has listed them.
  package let status: ExitStatus

  private enum CodingKeys: String, CodingKey { case site, made, warnDays, summary, licences, files }

  /// A licence.
  package struct Line: Sendable, Encodable {
    /// The serial number.
    package let serial: String
    /// The product.
    package let product: String?
    /// The type in a word.
    package let type: String?
    /// When it runs out.
    package let expires: String?
    /// The days until then.
    package let daysLeft: Int?
    /// For how many devices it may be used.
    package let limit: Int?
    /// How many use it.
    package let inUse: Int?
    /// How many have it in reserve.
    package let reserve: Int?
    /// Its states, the most urgent first.
    package let states: [String]
    /// How urgent that is: `fine`, `warning`, `critical`.
    package let urgency: String
  }

  /// A key file.
  package struct File: Sendable, Encodable {
    /// Its name.
    package let name: String
    /// Its SHA-256.
    package let sha256: String?
  }

  init(_ report: LicenceReport, in language: Language, csv form: CSVForm = .standard) {
    shownSummary = report.summary(in: language)
    site = report.site
    made = report.made.text
    warnDays = report.warnDays
    summary = report.summary(in: .english)
    licences = report.rows.map { row in
      Line(
        serial: row.key.serial,
        product: row.key.text(.product),
        type: row.key.type?.word,
        expires: row.assessment.expiry?.text,
        daysLeft: row.assessment.daysLeft,
        limit: row.assessment.limit,
        inUse: row.assessment.inUse,
        reserve: row.key.number(.reserve),
        states: row.assessment.states.map(\.rawValue),
        urgency: "\(row.assessment.urgency)"
      )
    }
    files = report.files.map { File(name: $0.name, sha256: $0.digest?.hex) }
    rows = report.cells(in: language)
    csv = report.csv(for: form)
    status =
      switch report.worst {
      case .fine: .success
      case .warning: .licenceWarning
      case .critical: .licenceCritical
      }
  }
}
