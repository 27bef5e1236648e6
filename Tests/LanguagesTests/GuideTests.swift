import Foundation
import Languages
import TestSupport
import Testing

/// The guide in other languages has all that the English one has: the same sections, commands, paths and statuses.
@Suite struct GuideTests {
  private static func page(_ language: Language) throws -> [Substring] {
    let name = "kscmirror-guide.7"
    let path = language == .english ? name : "\(language.code)/\(name)"
    return try String(contentsOf: ManualPages.folder.appendingPathComponent(path), encoding: .utf8)
      .split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// What does not change with the language: macros with what they name, commands without their comments, statuses.
  private static func bones(_ lines: [Substring]) -> [String] {
    var bones: [String] = []
    var isLiteral = false
    for line in lines {
      if line.hasPrefix(".Bd -literal") { isLiteral = true }
      if line.hasPrefix(".Ed") { isLiteral = false }
      let words = line.split(separator: " ")
      switch words.first {
      case _ where isLiteral && !line.hasPrefix("."):
        let command = line.prefix { $0 != "#" }
        bones.append("command: " + command.split(separator: " ").joined(separator: " "))
      case ".Sh", ".Ss", ".Bl", ".El", ".Bd", ".br": bones.append(String(words[0]))
      case ".It":
        let isStatus = words.count == 2 && Int(words[1]) != nil
        bones.append(isStatus ? String(line) : ".It")
      case ".Cm", ".Fl", ".Pa", ".Li", ".Bq", ".Xr", ".Dt":
        let named = words.prefix { $0 != "Ar" }.filter { ![",", ".", ";", ":"].contains($0) }
        bones.append(named.joined(separator: " "))
      default: break
      }
    }
    return bones
  }

  @Test(arguments: [Language.spanish, .russian])
  func `a translated guide has the sections, commands, paths and statuses of the English one`(_ language: Language)
    throws
  {
    let english = Self.bones(try Self.page(.english)).sorted()
    let translated = Self.bones(try Self.page(language)).sorted()
    #expect(english.count > 250)
    let difference = translated.difference(from: english)
    let missing = difference.removals.map { change in if case .remove(_, let line, _) = change { line } else { "" } }
    let added = difference.insertions.map { change in if case .insert(_, let line, _) = change { line } else { "" } }
    #expect(missing == [] && added == [], "in \(language.code): missing \(missing), besides \(added)")
  }

  @Test(arguments: [Language.spanish, .russian])
  func `no sentence of a translated guide is left in English`(_ language: Language) throws {
    let english = Set(try Self.page(.english).filter { !$0.hasPrefix(".") && $0.contains(" ") })
    let page = try Self.page(language)
    var isLiteral = false
    for line in page {
      if line.hasPrefix(".Bd -literal") { isLiteral = true }
      if line.hasPrefix(".Ed") { isLiteral = false }
      guard !isLiteral, !line.hasPrefix(".") else { continue }
      #expect(!english.contains(line), "\(line)")
    }
  }
}
