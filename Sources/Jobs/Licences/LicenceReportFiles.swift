import FileSystem
import JobCore
import Languages
import LicenceReports
import MirrorTypes
import SiteDocuments
import SystemPackage

/// Writes what is known of a site's licences to files for people and for other programs.
struct LicenceReportFiles {
  let folder: FilePath
  /// What the page and the text are written in.
  let language: Language
  /// Who reads the CSV.
  let csv: CSVForm

  /// Writes `SITE.html`, `SITE.txt`, `SITE.csv` and `SITE.json`.
  ///
  /// - Returns: their paths.
  func write(_ history: LicenceHistory, _ report: LicenceReport) throws -> [String] {
    let page = LicencePage([history], now: report.now, warnDays: report.warnDays, in: language).html
    let table = "\(report.summary(in: language))\n\n\(report.table(in: language))"
    let texts = [("html", page), ("txt", table), ("csv", report.csv(for: csv)), ("json", report.json)]
    let place = try ReportFolder.open(folder)
    return try texts.map { suffix, text in
      let file = place.appending("\(report.site).\(suffix)")
      try file.replace(with: Array(text.utf8), permissions: ReportFolder.filePermissions)
      return "\(file)"
    }
  }
}
