import Foundation

/// The pages of the manual, as tests read them: mdoc.
package enum ManualPages {
  /// The folder of the pages.
  package static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Man")

  /// A part of a page.
  package struct Section: Sendable {
    /// The page's file.
    package let page: String
    /// The heading that it stands below: of `.Sh`, or of `.Ss`.
    package let heading: String
    /// Its lines.
    package var text: String
  }

  /// The names of all pages, sorted.
  package static func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasPrefix("kscmirror") }.sorted()
  }

  /// All sections of all pages.
  package static func sections() throws -> [Section] {
    var sections: [Section] = []
    for name in try names() {
      let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
      for line in text.split(separator: "\n") {
        if line.hasPrefix(".Ss ") || line.hasPrefix(".Sh ") {
          sections.append(Section(page: name, heading: String(line.dropFirst(4)), text: ""))
        } else if !sections.isEmpty, sections[sections.count - 1].page == name {
          sections[sections.count - 1].text += "\(line)\n"
        }
      }
    }
    return sections
  }

  /// The command lines of the program in the examples of all pages.
  package static func commandLines() throws -> [String] {
    var isExample = false
    return try sections().flatMap { $0.text.split(separator: "\n") }.compactMap { line in
      if line.hasPrefix(".Bd -literal") { isExample = true }
      if line.hasPrefix(".Ed") { isExample = false }
      guard isExample, line.hasPrefix("kscmirror ") else { return nil }
      return String(line.dropFirst("kscmirror ".count).prefix { $0 != "#" && $0 != "|" })
    }
  }

  /// The tables of JSON results by their headings, as `keys sign, keys accept` or `pack --spread`: the keys, such as
  /// `sites[].forecast.old`.
  package static func resultTables() throws -> [String: Set<String>] {
    var tables: [String: Set<String>] = [:]
    var inResults: String?
    for section in try sections() where section.page.hasSuffix(".1") {
      if section.heading == "JSON RESULT" { inResults = section.page }
      guard inResults == section.page, section.heading.hasPrefix("kscmirror ") else { continue }
      let items = section.text.split(separator: "\n").filter { $0.hasPrefix(".It Cm ") }.map { String($0.dropFirst(7)) }
      tables[String(section.heading.dropFirst(10).replacing("\\-", with: "-")), default: []].formUnion(items)
    }
    return tables
  }

  /// The keys of JSON results by command: of all tables that are about it.
  package static func resultKeys() throws -> [String: Set<String>] {
    try resultTables().reduce(into: [:]) { keys, table in
      for name in table.key.split(separator: ", ") {
        keys[name.components(separatedBy: " --")[0], default: []].formUnion(table.value)
      }
    }
  }
}
